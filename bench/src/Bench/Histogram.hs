-- | How often which latency was seen.
module Bench.Histogram
  ( Histogram,
    fromSamples,
    total,
    percentile,
    largest,
  )
where

import Control.Monad (forM_)
import Data.Bits (countLeadingZeros, shiftL, shiftR)
import Data.Vector.Storable.Mutable (IOVector)
import qualified Data.Vector.Storable.Mutable as Mutable
import Data.Vector.Unboxed (Vector)
import qualified Data.Vector.Unboxed as Vector
import qualified Data.Vector.Unboxed.Mutable as Unboxed
import Data.Word (Word64)

-- | Counts of nanoseconds, in buckets that are 1.6 % wide at most: below 128
-- each number has its own, above that each power of two has 64.
newtype Histogram = Histogram (Vector Int)

instance Semigroup Histogram where
  Histogram a <> Histogram b = Histogram (Vector.zipWith (+) a b)

instance Monoid Histogram where
  mempty = Histogram (Vector.replicate buckets 0)

buckets :: Int
buckets = bucket maxBound + 1

bucket :: Word64 -> Int
bucket value = 64 * power + fromIntegral (value `shiftR` power)
  where
    power = max 0 (57 - countLeadingZeros value)

-- | The middle of a bucket.
valueOf :: Int -> Double
valueOf place
  | place < 128 = fromIntegral place
  | otherwise = fromIntegral (place - 64 * power) * width + width / 2
  where
    power = place `div` 64 - 1
    width = fromIntegral ((1 :: Word64) `shiftL` power)

-- | Of these parts of the memory: from where, and how many.
fromSamples :: IOVector Word64 -> [(Int, Int)] -> IO Histogram
fromSamples samples parts = do
  counts <- Unboxed.replicate buckets 0
  forM_ parts $ \(from, count) ->
    forM_ [from .. from + count - 1] $ \place -> do
      value <- Mutable.unsafeRead samples place
      Unboxed.unsafeModify counts (+ 1) (bucket value)
  Histogram <$> Vector.unsafeFreeze counts

-- | How many there are.
total :: Histogram -> Int
total (Histogram counts) = Vector.sum counts

-- | What this part of them, from 0 to 1, is not above, in nanoseconds; 0 where
-- there are none.
percentile :: Double -> Histogram -> Double
percentile part histogram@(Histogram counts) = maybe 0 valueOf (Vector.findIndex (>= wanted) sums)
  where
    sums = Vector.scanl1 (+) counts
    wanted = max 1 (ceiling (part * fromIntegral (total histogram)))

-- | The slowest, in nanoseconds.
largest :: Histogram -> Double
largest = percentile 1
