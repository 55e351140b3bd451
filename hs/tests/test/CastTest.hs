{-# LANGUAGE OverloadedStrings #-}

-- | Casts, and what becomes of those that fail.
module CastTest (tests) where

import Control.Concurrent.Chan (newChan, readChan, writeChan)
import Control.Exception (throwIO)
import Control.Monad (forM_)
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
        sent <- tryCastRust (Note 99)
        liftIO (assertBool "no room" (not sent))
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
          castRust (UnknownCast ())
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
            unknown <- readChan heard
            case unknown of
              UnknownMethod _ -> pure ()
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
          settled
    ]
