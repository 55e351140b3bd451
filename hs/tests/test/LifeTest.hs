{-# LANGUAGE OverloadedStrings #-}

-- | The runtime's beginning and end.
module LifeTest (tests) where

import Control.Concurrent.Async (forConcurrently, poll, wait, waitCatch, withAsync)
import Control.Concurrent.MVar (newEmptyMVar, putMVar, takeMVar)
import Control.Exception (fromException, try)
import Control.Monad (forM_, replicateM, replicateM_)
import Data.IORef (modifyIORef', newIORef, readIORef)
import Faulty.Gate
import Faulty.Requests
import Harness
import RustBridge
import System.Mem (performMajorGC)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, assertFailure, testCase)

tests :: TestTree
tests =
  testGroup
    "life"
    [ testCase "a call after withRust has ended, from a leaked async" . within $ do
        ended <- newEmptyMVar
        leaked <- withRust defaultConfig (asyncRust (liftIO (takeMVar ended) >> callRust (Echo "too late")))
        putMVar ended ()
        failsWith NotRunning (wait leaked)
        env <- withRust defaultConfig askRust
        failsWith NotRunning (runRustT (castRust (Note 1)) env)
        failsWith NotRunning (runRustT (tryCastRust (Note 1)) env)
        failsWith NotRunning (runRustT (callRustTimeout 1000 (Echo "")) env),
      testCase "an env of an earlier withRust does not reach a later one" . within $ do
        env <- withRust defaultConfig askRust
        withRust defaultConfig $ do
          liftIO (failsWith NotRunning (runRustT (callRust (Echo "")) env))
          settled,
      rustCase "a nested withRust is refused" $ do
        liftIO (failsWith AlreadyRunning (withRust defaultConfig (pure ())))
        echoed <- callRust (Echo "unharmed")
        liftIO (assertEqual "the outer one goes on" "unharmed" echoed),
      testCase "of many concurrent withRust one runs, and the others are refused" . within $ do
        results <- forConcurrently [1 .. 16 :: Int] $ \_ -> try (withRust defaultConfig (callRust (Echo "one")))
        forM_ results $ either (assertEqual "refused" AlreadyRunning) (assertEqual "ran" "one")
        assertBool "at least one ran" (or [True | Right _ <- results]),
      testCase "100 re-inits, each with an engine in its first state" . within . replicateM_ 100 $
        withRust defaultConfig $ do
          castRust (Note 1)
          noted <- callRust (Notes ())
          liftIO (assertEqual "only this run's note" [1] noted)
          settled,
      testCase "withRust ends with 1,000 calls in flight: each is answered" . within $ do
        withGate $ do
          flying <- withRust defaultConfig {shutdownLimit = 100 * 1000} $ do
            callers <- replicateM 1000 (asyncRust (callRust (Gate True)))
            liftIO (awaitInside 1)
            awaitStats (\stats -> callsQueued stats + callsWaiting stats == 999)
            pure callers
          ends <- mapM poll flying
          assertBool "none is left waiting by the runtime" (length ends == 1000)
          results <- mapM waitCatch flying
          let refused = [() | Left thrown <- results, fromException thrown == Just ShuttingDown]
              answered = [() | Right _ <- results]
          assertEqual "answered or refused" 1000 (length refused + length answered)
        withRust defaultConfig settled,
      testCase "a handler that never ends is left behind, and reported" . within $ do
        heard <- newIORef []
        withGate $ do
          let config = defaultConfig {shutdownLimit = 50 * 1000, onFailure = \failure -> modifyIORef' heard (failure :)}
          caller <- withRust config $ do
            caller <- asyncRust (callRust (Gate False))
            liftIO (awaitInside 1)
            pure caller
          failsWith ShuttingDown (wait caller)
          reported <- readIORef heard
          assertEqual "reported" [HandlersLeftBehind 1] reported
          -- The next runtime starts beside it.
          withRust defaultConfig $ do
            echoed <- callRust (Echo "next")
            liftIO (assertEqual "the next runtime" "next" echoed)
        eventually ((== 0) . liveSlots <$> withRust defaultConfig rustStats),
      testCase "tokens still held at the end are answered" . within $ do
        caller <- withRust defaultConfig $ do
          caller <- asyncRust (callRust (KeepToken ()))
          awaitStats (\stats -> stablePtrs stats == 1 && callsQueued stats == 0)
          pure caller
        failsWith ShuttingDown (wait caller)
        withRust defaultConfig settled,
      testCase "a Config out of range names the field" . within $ do
        forM_
          [ (defaultConfig {workers = 0}, "workers is 0; it can be 1 to 1024"),
            (defaultConfig {workers = -1}, "workers is -1; it can be 1 to 1024"),
            (defaultConfig {queueCapacity = 0}, "queueCapacity is 0; it can be 1 to 1048576"),
            (defaultConfig {maxMsgLen = 0}, "maxMsgLen is 0; it can be 1 to 9223372036854775807"),
            (defaultConfig {shutdownLimit = -5}, "shutdownLimit is -5; it can be 0 to 86400000000")
          ]
          $ \(config, why) -> failsWith (ConfigInvalid why) (withRust config (pure ()))
        withRust defaultConfig settled,
      testCase "an exception in the computation shuts the runtime down" . within $ do
        result <- try (withRust defaultConfig (failsInside >> pure ()))
        case result of
          Left (RustPanic _ _ "inside") -> pure ()
          other -> assertFailure (show other)
        withRust defaultConfig settled,
      rustCase "garbage collections while calls are under way" $
        withRunInIO $ \run ->
          withAsync (run (replicateM_ 2000 (callRust (Echo "moved?")))) $ \calling -> do
            replicateM_ 50 performMajorGC
            echoes <- wait calling
            assertEqual "all went well" () echoes
    ]
  where
    failsInside = callRust (Panic "inside")
