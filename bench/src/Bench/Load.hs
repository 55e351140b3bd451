-- | So many callers at once, for a while.
module Bench.Load
  ( Load (..),
    Samples,
    newSamples,
    underLoad,
    perRequest,
    perRequestOf,
    nanoseconds,
  )
where

import Bench.Candidate
import Bench.Histogram (Histogram, fromSamples)
import Control.Concurrent.Async (forConcurrently, forConcurrently_, wait, withAsync)
import Control.Concurrent.MVar (newEmptyMVar, putMVar, readMVar)
import Control.Monad (replicateM_)
import Data.Vector.Storable.Mutable (IOVector)
import qualified Data.Vector.Storable.Mutable as Mutable
import Data.Word (Word64)
import GHC.Clock (getMonotonicTimeNSec)

-- | What was seen.
data Load = Load
  { -- | Of each operation. A reading of the clock is in it.
    latencies :: !Histogram,
    -- | Requests answered in a second, or handled, of all callers together.
    throughput :: !Double
  }

-- | Where latencies are written while it is measured: memory that is there
-- before, and that no collection looks into.
newtype Samples = Samples (IOVector Word64)

-- | Room for a million.
newSamples :: IO Samples
newSamples = Samples <$> Mutable.replicate (1024 * 1024) 0

-- | Has so many callers do it over and over, until so many nanoseconds are over
-- or there is no more room for latencies.
underLoad :: Samples -> Word64 -> Int -> Candidate -> (Caller -> IO ()) -> IO Load
underLoad (Samples samples) duration count way operation =
  withCallers way count $ \callers -> do
    opened <- newEmptyMVar
    let room = Mutable.length samples `div` count
        caller (index, one) = do
          end <- readMVar opened
          let from = index * room
          begin <- getMonotonicTimeNSec
          done <- timed samples (operation one) from (from + room) end begin
          pure (from, done - from)
    withAsync (forConcurrently (zip [0 ..] callers) caller) $ \all' -> do
      start <- getMonotonicTimeNSec
      putMVar opened (start + duration)
      parts <- wait all'
      handled way
      end <- getMonotonicTimeNSec
      seen <- fromSamples samples parts
      pure (Load seen (1e9 * fromIntegral (requests way * sum (map snd parts)) / fromIntegral (end - start)))

-- | Writes a latency after the other; returns the place after the last.
timed :: IOVector Word64 -> IO () -> Int -> Int -> Word64 -> Word64 -> IO Int
timed samples operation = go
  where
    go place beyond end before
      | place == beyond || before >= end = pure place
      | otherwise = do
        operation
        now <- getMonotonicTimeNSec
        Mutable.unsafeWrite samples place (now - before)
        go (place + 1) beyond end now
{-# INLINE timed #-}

-- | Nanoseconds per request, of so many callers that do it so many times each.
perRequest :: Int -> Int -> Candidate -> IO Double
perRequest = perRequestOf echo

-- | The same for something else that callers do. Many of them are started
-- before, one does it in this thread.
perRequestOf :: (Caller -> IO ()) -> Int -> Int -> Candidate -> IO Double
perRequestOf operation count each way =
  withCallers way count $ \callers -> case callers of
    [one] -> measured (replicateM_ each (operation one))
    _ -> do
      opened <- newEmptyMVar
      withAsync (forConcurrently_ callers (\one -> readMVar opened >> replicateM_ each (operation one))) $ \all' ->
        measured (putMVar opened () >> wait all')
  where
    measured act = nanoseconds (requests way * count * each) (act >> handled way)

-- | Of something that does an operation so many times.
nanoseconds :: Int -> IO () -> IO Double
nanoseconds count act = do
  start <- getMonotonicTimeNSec
  act
  end <- getMonotonicTimeNSec
  pure (fromIntegral (end - start) / fromIntegral count)
