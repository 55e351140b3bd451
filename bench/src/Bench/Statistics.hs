-- | Medians, and how far to believe them.
module Bench.Statistics
  ( median,
    quantile,
    noise,
    Estimate (..),
    estimate,
    ratioOf,
  )
where

import Data.List (sort)

-- | The middle one, or between the two in the middle. Of nothing it is not a
-- number.
median :: [Double] -> Double
median = quantile 0.5

-- | The value that this part of the values is below, from 0 to 1; between two
-- values in proportion.
quantile :: Double -> [Double] -> Double
quantile part values = case sort values of
  [] -> 0 / 0
  sorted -> low + (place - fromIntegral whole) * (high - low)
    where
      place = part * fromIntegral (length sorted - 1)
      whole = floor place :: Int
      low = sorted !! whole
      high = sorted !! min (whole + 1) (length sorted - 1)

-- | Two standard errors of the median: in 19 of 20 runs on a machine in the
-- same state it is no further from where more rounds would have put it.
--
-- By the quartiles, which a few disturbed rounds leave where they are. Of
-- normally distributed values half the distance between them is 0.6745 standard
-- deviations, and the median of n values scatters by 1.2533 of those, divided by
-- the root of n.
noise :: [Double] -> Double
noise values = 2 * half * (1.2533 / 0.6745) / sqrt (fromIntegral (length values))
  where
    half = (quantile 0.75 values - quantile 0.25 values) / 2

-- | A median and its 'noise'.
data Estimate = Estimate {middle :: !Double, within :: !Double}
  deriving (Eq, Show)

-- | From the rounds.
estimate :: [Double] -> Estimate
estimate values = Estimate (median values) (noise values)

-- | The ratio of two things that were measured in the same rounds: the median of
-- the ratios within a round, which is not the ratio of the medians. What slows
-- the machine down for a while slows down both.
ratioOf :: [Double] -> [Double] -> Estimate
ratioOf above below = estimate (zipWith (/) above below)
