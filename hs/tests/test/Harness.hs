-- | What the tests share.
module Harness
  ( Test,
    rustCase,
    rustCaseWith,
    gateCase,
    within,
    eventually,
    failsWith,
    failsAs,
    waitFor,
    awaitStats,
    settled,
  )
where

import Control.Concurrent (yield)
import Control.Concurrent.Async (Async, wait)
import Control.Exception (try)
import Control.Monad (unless)
import Faulty.Gate
import RustBridge
import System.Timeout (timeout)
import Test.Tasty (TestName, TestTree)
import Test.Tasty.HUnit (Assertion, assertEqual, assertFailure, testCase)

-- | A test's computation.
type Test = RustT IO ()

-- | A test in a runtime of its own, after which nothing may be left.
rustCase :: TestName -> Test -> TestTree
rustCase name = rustCaseWith name defaultConfig

-- | The same with a configuration.
rustCaseWith :: TestName -> Config -> Test -> TestTree
rustCaseWith name config test = testCase name . within $ withRust config (test >> settled)

-- | The same with the gate closed.
gateCase :: TestName -> Config -> Test -> TestTree
gateCase name config test =
  testCase name . within . withGate $ withRust config (test >> liftIO openGate >> settled)

-- | Bounds a test: what hangs is a failure.
within :: IO a -> IO a
within action = timeout (60 * 1000 * 1000) action >>= maybe (assertFailure "it hangs") pure

-- | Asks again until it is so, letting others run in between; bounded by
-- 'within'.
eventually :: MonadIO m => m Bool -> m ()
eventually reached = do
  yes <- reached
  unless yes (liftIO yield >> eventually reached)

-- | The runtime's counters come to be so.
awaitStats :: MonadRust m => (Stats -> Bool) -> m ()
awaitStats so = eventually (so <$> rustStats)

-- | No slot and no StablePtr is left, without waiting: whoever let go has let go
-- of all.
settled :: Test
settled = do
  -- A cast has no caller who would know when its slot is freed.
  awaitStats ((== 0) . liveSlots)
  stats <- rustStats
  liftIO (assertEqual "StablePtrs left" 0 (stablePtrs stats))

-- | It ends with this.
waitFor :: (Eq a, Show a) => a -> Async a -> Assertion
waitFor expected running = wait running >>= assertEqual "its result" expected

-- | It throws this.
failsWith :: MonadUnliftIO m => RustException -> m a -> m ()
failsWith expected = failsAs (liftIO . assertEqual "the exception" expected)

-- | It throws something of which this holds.
failsAs :: MonadUnliftIO m => (RustException -> Assertion) -> m a -> m ()
failsAs check action = withRunInIO $ \run ->
  try (run action) >>= either check (const (assertFailure "it did not fail"))
