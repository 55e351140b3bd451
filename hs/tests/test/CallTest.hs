{-# LANGUAGE OverloadedStrings #-}

-- | Calls that go well.
module CallTest (tests) where

import Control.Concurrent.Async (replicateConcurrently_)
import Control.Monad (forM_, replicateM_)
import qualified Data.ByteString as ByteString
import Faulty.Gate
import Faulty.Requests
import Harness
import RustBridge
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual)

tests :: TestTree
tests =
  testGroup
    "calls"
    [ rustCase "answers of all sizes" $
        forM_ [0, 1, 7, 8, 4096, 1024 * 1024] $ \size -> do
          let bytes = ByteString.replicate size 7
          echoed <- callRust (Echo bytes)
          liftIO (assertEqual "the echo" bytes echoed)
          big <- callRust (Big (fromIntegral size))
          liftIO (assertEqual "the answer" bytes big),
      rustCaseWith "64 callers at once" defaultConfig {workers = 2} $
        withRunInIO $ \run -> replicateConcurrently_ 64 . run . replicateM_ 200 $ do
          echoed <- callRust (Echo "all of it")
          liftIO (assertEqual "the echo" "all of it" echoed),
      rustCaseWith "more callers than places in the queue" defaultConfig {queueCapacity = 2} $
        withRunInIO $ \run -> replicateConcurrently_ 64 . run . replicateM_ 50 $ do
          echoed <- callRust (Echo "all of it")
          liftIO (assertEqual "the echo" "all of it" echoed),
      rustCase "an answer given later, from another thread" $
        withAsyncRust (callRust (KeepToken ())) $ \kept -> do
          eventually ((== Just 1) <$> callRust (AnswerTokens 42))
          liftIO (waitFor 42 kept),
      rustCase "a limit that is not reached" $ do
        echoed <- callRustTimeout (10 * 1000 * 1000) (Echo "in time")
        liftIO (assertEqual "the echo" (Just "in time") echoed)
        unlimited <- callRustTimeout (-1) (Echo "no limit")
        liftIO (assertEqual "the echo" (Just "no limit") unlimited)
        atOnce <- callRustTimeout 0 (Echo "too late")
        liftIO (assertEqual "no echo" Nothing atOnce),
      rustCase "the handler sees the limit" $ do
        left <- callRustTimeout (10 * 1000 * 1000) (TimeLeft ())
        liftIO (assertBool (show left) (maybe False (maybe False (\t -> t > 0 && t <= 10 * 1000 * 1000)) left))
        none <- callRust (TimeLeft ())
        liftIO (assertEqual "no limit" Nothing none),
      notOn [Direct] . gateCase "a queue that is full stops no other Haskell thread" defaultConfig {queueCapacity = 1} $
        withRunInIO $ \run -> do
          -- One at the gate, one in the queue, sixteen in the line.
          let callers = replicateConcurrently_ 18 (run (callRust (Gate False)))
          run . withAsyncRust (liftIO callers) $ \calling -> do
            awaitStats ((== 16) . callsWaiting)
            spun <- pure $! sum [1 .. 100000 :: Int]
            liftIO (assertEqual "this thread went on" 5000050000 spun)
            sent <- tryCastRust (Note 1)
            liftIO (assertBool "the casts have room of their own" sent)
            liftIO openGate
            liftIO (waitFor () calling)
    ]
