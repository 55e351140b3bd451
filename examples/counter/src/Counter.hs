{-# LANGUAGE DerivingStrategies #-}
{-# LANGUAGE GeneralizedNewtypeDeriving #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE TypeFamilies #-}

-- | The requests of the counter, typed.
module Counter (Add (..), Total (..), Divide (..)) where

import Data.Store (Store)
import Data.Word (Word64)
import RustBridge

-- | Adds to the total.
newtype Add = Add Word64 deriving newtype (Store)

instance Cast Add where
  castMethod _ = "counter.add"

-- | Asks for the total.
newtype Total = Total () deriving newtype (Store)

instance Call Total where
  type Response Total = Word64
  callMethod _ = "counter.total"

-- | Divides one number by another.
newtype Divide = Divide (Word64, Word64) deriving newtype (Store)

instance Call Divide where
  type Response Divide = Word64
  callMethod _ = "counter.divide"
