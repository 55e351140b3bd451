{-# LANGUAGE OverloadedStrings #-}

-- | Calls on the calling thread.
module DirectTest (tests) where

import Control.Concurrent.Async (async, cancel, replicateConcurrently_, wait, waitCatch)
import Control.Monad (forM_, replicateM_, void)
import qualified Data.ByteString as ByteString
import Faulty.Gate
import Faulty.Requests
import Harness
import RustBridge
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, assertFailure, testCase)

tests :: TestTree
tests =
  testGroup
    "direct calls"
    [ gateCase "they need no worker" defaultConfig $
        withAsyncRust (callRust (Gate False)) $ \_ -> do
          liftIO (awaitInside 1)
          echoed <- callRustDirect (Echo "beside it")
          liftIO (assertEqual "the echo" "beside it" echoed)
          stats <- rustStats
          liftIO (openGate >> assertEqual "nothing was queued" 0 (callsQueued stats)),
      rustCase "answers in the caller's memory, and larger ones" $
        forM_ [0 .. 300] $ \size -> do
          let bytes = ByteString.replicate size 7
          echoed <- callRustDirect (Echo bytes)
          liftIO (assertEqual "the echo" bytes echoed)
          big <- callRustDirect (Big (fromIntegral size))
          liftIO (assertEqual "the answer" bytes big),
      gateCase "other Haskell threads go on" defaultConfig $
        withAsyncRust (callRustDirect (Gate False)) $ \_ -> do
          liftIO (awaitInside 1)
          spun <- pure $! sum [1 .. 100000 :: Int]
          -- Nothing but the gate ends the call, nor the scope that it is in.
          liftIO (openGate >> assertEqual "this thread went on" 5000050000 spun),
      rustCase "64 callers at once, beside others in the queue" $
        withRunInIO $ \run -> replicateConcurrently_ 32 . run . replicateM_ 100 $ do
          direct <- callRustDirect (Echo "directly")
          queued <- callRust (Echo "through the queue")
          liftIO (assertEqual "the echoes" ("directly", "through the queue") (direct, queued)),
      rustCase "a method that the engine calls nonblocking" $ do
        next <- callRustDirect (Short 41)
        liftIO (assertEqual "the next number" 42 next)
        queued <- callRust (Short 41)
        liftIO (assertEqual "through the queue as well" 42 queued)
        failsAs isPanic (callRustDirect (ShortPanic "in the middle of Haskell"))
        again <- callRustDirect (Short 1)
        liftIO (assertEqual "and on" 2 again),
      gateCase "one that only the program calls nonblocking blocks nobody" defaultConfig $
        withAsyncRust (callRustDirect (NotShort False)) $ \blocked -> do
          liftIO (awaitInside 1 >> openGate >> waitFor False blocked),
      rustCase "a token is waited for, interruptibly" $
        withRunInIO $ \run -> do
          caller <- async (run (callRustDirect (KeepToken ())))
          run (awaitStats ((== 1) . stablePtrs))
          cancel caller
          ended <- waitCatch caller
          assertBool "it was cancelled" (either (const True) (const False) ended)
          answered <- run (callRust (AnswerTokens 7))
          assertEqual "its token answers nobody" (Just 1) answered,
      rustCase "a token that answers before it is waited for" $
        failsWith (Abandoned "test.drop_token") (callRustDirect (DropToken ())),
      gateCase "an exception comes when the handler is through, and nothing is left" defaultConfig $
        withRunInIO $ \run -> do
          caller <- async (run (callRustDirect (Gate False)))
          awaitInside 1
          -- Delivered when the call comes back; until then the thread that throws waits.
          killer <- async (cancel caller)
          openGate
          wait killer
          void (waitCatch caller),
      testCase "withRust waits for those under way" . within . withGate $ do
        caller <- withRust defaultConfig $ do
          caller <- asyncRust (callRustDirect (Gate True))
          liftIO (awaitInside 1)
          pure caller
        -- Shutdown cancelled it.
        cancelled <- wait caller
        assertEqual "the handler saw the end" True cancelled
        withRust defaultConfig settled,
      testCase "one that never ends is left behind, and reported" . within . withGate $ do
        let config = defaultConfig {shutdownLimit = 50 * 1000, onFailure = \failure -> failure `seq` pure ()}
        caller <- withRust config $ do
          caller <- asyncRust (callRustDirect (Gate False))
          liftIO (awaitInside 1)
          pure caller
        -- The next runtime starts beside it.
        withRust defaultConfig $ do
          echoed <- callRustDirect (Echo "next")
          liftIO (assertEqual "the next runtime" "next" echoed)
        openGate
        answered <- wait caller
        assertEqual "its caller gets its answer" False answered
        withRust defaultConfig settled,
      testCase "after withRust" . within $ do
        env <- withRust defaultConfig askRust
        failsWith NotRunning (runRustT (callRustDirect (Echo "")) env)
        failsWith NotRunning (runRustT (callRustDirect (Short 1)) env)
    ]
  where
    isPanic (RustPanic "test.short_panic" _ "in the middle of Haskell") = pure ()
    isPanic other = assertFailure (show other)
