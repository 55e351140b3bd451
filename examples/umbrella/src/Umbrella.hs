{-# LANGUAGE DerivingStrategies #-}
{-# LANGUAGE GeneralizedNewtypeDeriving #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE TypeFamilies #-}

-- | The requests of two engines that share one runtime.
module Umbrella (Greet (..), Stroke (..), Count (..)) where

import Data.ByteString (ByteString)
import Data.Store (Store)
import Data.Word (Word64)
import RustBridge

-- | Asks the greeter for a greeting; the name and the greeting in UTF-8.
newtype Greet = Greet ByteString deriving newtype (Store)

instance Call Greet where
  type Response Greet = ByteString
  callMethod _ = "greeter.greet"

-- | One more stroke on the tally.
newtype Stroke = Stroke () deriving newtype (Store)

instance Cast Stroke where
  castMethod _ = "tally.stroke"

-- | The strokes so far.
newtype Count = Count () deriving newtype (Store)

instance Call Count where
  type Response Count = Word64
  callMethod _ = "tally.count"
