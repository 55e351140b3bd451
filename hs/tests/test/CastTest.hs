{-# LANGUAGE OverloadedStrings #-}

-- | Casts, and what becomes of those that fail.
module CastTest (tests) where

import Control.Concurrent (myThreadId)
import Control.Concurrent.Chan (newChan, readChan, writeChan)
import Control.Concurrent.MVar (newEmptyMVar, putMVar, takeMVar)
import Control.Exception (MaskingState (..), getMaskingState, throwIO)
import Control.Monad (forM_, forever, replicateM, replicateM_)
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
    "casts"
    [ rustCase "what one thread sends is handled in its order" $ do
        forM_ [1 .. 1000] (castRust . Note)
        noted <- callRust (Notes ())
        liftIO (assertEqual "all, in order" [1 .. 1000] noted),
      gateCase "a full queue: tryCastRust refuses, castRust waits" defaultConfig {queueCapacity = 2} $ do
        castRust (GateCast False)
        liftIO (awaitInside 1)
        castRust (Note 1)
        castRust (Note 2)
        before <- rustStats
        sent <- tryCastRust (Note 99)
        large <- tryCastRust (PanicCast (ByteString.replicate 1000 65))
        liftIO (assertBool "no room" (not sent && not large))
        after <- rustStats
        liftIO (assertEqual "nobody was cancelled" (cancellationsTotal before) (cancellationsTotal after))
        withAsyncRust (castRust (Note 3)) $ \waiting -> do
          awaitStats ((== 1) . castsWaiting)
          liftIO (openGate >> waitFor () waiting)
        noted <- callRust (Notes ())
        liftIO (assertEqual "the one that was refused is not there" [1, 2, 3] noted),
      testCase "casts that were accepted are handled before shutdown" . within $ do
        heard <- newChan
        withGate . withRust defaultConfig {onFailure = writeChan heard} $ do
          castRust (GateCast True)
          liftIO (awaitInside 1)
          castRust (PanicCast "handled")
        failure <- readChan heard
        case failure of
          RustPanic "test.panic_cast" _ "handled" -> pure ()
          other -> assertFailure (show other),
      testCase "failures are reported, in order, and end nothing" . within $ do
        heard <- newChan
        withRust defaultConfig {onFailure = writeChan heard} $ do
          castRust (PanicCast "on purpose")
          castRust (BadNote True)
          castRust (Note 5)
          noted <- callRust (Notes ())
          liftIO (assertEqual "the next cast works" [5] noted)
          liftIO $ do
            panicked <- readChan heard
            case panicked of
              RustPanic "test.panic_cast" place "on purpose" ->
                assertBool (show place) (place /= "")
              other -> assertFailure (show other)
            undecodable <- readChan heard
            case undecodable of
              NotDecodable Request "test.note" _ -> pure ()
              other -> assertFailure (show other)
          settled,
      testCase "an onFailure that throws ends nothing" . within $ do
        heard <- newChan
        let hear failure = writeChan heard failure >> throwIO (userError "on purpose")
        withRust defaultConfig {onFailure = hear} $ do
          castRust (PanicCast "once")
          castRust (PanicCast "twice")
          liftIO (readChan heard >> readChan heard >> pure ())
          settled,
      testCase "an onFailure that blocks holds nothing up" . within $ do
        never <- newEmptyMVar
        result <- withRust defaultConfig {shutdownLimit = 50 * 1000, onFailure = \_ -> takeMVar never} $ do
          castRust (PanicCast "once")
          castRust (PanicCast "twice")
          callRust (Echo "the result")
        assertEqual "the result is not lost" "the result" result
        putMVar never (),
      testCase "an onFailure that computes for ever holds nothing up" . within $ do
        result <- withRust defaultConfig {shutdownLimit = 50 * 1000, onFailure = \_ -> forever (newEmptyMVar >>= \v -> putMVar v ())} $ do
          castRust (PanicCast "once")
          callRust (Echo "the result")
        assertEqual "the result is not lost" "the result" result,
      testCase "onFailure runs unmasked, on a thread of its own" . within $ do
        heard <- newChan
        caller <- myThreadId
        let hear _ = ((,) <$> getMaskingState <*> myThreadId) >>= writeChan heard
        withGate . withRust defaultConfig {shutdownLimit = 50 * 1000, onFailure = hear} $ do
          castRust (PanicCast "once")
          _ <- asyncRust (callRust (Gate False))
          liftIO (awaitInside 1)
        replicateM_ 2 $ do
          (masking, thread) <- readChan heard
          assertEqual "unmasked" Unmasked masking
          assertBool "another thread" (thread /= caller),
      testCase "casts that shutdown has no time for are reported" . within $ do
        heard <- newChan
        withGate $ do
          withRust defaultConfig {shutdownLimit = 50 * 1000, onFailure = writeChan heard} $ do
            castRust (GateCast False)
            liftIO (awaitInside 1)
            mapM_ (castRust . Note) [1 .. 10]
          told <- replicateM 11 (readChan heard)
          assertEqual "each of them" (replicate 10 (CastDropped "test.note") ++ [HandlersLeftBehind 1]) told
        eventually ((== 0) . liveSlots <$> withRust defaultConfig rustStats)
    ]
