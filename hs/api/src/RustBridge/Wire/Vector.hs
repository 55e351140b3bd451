{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE ScopedTypeVariables #-}
{-# OPTIONS_GHC -Wno-orphans #-}

-- | Vectors of numbers. "RustBridge.Wire" brings these instances with the class.
module RustBridge.Wire.Vector (Flat) where

import Control.Monad.IO.Class (liftIO)
import Data.Int (Int16, Int32, Int64, Int8)
import Data.Store (Size (..))
import Data.Store.Core (pokeStorable)
import Data.Vector.Storable (Vector)
import qualified Data.Vector.Storable as Vector
import qualified Data.Vector.Storable.Mutable as Mutable
import Data.Word (Word16, Word32, Word64, Word8)
import Foreign.ForeignPtr (castForeignPtr)
import Foreign.Marshal.Utils (copyBytes)
import Foreign.Ptr (castPtr)
import Foreign.Storable (Storable, sizeOf)
import RustBridge.Wire.Check (peekCount, peekTailLength)
import RustBridge.Wire.Class (Tail (..), Wire (..))
import RustBridge.Wire.Copy (pokeFrom, taking)
import RustBridge.Wire.Scalar ()

-- | Numbers that a vector of them is sent as: it lies in memory as it is sent.
-- An instance is a promise that 'Storable' writes what 'wirePoke' does, without
-- padding, and that all bytes are values.
class (Storable a, Wire a) => Flat a

instance Flat Int8

instance Flat Int16

instance Flat Int32

instance Flat Int64

instance Flat Int

instance Flat Word8

instance Flat Word16

instance Flat Word32

instance Flat Word64

instance Flat Word

instance Flat Float

instance Flat Double

instance Flat a => Wire (Vector a) where
  wireSize = VarSize $ \vector -> 8 + Vector.length vector * sizeOf (undefined :: a)
  {-# INLINE wireSize #-}
  wirePoke _ vector =
    pokeStorable (Vector.length vector)
      *> pokeFrom (Vector.unsafeWith vector) (Vector.length vector * sizeOf (undefined :: a))
  {-# INLINE wirePoke #-}
  wirePeek _ = do
    let unit = sizeOf (undefined :: a)
    count <- peekCount "Vector" unit
    taking (count * unit) $ \from -> do
      -- The numbers in the message may lie unaligned, these do not.
      vector <- Mutable.unsafeNew count
      Mutable.unsafeWith vector $ \to -> copyBytes (castPtr to) from (count * unit)
      Vector.unsafeFreeze vector
  {-# INLINE wirePeek #-}
  wirePeekTail _ end = do
    count <- peekTailLength "Vector" (sizeOf (undefined :: a)) (tailLength end)
    kept <- liftIO (tailKept end)
    pure (Vector.unsafeFromForeignPtr0 (castForeignPtr kept) count)
