{-# LANGUAGE LambdaCase #-}
{-# LANGUAGE OverloadedStrings #-}
{-# OPTIONS_GHC -Wno-orphans #-}

-- | The sums of the Prelude. "RustBridge.Wire" brings these instances with the
-- class.
module RustBridge.Wire.Choice () where

import RustBridge.Wire.Check (peekTag, refuse)
import RustBridge.Wire.Class

instance Wire Bool

instance Wire a => Wire (Maybe a) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}
  wirePeekTail receiver end =
    peekTag "Maybe" 1 >>= \case
      0 -> refuse 1 "Nothing has no bytes that could lie elsewhere"
      _ -> Just <$> wirePeekTail receiver end

instance (Wire a, Wire b) => Wire (Either a b) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}
  wirePeekTail receiver end =
    peekTag "Either" 1 >>= \case
      0 -> Left <$> wirePeekTail receiver end
      _ -> Right <$> wirePeekTail receiver end
