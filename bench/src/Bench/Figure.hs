-- | From rounds to figures.
module Bench.Figure
  ( Figure (..),
    Comparison (..),
    figures,
    holds,
  )
where

import Bench.Round
import Data.List (sort)

-- | What one operation costs.
data Figure = Figure
  { operation :: String,
    -- | The median of all rounds.
    nanoseconds :: Double,
    -- | The round in which it cost least.
    atBest :: Double,
    comparison :: Maybe Comparison
  }

-- | What it costs in units of another one.
data Comparison = Comparison
  { base :: String,
    -- | The median of the ratios of all rounds, which is not the ratio of the
    -- medians: each ratio is of two figures that were measured together.
    ratio :: Double,
    -- | The ratio of what each costs at best. Wake-ups have modes: between two
    -- threads on one processor they cost a few microseconds, and ten times that
    -- where one has to be roused, and the two that are compared need not be in
    -- the same mode. At best both are in the fast one, so where this ratio and
    -- the other differ much, it was the machine that did it.
    ratioAtBest :: Double,
    -- | What the ratio is expected to stay below.
    limit :: Double
  }

-- | Whether the ratio is as expected.
holds :: Comparison -> Bool
holds compared = ratio compared < limit compared

-- | The figures of at least one round.
figures :: [Round] -> [Figure]
figures rounds =
  [ alone "two flume hops, within Rust" twoHops,
    alone "the same, on any processor" placedHops,
    alone "safe import that does nothing" safeNoop,
    compared "call, one caller" sequentialCall ("two hops", twoHops) 2,
    alone "the same, on any processor" placedCall,
    compared ("call, " ++ show callers ++ " callers at once") concurrentCall ("safe import", safeNoop) 15,
    compared "cast, sent and handled" handledCast ("safe import", safeNoop) 5
  ]
  where
    alone name cost = Figure name (median (map cost rounds)) (best cost) Nothing
    compared name cost (unit, costOfUnit) expected =
      (alone name cost)
        { comparison = Just (Comparison unit (median [cost one / costOfUnit one | one <- rounds]) (best cost / best costOfUnit) expected)
        }
    best cost = minimum (map cost rounds)

median :: [Double] -> Double
median values = sort values !! (length values `div` 2)
