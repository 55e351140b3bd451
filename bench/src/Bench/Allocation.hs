-- | What a request takes of memory, on both sides.
module Bench.Allocation
  ( Allocation (..),
    measureAllocation,
  )
where

import Bench.Candidate
import Bench.Load (perRequest)
import Bench.Memory (Bytes, resident)
import Bench.World
import Control.Concurrent (runInUnboundThread)
import Control.Monad (forM, void)
import Data.Int (Int64)
import GHC.Stats (allocated_bytes, getRTSStats)
import System.Mem (performMajorGC)

-- | Of one candidate.
data Allocation = Allocation
  { allocatingCandidate :: String,
    -- | Bytes in the Haskell heap for a request of one caller, of all threads.
    haskellBytes :: Double,
    -- | Allocations in the Rust half of this process, for a request.
    rustAllocations :: Double,
    -- | And their bytes.
    rustBytes :: Double,
    -- | The resident memory of this process after many callers.
    residentAfter :: Bytes
  }

-- | Needs the runtime system's option @-T@.
measureAllocation :: Int -> World -> IO [Allocation]
measureAllocation count world = runInUnboundThread $ do
  -- What looking takes, which is more the first time.
  (_, nothing, nothing') <- both (pure ()) >> both (pure ())
  forM (candidates world) $ \way -> do
    -- Once before, so that everything has its size.
    void (perRequest 1 count way)
    (haskell, allocations, bytes) <- both (void (perRequest 1 count way))
    void (perRequest 256 (max 1 (count `div` 256)) way)
    after <- resident
    let per number = fromIntegral number / fromIntegral (count * requests way)
    pure (Allocation (name way) (per haskell) (per (allocations - nothing)) (per (bytes - nothing')) after)
  where
    both :: IO () -> IO (Int64, Int64, Int64)
    both act = do
      before <- haskellSoFar
      void (counting world True)
      act
      (allocations, bytes) <- counting world False
      after <- haskellSoFar
      pure (after - before, fromIntegral allocations, fromIntegral bytes)

-- | The runtime system knows when it has collected.
haskellSoFar :: IO Int64
haskellSoFar = performMajorGC >> fromIntegral . allocated_bytes <$> getRTSStats
