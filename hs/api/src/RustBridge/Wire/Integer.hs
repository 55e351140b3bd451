{-# LANGUAGE LambdaCase #-}
{-# LANGUAGE MagicHash #-}
{-# LANGUAGE OverloadedStrings #-}
{-# OPTIONS_GHC -Wno-orphans #-}

-- | Numbers of any size. "RustBridge.Wire" brings these instances with the
-- class.
module RustBridge.Wire.Integer () where

import Control.Monad (when)
import Data.Primitive.ByteArray (ByteArray (..), indexByteArray)
import Data.Store (Peek, Poke, Size (..))
import Data.Store.Core (peekStorable, peekToByteArray, pokeFromByteArray, pokeStorable)
import Data.Word (Word64, Word8)
import GHC.Exts (Int (I#), sizeofByteArray#)
import GHC.Num.Integer (Integer (..))
import Numeric.Natural (Natural)
import RustBridge.Wire.Check (peekLength, peekTag, refuse)
import RustBridge.Wire.Class (Wire (..), wireLength)

-- | GHC keeps a number that fits into an 'Int' as that, and others as the limbs
-- that are sent, the last one not zero. Only what it would keep so is read: an
-- 'Integer' that is not in this form compares wrong.
instance Wire Integer where
  wireSize = VarSize $ \case
    IS _ -> 9
    IP limbs -> 9 + I# (sizeofByteArray# limbs)
    IN limbs -> 9 + I# (sizeofByteArray# limbs)
  wirePoke _ = \case
    IS small -> pokeTag 0 *> pokeStorable (I# small)
    IP limbs -> pokeTag 1 *> pokeLimbs (ByteArray limbs)
    IN limbs -> pokeTag 2 *> pokeLimbs (ByteArray limbs)
  wirePeek _ = do
    tag <- peekTag "Integer" 2
    case tag of
      0 -> toInteger <$> (peekStorable :: Peek Int)
      1 -> positive <$> peekLimbs 0x7fffffffffffffff
      _ -> negative <$> peekLimbs 0x8000000000000000
    where
      positive (ByteArray limbs) = IP limbs
      negative (ByteArray limbs) = IN limbs

-- | As the 'Integer' of the same value.
instance Wire Natural where
  wireSize = VarSize (wireLength . toInteger)
  wirePoke sender = wirePoke sender . toInteger
  wirePeek receiver = do
    number <- wirePeek receiver
    if number >= 0
      then pure (fromInteger number)
      else refuse (wireLength number) "the Natural is negative"

pokeTag :: Word8 -> Poke ()
pokeTag = pokeStorable

-- | The length in bytes, and the limbs, least significant first.
pokeLimbs :: ByteArray -> Poke ()
pokeLimbs (ByteArray limbs) = pokeStorable len *> pokeFromByteArray limbs 0 len
  where
    len = I# (sizeofByteArray# limbs)

-- | Limbs of a magnitude that is greater than this one.
peekLimbs :: Word64 -> Peek ByteArray
peekLimbs small = do
  len <- peekLength "Integer"
  when (len == 0 || len `rem` 8 /= 0) $ refuse 8 "the length of an Integer is not a multiple of 8 bytes"
  limbs <- peekToByteArray "Integer" len
  let top = indexByteArray limbs (len `quot` 8 - 1)
  when (top == 0 || len == 8 && top <= small) $ refuse len "the Integer is not in its shortest form"
  pure limbs
