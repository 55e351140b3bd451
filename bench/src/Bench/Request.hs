{-# LANGUAGE DeriveAnyClass #-}
{-# LANGUAGE DeriveGeneric #-}
{-# LANGUAGE DerivingStrategies #-}
{-# LANGUAGE GeneralizedNewtypeDeriving #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE TypeFamilies #-}

-- | The methods of the engine that is measured, as @engine/src@ has them.
module Bench.Request
  ( Echo (..),
    Short (..),
    Tick (..),
    Ticks (..),
    Stall (..),
    Hops (..),
    Bytes (..),
    Copies (..),
    Count (..),
    Pin (..),
  )
where

import Data.ByteString (ByteString)
import Data.Word (Word64)
import GHC.Generics (Generic)
import RustBridge (Call (..), Cast (..), Wire, nonblocking)

-- | A small record, which comes back as it is.
data Echo = Echo {number :: !Word64, measure :: !Double, flag :: !Bool}
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Wire)

instance Call Echo where
  type Response Echo = Echo
  callMethod _ = "bench.echo"

-- | The same, of a method that is marked as nonblocking.
newtype Short = Short Echo
  deriving stock (Eq, Show)
  deriving newtype (Wire)

instance Call Short where
  type Response Short = Echo
  callMethod _ = nonblocking "bench.short"

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

-- | Bytes, which come back as they are.
newtype Bytes = Bytes ByteString
  deriving stock (Generic)
  deriving anyclass (Wire)

instance Call Bytes where
  type Response Bytes = ByteString
  callMethod _ = "bench.bytes"

-- | So many bytes copied in Rust, so many times; answers the nanoseconds of one
-- time.
data Copies = Copies {size :: !Word64, times :: !Word64}
  deriving stock (Generic)
  deriving anyclass (Wire)

instance Call Copies where
  type Response Copies = Double
  callMethod _ = "bench.copies"

-- | Whether to count from here on what the Rust half allocates; answers the
-- allocations and bytes so far.
newtype Count = Count Bool
  deriving stock (Generic)
  deriving anyclass (Wire)

instance Call Count where
  type Response Count = (Word64, Word64)
  callMethod _ = "bench.count"

-- | Whether all threads keep to one processor from here on.
newtype Pin = Pin Bool
  deriving stock (Generic)
  deriving anyclass (Wire)

instance Call Pin where
  type Response Pin = ()
  callMethod _ = "bench.pin"
