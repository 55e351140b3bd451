{-# OPTIONS_GHC -Wno-orphans #-}

-- | The sums of the Prelude. "RustBridge.Wire" brings these instances with the
-- class.
module RustBridge.Wire.Choice () where

import RustBridge.Wire.Class

instance Wire Bool

instance Wire a => Wire (Maybe a) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}

instance (Wire a, Wire b) => Wire (Either a b) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}
