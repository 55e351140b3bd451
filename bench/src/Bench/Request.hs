{-# LANGUAGE DeriveAnyClass #-}
{-# LANGUAGE DeriveGeneric #-}
{-# LANGUAGE DerivingStrategies #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE TypeFamilies #-}

-- | The methods of the engine that is measured, as @engine/src@ has them.
module Bench.Request
  ( Echo (..),
    Tick (..),
    Ticks (..),
    Stall (..),
    Hops (..),
    Pin (..),
  )
where

import Data.Word (Word64)
import GHC.Generics (Generic)
import RustBridge (Call (..), Cast (..), Wire)

-- | A small record, which comes back as it is.
data Echo = Echo {number :: !Word64, measure :: !Double, flag :: !Bool}
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Wire)

instance Call Echo where
  type Response Echo = Echo
  callMethod _ = "bench.echo"

-- | A message that is counted.
newtype Tick = Tick Word64
  deriving stock (Generic)
  deriving anyclass (Wire)

instance Cast Tick where
  castMethod _ = "bench.tick"

-- | How many of them were handled, since the engine was started.
data Ticks = Ticks
  deriving stock (Generic)
  deriving anyclass (Wire)

instance Call Ticks where
  type Response Ticks = Word64
  callMethod _ = "bench.ticks"

-- | Comes back when so many microseconds have passed, or its caller has gone.
newtype Stall = Stall Word64
  deriving stock (Generic)
  deriving anyclass (Wire)

instance Call Stall where
  type Response Stall = ()
  callMethod _ = "bench.stall"

-- | So many round trips between two threads of Rust, over two flume channels;
-- answers the nanoseconds of one.
newtype Hops = Hops Word64
  deriving stock (Generic)
  deriving anyclass (Wire)

instance Call Hops where
  type Response Hops = Double
  callMethod _ = "bench.hops"

-- | Whether all threads keep to one processor from here on.
newtype Pin = Pin Bool
  deriving stock (Generic)
  deriving anyclass (Wire)

instance Call Pin where
  type Response Pin = ()
  callMethod _ = "bench.pin"
