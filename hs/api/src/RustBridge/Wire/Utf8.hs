{-# LANGUAGE BangPatterns #-}
{-# LANGUAGE CPP #-}
{-# LANGUAGE MagicHash #-}
{-# LANGUAGE UnliftedFFITypes #-}

-- | Texts in UTF-8, whatever they are in memory.
module RustBridge.Wire.Utf8
  ( utf8Length,
    pokeUtf8,
  )
where

import Data.Store (Poke)
import Data.Text.Internal (Text (..))
#if MIN_VERSION_text(2,0,0)
import Data.Store.Core (pokeFromByteArray, pokeStorable)
import qualified Data.Text.Array as Text
#else
import Data.Bits (shiftL, unsafeShiftR, xor, (.&.), (.|.))
import Data.Primitive.ByteArray (MutableByteArray (..), newByteArray, readByteArray, writeByteArray)
import Data.Store.Core (Poke (..), pokeStatePtr)
import qualified Data.Text.Array as Text
import Data.Word (Word64, Word8)
import Foreign.C.Types (CSize (..))
import Foreign.Ptr (Ptr, minusPtr, plusPtr)
import Foreign.Storable (pokeByteOff)
import GHC.Exts (ByteArray#, Int (I#), MutableByteArray#, RealWorld, indexWord8ArrayAsWord64#)
import GHC.Word (Word64 (W64#))
#endif

-- | How many bytes a text takes in UTF-8.
utf8Length :: Text -> Int

-- | Writes that number, and the text.
pokeUtf8 :: Text -> Poke ()

#if MIN_VERSION_text(2,0,0)
utf8Length (Text _ _ len) = len
{-# INLINE utf8Length #-}

pokeUtf8 (Text (Text.ByteArray array) offset len) = pokeStorable len *> pokeFromByteArray array offset len
{-# INLINE pokeUtf8 #-}
#else
-- This text is in UTF-16. A loop over its characters would take ten times as
-- long for ASCII, and longer than all else that is done with a message: so eight
-- units are looked at together.
utf8Length (Text array@(Text.Array bytes) offset units) = eights 0 offset
  where
    end = offset + units
    eights, ones :: Int -> Int -> Int
    eights !len !at
      | at + 8 > end = ones len at
      | (four .|. next) .&. beyondAscii == 0 = eights (len + 8) (at + 8)
      | otherwise = eights (len + total (widths four + widths next)) (at + 8)
      where
        four = fourUnits bytes at
        next = fourUnits bytes (at + 4)
    ones !len !at
      | at == end = len
      | unit < 0x80 = ones (len + 1) (at + 1)
      | unit < 0x800 || unit .&. 0xf800 == 0xd800 = ones (len + 2) (at + 1)
      | otherwise = ones (len + 3) (at + 1)
      where
        unit = Text.unsafeIndex array at

-- Straight into the message, by the C function with which text itself fills a
-- ByteString. It does not look where the message ends: a Text has no surrogates
-- that are alone, so it writes as many bytes as 'utf8Length' says.
pokeUtf8 (Text (Text.Array bytes) offset units) = Poke $ \state at -> do
  let start = pokeStatePtr state `plusPtr` (at + 8)
  place@(MutableByteArray next) <- newByteArray 8
  writeByteArray place 0 start
  encodeTo next bytes (fromIntegral offset) (fromIntegral units)
  end <- readByteArray place 0 :: IO (Ptr Word8)
  let len = end `minusPtr` start
      !after = at + 8 + len
  pokeByteOff start (-8) len
  pure (after, ())

-- | Writes to the address that is in the first array; of the second one, after so
-- many units, so many. The address is then that of the end.
foreign import ccall unsafe "_hs_text_encode_utf8"
  encodeTo :: MutableByteArray# RealWorld -> ByteArray# -> CSize -> CSize -> IO ()

-- | Four units of UTF-16 are the lanes of a word, the first one lowest. They need
-- not lie as a word does.
fourUnits :: ByteArray# -> Int -> Word64
fourUnits bytes unit = W64# (indexWord8ArrayAsWord64# bytes byte)
  where
    !(I# byte) = 2 * unit
{-# INLINE fourUnits #-}

-- | Bits that are 0 in ASCII.
beyondAscii :: Word64
beyondAscii = each 0xff80

-- | In each lane, how many bytes its unit takes in UTF-8: one; one more from 0x80
-- on; one more from 0x800 on; and one less for each of the two surrogates that a
-- character of four bytes consists of.
widths :: Word64 -> Word64
widths units = from 0x80 units + from 0x800 units + from 0x800 (units `xor` each 0xd800)
  where
    -- 1 in the lanes that are as large as this or larger: there the sum, or the
    -- unit itself, has the highest bit.
    from least lanes = ((lanes .&. each 0x7fff) + each (0x8000 - least) .|. lanes) `unsafeShiftR` 15 .&. each 1
{-# INLINE widths #-}

-- | The sum of the lanes, if it is small.
total :: Word64 -> Int
total lanes = fromIntegral ((lanes * each 1) `unsafeShiftR` 48)
{-# INLINE total #-}

-- | The same in each lane.
each :: Word64 -> Word64
each lane = lane .|. lane `shiftL` 16 .|. lane `shiftL` 32 .|. lane `shiftL` 48
{-# INLINE each #-}
#endif
