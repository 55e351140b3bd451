{-# LANGUAGE OverloadedStrings #-}

-- | All that was measured, as JSON.
module Figures
  ( Figures (..),
    Built,
    builtWith,
    writeFigures,
  )
where

import Bench.Allocation
import Bench.Bound
import Bench.Histogram
import Bench.Quantity
import Bench.Round
import Bench.Soak
import Bench.Statistics
import Bench.Sweep
import Data.Aeson
import Data.Aeson.Types (Pair)
import qualified Data.ByteString.Lazy as Lazy
import Data.Foldable (toList)
import Data.Version (showVersion)
import GHC.Conc (getNumProcessors)
import Render (verdicts)
import System.Directory (createDirectoryIfMissing)
import System.FilePath ((</>))
import System.Info (fullCompilerVersion)
import System.Process (readProcess)

-- | What a run has found.
data Figures = Figures
  { built :: Built,
    isShort :: Bool,
    ofBounds :: Rounds,
    ofCallers :: [Cell],
    ofPayloads :: [PayloadCell],
    ofMemory :: [Allocation],
    ofSoak :: Soak
  }

-- | Compilers and processors.
data Built = Built {ghc, rustc :: String, processors :: Int}

-- | Of this program and this machine.
builtWith :: IO Built
builtWith = do
  -- "rustc 1.2.3 (commit date)"
  said <- readProcess "rustc" ["--version"] ""
  Built (showVersion fullCompilerVersion) (unwords (take 1 (drop 1 (words said)))) <$> getNumProcessors

-- | Writes @performance/figures.json@ in this folder.
writeFigures :: FilePath -> Figures -> IO ()
writeFigures folder figures = do
  createDirectoryIfMissing True (folder </> "performance")
  Lazy.writeFile (folder </> "performance" </> "figures.json") (encode figures <> "\n")

instance ToJSON Figures where
  toJSON figures =
    object
      [ "built" .= object ["ghc" .= ghc (built figures), "rustc" .= rustc (built figures), "processors" .= processors (built figures)],
        "short" .= isShort figures,
        "bounds" .= map boundOf (verdicts (ofBounds figures)),
        "quantities" .= [quantityOf one is | one <- quantities bounds, Just is <- [found (ofBounds figures) one]],
        "callers" .= map cellOf (ofCallers figures),
        "payloads" .= map payloadOf (ofPayloads figures),
        "memory" .= map allocationOf (ofMemory figures),
        "soak" .= soakOf (ofSoak figures)
      ]

boundOf :: ((Bound, Estimate), Verdict) -> Value
boundOf ((one, is), verdict) =
  object
    [ "above" .= title (above one),
      "below" .= title (below one),
      "place" .= show (place (above one)),
      "ratio" .= middle is,
      "noise" .= within is,
      "sense" .= show (sense one),
      "bound" .= bound one,
      "aim" .= aim one,
      "recorded" .= recorded one,
      "verdict" .= show verdict
    ]

quantityOf :: Quantity -> Estimate -> Value
quantityOf one is = object ["quantity" .= title one, "place" .= show (place one), "nanoseconds" .= middle is, "noise" .= within is]

cellOf :: Cell -> Value
cellOf cell =
  object $
    [ "candidate" .= candidateName cell,
      "capabilities" .= capabilities (condition cell),
      "callers" .= callers (condition cell),
      "busy" .= busy (condition cell),
      "operations" .= total (seen cell),
      "requests_per_second" .= middle (rate cell),
      "noise" .= within (rate cell)
    ]
      ++ [name .= percentile part (seen cell) | (name, part) <- [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)]]
      ++ distribution cell

-- | Of the conditions that are drawn: nines, ten steps for each.
distribution :: Cell -> [Pair]
distribution cell =
  [ "distribution" .= [[part, percentile part (seen cell)] | nines <- [0 .. 40 :: Int], let part = 1 - 10 ** (negate (fromIntegral nines) / 10)]
    | capabilities (condition cell) == 2,
      not (busy (condition cell)),
      callers (condition cell) `elem` [1, 64]
  ]

payloadOf :: PayloadCell -> Value
payloadOf cell =
  object
    [ "candidate" .= payloadCandidate cell,
      "bytes" .= payloadBytes cell,
      "nanoseconds" .= middle (payloadCost cell),
      "noise" .= within (payloadCost cell)
    ]

allocationOf :: Allocation -> Value
allocationOf one =
  object
    [ "candidate" .= allocatingCandidate one,
      "haskell_bytes" .= haskellBytes one,
      "rust_allocations" .= rustAllocations one,
      "rust_bytes" .= rustBytes one,
      "resident_bytes" .= residentAfter one
    ]

soakOf :: Soak -> Value
soakOf soaked =
  object
    [ "calls" .= callsOf soaked,
      "seconds" .= seconds soaked,
      "answered" .= answered (tally soaked),
      "timed_out" .= timedOut (tally soaked),
      "cancelled" .= cancelled (tally soaked),
      "growth_after_a_tenth" .= growthAfter (max 1 (length (residents soaked) `div` 10)) soaked,
      "resident_bytes" .= zip [step, 2 * step ..] (toList (residents soaked))
    ]
