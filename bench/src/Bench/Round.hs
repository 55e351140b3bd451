{-# LANGUAGE NumericUnderscores #-}

-- | Measuring everything once, shortly.
module Bench.Round
  ( Round (..),
    measureRound,
    callers,
  )
where

import Bench.Noop (noop)
import Bench.Request
import Control.Concurrent.Async (replicateConcurrently_)
import Control.Monad (replicateM_, unless)
import GHC.Clock (getMonotonicTimeNSec)
import RustBridge

-- | Nanoseconds per operation. All of them were measured within some tens of
-- milliseconds, so that their ratios mean something: what a wake-up costs
-- changes tenfold with the state that the processor's idle loop is in, and
-- other programs come and go.
data Round = Round
  { -- | A round trip between two threads of Rust, over two flume channels.
    twoHops :: !Double,
    -- | The same, with each thread where the system puts it: on another, idle
    -- processor, for instance, which has to be roused.
    placedHops :: !Double,
    -- | A @safe@ import that does nothing.
    safeNoop :: !Double,
    -- | A call, of one thread that makes one after the other.
    sequentialCall :: !Double,
    -- | The same, with each thread where the system puts it.
    placedCall :: !Double,
    -- | A call, where so many threads as 'callers' says make them at once.
    concurrentCall :: !Double,
    -- | A cast, until its handler has ended.
    handledCast :: !Double
  }

-- | The threads of 'concurrentCall'.
callers :: Int
callers = 64

-- | Measures a round. To be run in an unbound thread, which is what most
-- threads of a program are; @main@ is a bound one.
measureRound :: RustT IO Round
measureRound = do
  -- The two that are compared by wake-ups stand side by side, in one place: see
  -- bench/engine/src/pin.rs.
  callRust (Pin True)
  hops <- callRust (Hops 500)
  sequential <- perOperation 500 (replicateM_ 500 echo)
  callRust (Pin False)
  placedHops' <- callRust (Hops 500)
  placed <- perOperation 500 (replicateM_ 500 echo)
  safe <- perOperation 200_000 (liftIO (replicateM_ 200_000 noop))
  concurrent <- perOperation (callers * 200) $
    withRunInIO $ \run -> replicateConcurrently_ callers (run (replicateM_ 200 echo))
  Round hops placedHops' safe sequential placed concurrent <$> casts 20_000

-- | The queue is bounded and far shorter than the run of casts, so what is
-- measured is handling them as well as sending them, at the pace of the slower
-- side. The last call is handled after them all, by the same worker, and its
-- answer says how many that were.
casts :: Int -> RustT IO Double
casts count = do
  before <- callRust Ticks
  perOperation count $ do
    replicateM_ count (castRust (Tick 1))
    after <- callRust Ticks
    unless (after - before == fromIntegral count) $ liftIO (fail "casts got lost")

echo :: RustT IO ()
echo = do
  answer <- callRust record
  unless (answer == record) $ liftIO (fail "another record came back")
  where
    record = Echo {number = 1, measure = 2.5, flag = True}

-- | Runs something that does the operation so many times.
perOperation :: MonadIO m => Int -> m () -> m Double
perOperation count act = do
  start <- liftIO getMonotonicTimeNSec
  act
  end <- liftIO getMonotonicTimeNSec
  pure (fromIntegral (end - start) / fromIntegral count)
