{-# LANGUAGE OverloadedStrings #-}

-- | Callers that go away, and limits that come first.
module CancelTest (tests) where

import Control.Concurrent.Async (AsyncCancelled, cancel, waitCatch, withAsync)
import Control.Exception (fromException)
import Control.Monad (forM_, void)
import Data.Maybe (isJust)
import Faulty.Gate
import Faulty.Requests
import Harness
import RustBridge
import System.Timeout (timeout)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual)

tests :: TestTree
tests =
  testGroup
    "cancellation"
    [ gateCase "a handler slower than the limit, and its late answer" defaultConfig $ do
        withAsyncRust (callRustTimeout begun (Gate False)) $ \late ->
          liftIO (awaitInside 1 >> waitFor Nothing late >> openGate)
        echoed <- callRust (Echo "and on")
        liftIO (assertEqual "the next call gets its own answer" "and on" echoed),
      gateCase "the limit reaches the handler" defaultConfig $
        withAsyncRust (callRustTimeout begun (Gate True)) $ \late ->
          liftIO (awaitInside 1 >> waitFor Nothing late >> awaitCancelled 1),
      gateCase "the limit holds while the queue is full" defaultConfig {queueCapacity = 1} $
        blocked $ do
          late <- callRustTimeout 1000 (Echo "never sent")
          liftIO (assertEqual "no answer" Nothing late)
          stats <- rustStats
          liftIO (assertEqual "nobody is left in the line" 0 (callsWaiting stats)),
      gateCase "a caller killed while it waits for its answer" defaultConfig $ do
        withRunInIO $ \run -> withAsync (run (callRust (Gate True))) $ \caller -> do
          awaitInside 1
          cancel caller
          ended <- waitCatch caller
          assertBool "it was cancelled" (either isCancelled (const False) ended)
        liftIO (awaitCancelled 1),
      gateCase "a caller killed while the queue is full" defaultConfig {queueCapacity = 1} $
        blocked $ do
          withAsyncRust (callRust (Echo "never sent")) $ \_ ->
            awaitStats ((== 1) . callsWaiting)
          stats <- rustStats
          liftIO (assertEqual "nobody is left in the line" 0 (callsWaiting stats)),
      gateCase "a caster killed while the queue is full" defaultConfig {queueCapacity = 1} $ do
        castRust (GateCast False)
        liftIO (awaitInside 1)
        castRust (Note 1)
        withAsyncRust (castRust (Note 2)) $ \_ -> awaitStats ((== 1) . castsWaiting)
        stats <- rustStats
        liftIO (assertEqual "nobody is left in the line" 0 (castsWaiting stats))
        liftIO openGate
        noted <- callRust (Notes ())
        liftIO (assertEqual "it was not sent" [1] noted),
      gateCase "System.Timeout works too, and reaches the handler" defaultConfig $
        withAsyncRust (withRunInIO $ \run -> timeout begun (run (callRust (Gate True)))) $ \late ->
          liftIO (awaitInside 1 >> waitFor Nothing late >> awaitCancelled 1),
      gateCase "a scope of withAsyncRust left early" defaultConfig $ do
        withAsyncRust (callRust (Gate True)) $ \_ -> liftIO (awaitInside 1)
        liftIO (awaitCancelled 1),
      gateCase "work whose caller has gone before it began is skipped" defaultConfig $
        blocked $ do
          -- They would wait at the gate if they were begun.
          forM_ [1 .. 50 :: Int] $ \_ -> callRustTimeout 100 (Gate False)
          before <- rustStats
          liftIO openGate
          void (callRust (Echo "after them"))
          after <- rustStats
          liftIO (assertEqual "none of them was cancelled at the gate" (cancellationsTotal before) (cancellationsTotal after)),
      gateCase "1,000 callers cancelled at once" defaultConfig $
        blocked $ do
          forM_ [1 .. 10 :: Int] $ \_ ->
            withRunInIO $ \run -> nested (100 :: Int) (run (callRust (Echo "never handled"))) (pure ())
          stats <- rustStats
          liftIO (assertEqual "no StablePtr but those of the two before them" 2 (stablePtrs stats))
    ]
  where
    -- Long enough for a handler to begin, on a busy machine too: one whose caller
    -- has gone before would not.
    begun = 300 * 1000
    isCancelled thrown = isJust (fromException thrown :: Maybe AsyncCancelled)
    nested 0 _ inner = inner
    nested count beside inner = withAsync beside (\_ -> nested (count - 1) beside inner)

-- | With the worker at the gate, and the queue of calls full where it has one
-- place.
blocked :: Test -> Test
blocked test =
  withAsyncRust (callRust (Gate False)) $ \_ -> do
    liftIO (awaitInside 1)
    withAsyncRust (callRust (Echo "in the queue")) $ \_ -> do
      awaitStats ((== 1) . callsQueued)
      test
