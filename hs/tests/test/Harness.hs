{-# LANGUAGE FlexibleContexts #-}

-- | What the tests share.
module Harness
  ( Test,
    Path (..),
    onEach,
    notOn,
    rustCase,
    rustCaseWith,
    gateCase,
    within,
    eventually,
    gives,
    failsWith,
    failsAs,
    waitFor,
    awaitStats,
    settled,
  )
where

import Control.Concurrent (yield)
import Control.Concurrent.Async (Async, wait)
import Control.Exception (throwIO, try)
import Control.Monad (unless)
import Control.Monad.Trans.Reader (local)
import Faulty.Gate
import RustBridge
import System.Mem (performMajorGC)
import System.Timeout (timeout)
import Test.Tasty (TestName, TestTree, askOption, localOption, testGroup)
import Test.Tasty.HUnit (Assertion, assertEqual, assertFailure, testCase)
import Test.Tasty.Options (IsOption (..))

-- | A test's computation.
type Test = RustT IO ()

-- | The way that calls and casts take to the engine.
data Path
  = -- | 'callRust' and 'castRust'.
    Queued
  | -- | 'callRustDirect'.
    Direct
  | -- | 'callRustMany' and 'castRustMany', of one.
    Batch
  deriving (Eq, Show)

instance IsOption Path where
  defaultValue = Queued
  parseValue _ = Nothing
  optionName = pure "path"
  optionHelp = pure "set by the tests"

-- | The tests on each of these.
onEach :: [Path] -> [TestTree] -> TestTree
onEach paths tests =
  testGroup "on each path" [localOption path (testGroup (show path) tests) | path <- paths]

-- | A test that says nothing of these.
notOn :: [Path] -> TestTree -> TestTree
notOn paths test = askOption $ \path -> if path `elem` paths then testGroup "not on this path" [] else test

-- | Has the operations take the path.
taking :: Path -> RustT IO a -> RustT IO a
taking path action = RustT (local change (unRustT action))
  where
    change env = case path of
      Queued -> env
      Direct -> env {envCall = envCallDirect env}
      Batch -> env {envCall = callOne env, envCast = castOne env}

callOne :: Call request => RustEnv -> request -> IO (Response request)
callOne env request = do
  answers <- envCallMany env [request]
  case answers of
    [answer] -> either throwIO pure answer
    _ -> assertFailure "another number of answers than requests"

castOne :: Cast message => RustEnv -> message -> IO ()
castOne env message = envCastMany env [message]

-- | A test in a runtime of its own, after which nothing may be left.
rustCase :: TestName -> Test -> TestTree
rustCase name = rustCaseWith name defaultConfig

-- | The same with a configuration.
rustCaseWith :: TestName -> Config -> Test -> TestTree
rustCaseWith name config test = askOption $ \path -> testCase name . within $ withRust config (taking path test >> settled)

-- | The same with the gate closed.
gateCase :: TestName -> Config -> Test -> TestTree
gateCase name config test =
  askOption $ \path ->
    testCase name . within . withGate $ withRust config (taking path test >> liftIO openGate >> settled)

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
-- of all. And nothing is left that messages have referred to.
settled :: Test
settled = do
  -- A cast has no caller who would know when its slot is freed.
  awaitStats ((== 0) . liveSlots)
  -- What was let go of last is dropped by a thread of Rust's; what nobody has let go
  -- of is garbage, but has to be found.
  eventually (liftIO performMajorGC >> nothingAlive <$> rustStats)
  stats <- rustStats
  liftIO (assertEqual "StablePtrs and trampolines left" (0, 0) (stablePtrs stats, trampolines stats))
  where
    nothingAlive stats = all ((== 0) . ($ stats)) [subscriptions, callbacks, closures, objects]

-- | It ends with this.
waitFor :: (Eq a, Show a) => a -> Async a -> Assertion
waitFor expected running = wait running >>= assertEqual "its result" expected

-- | Its result is this.
gives :: (MonadIO m, Eq a, Show a) => m a -> a -> m ()
gives action expected = action >>= liftIO . assertEqual "the result" expected

-- | It throws this.
failsWith :: MonadUnliftIO m => RustException -> m a -> m ()
failsWith expected = failsAs (liftIO . assertEqual "the exception" expected)

-- | It throws something of which this holds.
failsAs :: MonadUnliftIO m => (RustException -> Assertion) -> m a -> m ()
failsAs check action = withRunInIO $ \run ->
  try (run action) >>= either check (const (assertFailure "it did not fail"))
