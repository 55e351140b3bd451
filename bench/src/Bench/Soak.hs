{-# LANGUAGE NumericUnderscores #-}

-- | Many calls, a tenth of which never get their answer, and what is left of
-- them.
module Bench.Soak
  ( Soak (..),
    Tally (..),
    soak,
    callsOf,
    step,
    expected,
    growthAfter,
    growthLimit,
  )
where

import Bench.Memory (Bytes, resident)
import Bench.Request hiding (Bytes)
import Control.Concurrent (threadDelay, yield)
import Control.Concurrent.Async (AsyncCancelled (..), cancel, forConcurrently, waitCatch, withAsync)
import Control.Concurrent.MVar (newEmptyMVar, putMVar, takeMVar)
import Control.Exception (fromException, throwIO)
import Data.Foldable (toList)
import Data.List.NonEmpty (NonEmpty (..))
import Data.Maybe (isJust)
import GHC.Clock (getMonotonicTime)
import RustBridge
import System.Timeout (timeout)

-- | How many calls ended how.
data Tally = Tally
  { -- | With the right answer.
    answered :: !Int,
    -- | With 'Nothing' from 'callRustTimeout'.
    timedOut :: !Int,
    -- | Because their thread was cancelled, or by 'System.Timeout.timeout'.
    cancelled :: !Int,
    -- | In a way that they should not have.
    astray :: !Int
  }
  deriving (Eq, Show)

instance Semigroup Tally where
  Tally a b c d <> Tally a' b' c' d' = Tally (a + a') (b + b') (c + c') (d + d')

instance Monoid Tally where
  mempty = Tally 0 0 0 0

-- | What a soak has found.
data Soak = Soak
  { tally :: Tally,
    -- | The runtime's counters, when all callers had gone; its totals of
    -- timeouts and cancellations are those of the soak.
    atEnd :: Stats,
    -- | The resident memory after each 'step' of the calls.
    residents :: NonEmpty Bytes,
    -- | How long it took.
    seconds :: Double
  }

-- | How many calls it was made of.
callsOf :: Soak -> Int
callsOf found = step * length (residents found)

-- | What the tally of so many calls has to be.
expected :: Int -> Tally
expected calls = mempty {answered = calls * 9 `div` 10, timedOut = calls `div` 20, cancelled = calls `div` 20}

-- | By how much the memory has grown at the worst time after so many steps. In
-- the first everything gets its size: stacks, heap, the allocators' pools, the
-- table of StablePtrs.
growthAfter :: Int -> Soak -> Bytes
growthAfter steps found = case drop (steps - 1) (toList (residents found)) of
  first : later -> maximum (0 : map (subtract first) later)
  [] -> 0

-- | What that has to stay below.
growthLimit :: Bytes
growthLimit = 8 * 1024 * 1024

-- | Runs the engine and soaks it with so many calls, at least a 'step', rounded
-- down to whole ones. Tells the action after each how many calls are done.
--
-- There are more callers than the queue has room for, so that calls are also
-- timed out and cancelled in the line before it; and two workers, so that they
-- are answered side by side.
soak :: Int -> (Int -> IO ()) -> IO Soak
soak calls tell = withRust defaultConfig {queueCapacity = 64, workers = 2} $ do
  before <- rustStats
  start <- liftIO getMonotonicTime
  steps <- mapM oneStep (1 :| [2 .. calls `div` step])
  end <- liftIO getMonotonicTime
  after <- settled 1000
  pure (Soak (foldMap fst steps) (after `since` before) (fmap snd steps) (end - start))
  where
    oneStep done = do
      tallies <- withRunInIO $ \run -> forConcurrently [1 .. threads] $ \_ -> run (caller mempty 1)
      -- Added up now: else the parts would be kept until the end, and be what grows.
      let sum' = mconcat tallies
      now <- sum' `seq` liftIO resident
      liftIO (tell (done * step))
      pure (sum', now)
    since after before =
      after
        { timeoutsTotal = timeoutsTotal after - timeoutsTotal before,
          cancellationsTotal = cancellationsTotal after - cancellationsTotal before
        }

-- | Calls between two looks at the memory.
step :: Int
step = threads * callsEach

-- | Their product is a hundred thousand.
threads, callsEach :: Int
threads = 250
callsEach = 400

-- | The calls of one thread.
caller :: Tally -> Int -> RustT IO Tally
caller before turn
  | turn > callsEach = pure before
  | otherwise = do
    end <- case turn `mod` 40 of
      0 -> cancelledCall
      10 -> timedOutCall
      20 -> interruptedCall
      30 -> timedOutCall
      _ -> answeredCall (fromIntegral turn)
    let now = before <> end
    now `seq` caller now (turn + 1)

answeredCall :: Double -> RustT IO Tally
answeredCall measured = do
  answer <- callRust record
  pure (if answer == record then mempty {answered = 1} else wrong)
  where
    record = Echo {number = 7, measure = measured, flag = False}

-- | The deadline that Rust keeps.
timedOutCall :: RustT IO Tally
timedOutCall = do
  answer <- callRustTimeout 100 endless
  pure (if isJust answer then wrong else mempty {timedOut = 1})

-- | The caller is killed, wherever it is by then: in the line, in the queue, or
-- with its handler under way.
cancelledCall :: RustT IO Tally
cancelledCall = withRunInIO $ \run -> do
  begun <- newEmptyMVar
  withAsync (putMVar begun () >> run (callRust endless)) $ \beside -> do
    takeMVar begun
    yield
    cancel beside
    end <- waitCatch beside
    case end of
      Right () -> pure wrong
      Left why
        | Just AsyncCancelled <- fromException why -> pure mempty {cancelled = 1}
        | otherwise -> throwIO why

-- | The caller is interrupted and lives on.
interruptedCall :: RustT IO Tally
interruptedCall = withRunInIO $ \run -> do
  answer <- timeout 100 (run (callRust endless))
  pure (if isJust answer then wrong else mempty {cancelled = 1})

wrong :: Tally
wrong = mempty {astray = 1}

-- | Half a minute: nobody waits so long.
endless :: Stall
endless = Stall 30_000_000

-- | A worker may be at a call whose caller has just gone; it sees that soon.
-- Looks so many times, a millisecond apart.
settled :: Int -> RustT IO Stats
settled looks = do
  stats <- rustStats
  if looks == 0 || (liveSlots stats == 0 && stablePtrs stats == 0)
    then pure stats
    else liftIO (threadDelay 1000) >> settled (looks - 1)
