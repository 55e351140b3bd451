{-# LANGUAGE NumericUnderscores #-}

-- | What rs-in-hs promises about its cost, each a ratio of two things that are
-- measured in the same round.
module Bench.Bound
  ( Bound (..),
    Sense (..),
    Verdict (..),
    bounds,
    others,
    quantities,
    judge,
    fails,
  )
where

import Bench.Quantity
import Bench.Statistics (Estimate (..))
import Data.List (nubBy)

-- | A ratio, and what it has to be.
data Bound = Bound
  { above :: Quantity,
    below :: Quantity,
    sense :: Sense,
    -- | What the project has promised.
    bound :: Double,
    -- | What it would like to reach.
    aim :: Double,
    -- | What the guard lets pass. Looser than the bound where that is not
    -- reached (yet), so that what was reached is not lost again.
    recorded :: Double
  }

-- | On which side of the bound the ratio has to be.
data Sense = AtMost | AtLeast
  deriving (Eq, Show)

-- | What was found of it.
data Verdict
  = -- | As good as wanted.
    Reached
  | -- | Within the bound.
    Holds
  | -- | Not within the bound, but no worse than recorded, or by no more than
    -- the noise.
    Recorded
  | -- | Worse than recorded by more than the noise.
    Broken
  deriving (Eq, Show)

-- | Those whose candidates are there are measured.
bounds :: [Bound]
bounds =
  [ Bound queuedAlone (hops OnOneProcessor) AtMost 1.5 1.25 1.7,
    Bound queuedTogether safeNoop AtMost 10 6 22,
    Bound (sequential OnOneProcessor "plain design" 150) queuedAlone AtLeast 3 5 2.3,
    Bound (concurrent "plain design" 200) queuedTogether AtLeast 15 30 4,
    Bound (sequential Anywhere "direct" 20_000) safeNoop AtMost 3 2 4.5,
    Bound (sequential Anywhere "direct, nonblocking" 20_000) safeNoop AtMost 3 2 3.5,
    Bound (sequential Anywhere "cast" 20_000) safeNoop AtMost 3.5 2 7.5,
    Bound (sequential Anywhere "1,000 casts at once" 20) safeNoop AtMost 2 1 2,
    Bound (sequential Anywhere "batch of 1,000" 20) safeNoop AtMost 2 1 3,
    Bound (roundTrips "queued" 6) twoCopies AtMost 2 1.1 2,
    Bound (sequential OnOneProcessor "queued with a timeout" 300) queuedAlone AtMost 1.3 1 1.4,
    Bound (concurrent "queued with a timeout" 200) queuedTogether AtMost 1.3 1 1.6
  ]

queuedAlone, queuedTogether :: Quantity
queuedAlone = sequential OnOneProcessor "queued" 300
queuedTogether = concurrent "queued" 200

-- | What is measured and shown beside them.
others :: [Quantity]
others =
  [ hops Anywhere,
    sequential Anywhere "queued" 300,
    sequential Anywhere "plain design" 50,
    sequential Anywhere "foreign import by hand" 5_000,
    sequential Anywhere "Haskell thread" 2_000
  ]

-- | All that is to be measured for these bounds, and beside them, each once.
quantities :: [Bound] -> [Quantity]
quantities wanted = nubBy same (concatMap (\one -> [below one, above one]) wanted ++ others)
  where
    same one other = title one == title other && place one == place other

-- | What a measured ratio means for a bound.
judge :: Bound -> Estimate -> Verdict
judge promise ratio
  | middle ratio `within'` aim promise = Reached
  | middle ratio `within'` bound promise = Holds
  | atBest `within'` recorded promise = Recorded
  | otherwise = Broken
  where
    within' found limit = case sense promise of
      AtMost -> found <= limit
      AtLeast -> found >= limit
    -- Not a number, of too few rounds, is within nothing.
    atBest = case sense promise of
      AtMost -> middle ratio - within ratio
      AtLeast -> middle ratio + within ratio

-- | Whether the guard fails by it.
fails :: Verdict -> Bool
fails = (== Broken)
