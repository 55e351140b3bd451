-- | Candidates under many conditions, round by round.
module Bench.Sweep
  ( Condition (..),
    Cell (..),
    Span (..),
    sweepCallers,
    PayloadCell (..),
    sweepPayloads,
    payloadSizes,
  )
where

import Bench.Busy (withBusy)
import Bench.Candidate
import Bench.Floor (copies)
import Bench.Histogram (Histogram)
import Bench.Load
import Bench.Statistics (Estimate, estimate)
import Bench.World
import Control.Concurrent (runInUnboundThread)
import Control.Monad (forM, replicateM)
import qualified Data.ByteString as ByteString
import Data.List (transpose)
import Data.Maybe (catMaybes, isJust)
import Data.Word (Word64)

-- | How it is measured.
data Condition = Condition
  { capabilities :: !Int,
    callers :: !Int,
    -- | Whether each capability has other work.
    busy :: !Bool
  }
  deriving (Eq, Show)

-- | A candidate under a condition.
data Cell = Cell
  { candidateName :: String,
    condition :: Condition,
    -- | Of all rounds together.
    seen :: Histogram,
    -- | Requests in a second.
    rate :: Estimate
  }

-- | How often, and how many nanoseconds each time.
data Span = Span {rounds :: !Int, each :: !Word64}

-- | All candidates with so many callers, one after the other in each round.
sweepCallers :: Span -> Samples -> Condition -> World -> IO [Cell]
sweepCallers times samples how world = runInUnboundThread . perhapsBusy $ do
  found <- replicateM (rounds times) . forM (candidates world) $ \way ->
    underLoad samples (each times) (callers how) way echo
  pure (zipWith cell (candidates world) (transpose found))
  where
    perhapsBusy = if busy how then withBusy else id
    cell way loads =
      Cell
        { candidateName = name way,
          condition = how,
          seen = foldMap latencies loads,
          rate = estimate (map throughput loads)
        }

-- | Bytes there and back.
data PayloadCell = PayloadCell
  { payloadCandidate :: String,
    payloadBytes :: !Int,
    -- | Nanoseconds.
    payloadCost :: Estimate
  }

-- | From what fits in a register to what no cache holds.
payloadSizes :: [Int]
payloadSizes = [8, 64, 512, 4 * 1024, 32 * 1024, 256 * 1024, 1024 * 1024, 2 * 1024 * 1024, 16 * 1024 * 1024]

-- | One caller sends so many bytes there and back, by each candidate that can;
-- and the floor, copying them twice.
sweepPayloads :: Span -> Samples -> Int -> World -> IO [PayloadCell]
sweepPayloads times samples len world = runInUnboundThread $ do
  found <- replicateM (rounds times) $ do
    -- A copy takes about 1 ns for 8 bytes where it is quick.
    copied <- (2 *) <$> copies (floors world) len (max 4 (min 100000 (1024 * 1024 * 16 `div` len)))
    sent <- forM (candidates world) $ \way -> do
      can <- withCallers way 1 (pure . any (isJust . echoBytes))
      if can
        then Just . (,) (name way) . (1e9 /) . throughput <$> underLoad samples (each times) 1 way (maybe (pure ()) ($ bytes) . echoBytes)
        else pure Nothing
    pure (("two copies", copied) : catMaybes sent)
  pure [PayloadCell called len (estimate (map snd column)) | column@((called, _) : _) <- transpose found]
  where
    bytes = ByteString.replicate len 7
