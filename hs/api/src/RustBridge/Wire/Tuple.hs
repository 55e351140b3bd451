{-# OPTIONS_GHC -Wno-orphans #-}

-- | Tuples. "RustBridge.Wire" brings these instances with the class.
module RustBridge.Wire.Tuple () where

import RustBridge.Wire.Class

instance Wire ()

instance (Wire a, Wire b) => Wire (a, b) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}

instance (Wire a, Wire b, Wire c) => Wire (a, b, c) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}

instance (Wire a, Wire b, Wire c, Wire d) => Wire (a, b, c, d) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}

instance (Wire a, Wire b, Wire c, Wire d, Wire e) => Wire (a, b, c, d, e) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}

instance (Wire a, Wire b, Wire c, Wire d, Wire e, Wire f) => Wire (a, b, c, d, e, f) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}

instance (Wire a, Wire b, Wire c, Wire d, Wire e, Wire f, Wire g) => Wire (a, b, c, d, e, f, g) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}
