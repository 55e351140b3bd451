{-# LANGUAGE BangPatterns #-}
{-# LANGUAGE CPP #-}
{-# LANGUAGE MagicHash #-}

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
import Data.Bits (countTrailingZeros, shiftL, unsafeShiftL, unsafeShiftR, xor, (.&.), (.|.))
import Data.Store.Core (Poke (..), pokeStatePtr)
import qualified Data.Text.Array as Text
import Data.Word (Word16, Word32, Word64, Word8)
import Foreign.Ptr (Ptr, minusPtr, plusPtr)
import Foreign.Storable (pokeByteOff)
import GHC.Exts (ByteArray#, Int (I#), indexWord8ArrayAsWord64#)
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

-- Straight into the message, and in Haskell: this package has no foreign import.
-- It does not look where the message ends: a Text has no surrogates that are
-- alone, so it writes as many bytes as 'utf8Length' says. Nor does it write beyond
-- them for a moment: what is written ahead of its turn is a byte for each unit.
pokeUtf8 (Text array@(Text.Array bytes) offset units) = Poke $ \state at -> do
  let start = pokeStatePtr state `plusPtr` at
      end = offset + units
      eights, fours, ones :: Ptr Word8 -> Int -> IO (Ptr Word8)
      -- Most text is ASCII. Here a character of two bytes costs a European text
      -- no change of loop.
      eights !to !from
        | from + 8 > end = fours to from
        | (four .|. next) .&. beyondAscii == 0 = both >> eights (to `plusPtr` 8) (from + 8)
        | before == 0 || unit >= 0x800 = both >> fours (to `plusPtr` before) (from + before)
        | otherwise = do
          both
          poke2 to before (twoBytes unit)
          eights (to `plusPtr` before `plusPtr` 2) (from + before + 1)
        where
          four = fourUnits bytes from
          next = fourUnits bytes (from + 4)
          -- What it writes from the first unit on that is not ASCII is written over.
          both = pokeAscii to 0 four >> pokeAscii to 4 next
          {-# INLINE both #-}
          before
            | four .&. beyondAscii /= 0 = asciiBefore four
            | otherwise = 4 + asciiBefore next
          unit = unitAt (from + before)
      -- Characters of as many bytes mostly stand together.
      fours !to !from
        | from + 4 > end = ones to from
        | four .&. beyondAscii == 0 = pokeAscii to 0 four >> eights (to `plusPtr` 4) (from + 4)
        | unit < 0x80 = poke1 to 0 unit >> fours (to `plusPtr` 1) (from + 1)
        | unit < 0x800 =
          if allTwoBytes four
            then poke8 to 0 (twoBytes four) >> fours (to `plusPtr` 8) (from + 4)
            else poke2 to 0 (twoBytes four) >> fours (to `plusPtr` 2) (from + 1)
        | unit .&. 0xf800 /= 0xd800 =
          if allThreeBytes four
            then do
              pokeThree to 0 firstTwo third
              pokeThree to 1 firstTwo third
              pokeThree to 2 firstTwo third
              pokeThree to 3 firstTwo third
              fours (to `plusPtr` 12) (from + 4)
            else pokeThree to 0 firstTwo third >> fours (to `plusPtr` 3) (from + 1)
        | four .&. each 0xf800 == each 0xd800 = poke8 to 0 (fourBytes four) >> fours (to `plusPtr` 8) (from + 4)
        | otherwise = poke4 to 0 (fourBytes four) >> fours (to `plusPtr` 4) (from + 2)
        where
          four = fourUnits bytes from
          unit = four .&. 0xffff
          firstTwo = firstTwoOfThree four
          third = thirdOfThree four
      ones !to !from
        | from == end = pure to
        | unit < 0x80 = poke1 to 0 unit >> ones (to `plusPtr` 1) (from + 1)
        | unit < 0x800 = poke2 to 0 (twoBytes unit) >> ones (to `plusPtr` 2) (from + 1)
        | unit .&. 0xf800 /= 0xd800 = pokeThree to 0 (firstTwoOfThree unit) (thirdOfThree unit) >> ones (to `plusPtr` 3) (from + 1)
        | otherwise = poke4 to 0 (fourBytes (unit .|. second)) >> ones (to `plusPtr` 4) (from + 2)
        where
          unit = unitAt from
          second = unitAt (from + 1) `unsafeShiftL` 16
      unitAt :: Int -> Word64
      unitAt = fromIntegral . Text.unsafeIndex array
  after <- eights (start `plusPtr` 8) offset
  let size = after `minusPtr` start
      !done = at + size
  pokeByteOff start 0 (size - 8)
  pure (done, ())

-- | The lowest bytes of a word, at a distance.
poke1, poke2, poke4, poke8 :: Ptr Word8 -> Int -> Word64 -> IO ()
poke1 to ahead word = pokeByteOff to ahead (fromIntegral word :: Word8)
poke2 to ahead word = pokeByteOff to ahead (fromIntegral word :: Word16)
poke4 to ahead word = pokeByteOff to ahead (fromIntegral word :: Word32)
poke8 = pokeByteOff
{-# INLINE poke1 #-}
{-# INLINE poke2 #-}
{-# INLINE poke4 #-}
{-# INLINE poke8 #-}

-- | Four bytes. Two stores take fewer instructions than what makes one of them.
pokeAscii :: Ptr Word8 -> Int -> Word64 -> IO ()
pokeAscii to ahead four = poke2 to ahead pairs >> poke2 to (ahead + 2) (pairs `unsafeShiftR` 32)
  where
    pairs = four .|. four `unsafeShiftR` 8
{-# INLINE pokeAscii #-}

-- | The three bytes of one lane, after those of the lanes before it.
pokeThree :: Ptr Word8 -> Int -> Word64 -> Word64 -> IO ()
pokeThree to lane firstTwo third = do
  poke2 to (3 * lane) (firstTwo `unsafeShiftR` (16 * lane))
  poke1 to (3 * lane + 2) (third `unsafeShiftR` (16 * lane))
{-# INLINE pokeThree #-}

-- | How many lanes are ASCII before the first that is not.
asciiBefore :: Word64 -> Int
asciiBefore four = countTrailingZeros (four .&. beyondAscii) `unsafeShiftR` 4
{-# INLINE asciiBefore #-}

-- | In each lane, the two bytes of its unit.
twoBytes :: Word64 -> Word64
twoBytes lanes = each 0x80c0 .|. (lanes `unsafeShiftR` 6) .&. each 0x1f .|. (lanes .&. each 0x3f) `unsafeShiftL` 8
{-# INLINE twoBytes #-}

-- | In each lane, of the three bytes of its unit.
firstTwoOfThree, thirdOfThree :: Word64 -> Word64
firstTwoOfThree lanes = each 0x80e0 .|. (lanes `unsafeShiftR` 12) .&. each 0xf .|. (lanes `unsafeShiftL` 2) .&. each 0x3f00
thirdOfThree lanes = each 0x80 .|. lanes .&. each 0x3f
{-# INLINE firstTwoOfThree #-}
{-# INLINE thirdOfThree #-}

-- | In each half, the four bytes of its two surrogates.
fourBytes :: Word64 -> Word64
fourBytes lanes =
  halves 0x808080f0
    .|. (codes `unsafeShiftR` 18) .&. halves 0x7
    .|. (codes `unsafeShiftR` 4) .&. halves 0x3f00
    .|. (codes `unsafeShiftL` 10) .&. halves 0x3f0000
    .|. (codes .&. halves 0x3f) `unsafeShiftL` 24
  where
    codes = halves 0x10000 + (lanes .&. halves 0x3ff) `unsafeShiftL` 10 + (lanes `unsafeShiftR` 16) .&. halves 0x3ff
    halves half = half .|. half `shiftL` 32
{-# INLINE fourBytes #-}

-- | All from 0x80 on, and below 0x800.
allTwoBytes :: Word64 -> Bool
allTwoBytes lanes = (lanes + each 0x7f80) .&. each 0x8000 == each 0x8000 && lanes .&. each 0xf800 == 0
{-# INLINE allTwoBytes #-}

-- | All from 0x800 on, and no surrogates: of the highest five bits some are set,
-- and some are others than a surrogate's.
allThreeBytes :: Word64 -> Bool
allThreeBytes lanes = (high + each 0x1f) .&. ((high `xor` each 0x1b) + each 0x1f) .&. each 0x20 == each 0x20
  where
    high = (lanes `unsafeShiftR` 11) .&. each 0x1f
{-# INLINE allThreeBytes #-}

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
