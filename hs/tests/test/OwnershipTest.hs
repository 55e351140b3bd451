{-# LANGUAGE DerivingStrategies #-}
{-# LANGUAGE GeneralizedNewtypeDeriving #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE RankNTypes #-}
{-# LANGUAGE TypeFamilies #-}

-- | Nothing is left of what was let go of, in whatever way: 'settled' counts, at the
-- end of each of these.
module OwnershipTest (tests) where

import qualified Both
import Control.Concurrent (ThreadId, threadDelay)
import Control.Concurrent.Async (asyncThreadId, cancel, forConcurrently_, replicateConcurrently_, wait, withAsync)
import Control.Exception (Exception (..), asyncExceptionFromException, asyncExceptionToException, mask, throwIO, throwTo, try)
import Control.Monad (forM_, forever, replicateM, replicateM_, unless, void)
import Data.IORef (newIORef, readIORef, writeIORef)
import Data.Maybe (isNothing)
import Data.Proxy (Proxy (..))
import qualified Data.Text as Text
import Data.Word (Word64)
import Faulty.Gate
import Harness
import RustBridge
import System.Mem (performMajorGC)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, assertFailure, testCase)

tests :: TestTree
tests =
  testGroup
    "ownership"
    [ testGroup "1,000 of each, let go of" (ways id),
      testGroup "1,000 of each, let go of while garbage is collected all the time" (ways collecting),
      testGroup "by threads that are thrown to" interrupted
    ]

-- | With another thread that has garbage collected, one time after the other; with a
-- pause between them in which others come to something.
collecting :: MonadUnliftIO m => m a -> m a
collecting act = withRunInIO $ \run -> withAsync (forever (performMajorGC >> threadDelay 100)) (const (run act))

-- | Every way in which they go.
ways :: (forall m a. MonadUnliftIO m => m a -> m a) -> [TestTree]
ways around =
  [ rustCase "by closing them" . around $ do
      everything <- make 1000
      stats <- rustStats
      liftIO (assertEqual "all are there" [1000, 1000, 1000, 2000] (alive stats))
      close everything
      Both.clear
      awaitStats ((== [0, 0, 0, 0]) . alive),
    rustCase "by closing them, from several threads" . around $ do
      everything <- make 1000
      withRunInIO $ \run -> replicateConcurrently_ 4 (run (close everything >> Both.clear))
      awaitStats ((== [0, 0, 0, 0]) . alive),
    rustCase "as garbage" . around $ do
      _ <- make 1000
      eventually (liftIO performMajorGC >> (== [0, 1000, 0, 0]) . alive <$> rustStats)
      Both.clear,
    rustCase "as garbage, after use" . around $ do
      everything <- make 1000
      use everything
      Both.clear,
    gateCase "with an answer that comes too late" defaultConfig . around $ do
      answer <- callRustTimeout 300000 (everythingAtGate False)
      liftIO (assertBool "no answer" (isNothing answer) >> openGate),
    gateCase "with an answer whose caller has gone" defaultConfig . around $ do
      caller <- asyncRust (callRust (everythingAtGate False))
      liftIO (awaitInside 1)
      stats <- rustStats
      liftIO (assertEqual "all are there" [0, 1000, 1000, 2000] (alive stats))
      liftIO (cancel caller >> openGate),
    gateCase "with a request whose turn never comes" defaultConfig . around $
      withAsyncRust (callRust (everythingAtGate False)) $ \atGate -> do
        liftIO (awaitInside 1)
        late <- callRustTimeout 1000 (everythingAtGate False)
        liftIO (assertBool "no answer" (isNothing late))
        -- It stays in the queue until a worker comes upon it.
        caller <- asyncRust (callRust (everythingAtGate False))
        awaitStats ((== 2) . callsQueued)
        liftIO (cancel caller >> openGate >> void (wait atGate)),
    gateCase "with a panic" defaultConfig . around $
      withAsyncRust (callRust (everythingAtGate True)) $ \torn -> do
        liftIO (awaitInside 1 >> openGate)
        failsAs (isPanic "with everything in its hands") (liftIO (wait torn)),
    gateCase "with subscriptions that come too late, or panic" defaultConfig . around $ do
      late <- callRustTimeout 300000 (Both.EndlessAtGateRequest defaultStreamOptions False)
      liftIO (assertBool "no stream" (isNothing late) >> openGate)
      replicateM_ 1000 $
        failsAs (isPanic "with a stream in its hands") (callRust (Both.EndlessAtGateRequest defaultStreamOptions True)),
    rustCase "with an answer that is read as something else" . around . replicateM_ 10 $
      failsAs isNotDecodable (callRust (Misread 100)),
    rustCase "with a batch" . around $ do
      made <- callRustMany (replicate 10 (Both.EverythingRequest 100))
      liftIO (assertEqual "all went well" 10 (length [() | Right _ <- made])),
    testCase "by the end of withRust" . within . around $ do
      everything <- withRust defaultConfig (make 1000)
      withRust defaultConfig $ do
        stats <- rustStats
        liftIO (assertEqual "none is there" [0, 0, 0, 0] (alive stats))
        -- Which is nothing.
        close everything
        failsWith ReferenceClosed (use everything)
        settled,
    testCase "by the end of withRust, 20 times" . within . around $ do
      before <- newIORef Nothing
      replicateM_ 20 $ do
        everything <- withRust defaultConfig $ do
          everything <- make 100
          everything <$ (liftIO (readIORef before) >>= mapM_ close)
        writeIORef before (Just everything)
      withRust defaultConfig settled,
    testCase "by the end of withRust, and of a handler that it has left behind" . within . around . withGate $ do
      caller <- withRust defaultConfig {shutdownLimit = 1000, onFailure = const (pure ())} $ do
        caller <- asyncRust (callRust (everythingAtGate False))
        caller <$ liftIO (awaitInside 1)
      failsWith ShuttingDown (wait caller)
      openGate
      withRust defaultConfig settled
  ]
  where
    everythingAtGate = Both.EverythingAtGateRequest 1000 (replicate 1000 pure)
    isPanic why failure = case failure of
      RustPanic _ _ message -> assertEqual "the panic" why message
      other -> assertFailure (show other)
    isNotDecodable failure = case failure of
      NotDecodable Answer _ _ -> pure ()
      other -> assertFailure (show other)

-- | Exceptions at any point of all that threads do with them.
interrupted :: [TestTree]
interrupted =
  [ rustCase "one" $ throwingTo 1,
    rustCaseWith "four, with two workers" defaultConfig {workers = 2} $ throwingTo 4,
    rustCaseWith "four, while garbage is collected all the time" defaultConfig {workers = 2} . collecting $ throwingTo 4,
    rustCase "and run functions for Rust" $ do
      withRunInIO $ \run -> forM_ (take 300 (randoms 500 7)) $ \limit -> do
        answer <- run (Both.askWithin (fromIntegral limit) (\number -> number <$ forever (run uses)) 1)
        assertEqual "it is interrupted" (Left "TimedOut") (either (Left . Both.noReplyName) Right answer)
      -- The last of them may not have heard of it.
      awaitStats ((== 0) . liveSlots)
      Both.clear
  ]
  where
    throwingTo count = do
      withRunInIO $ \run -> forConcurrently_ [1 .. count :: Int] $ \seed -> do
        done <- newIORef False
        withAsync (enduring done (run uses)) $ \victim -> do
          forM_ (take 300 (randoms 1000 seed)) $ \micros -> do
            threadDelay micros
            throwTo (asyncThreadId victim :: ThreadId) Nudge
          writeIORef done True
          throwTo (asyncThreadId victim) Nudge
          wait victim
      awaitStats ((== 0) . liveSlots)
      Both.clear
    -- One thing after the other, until it is done.
    enduring done act = mask $ \restore ->
      let go = do
            ended <- try (restore act)
            isDone <- readIORef done
            unless isDone (either (\Nudge -> go) (const go) ended)
       in go

-- | Makes, uses and lets go of each kind.
uses :: RustT IO ()
uses = do
  book <- Both.book "Emma"
  Both.title book `gives` "Emma"
  callRustDirect (Both.TitleRequest book) `gives` "Emma"
  again <- callRustMany (replicate 3 (Both.AgainRequest book)) >>= liftIO . either throwIO pure . sequence
  Both.read (head again)
  closeRust book
  Both.titles again `gives` replicate 3 "Emma"
  tally <- Both.tally
  Both.tallyUp tally 1 `gives` 1
  add <- Both.adder 1
  applyRust add 41 `gives` 42
  callRustTimeout 10000000 (Apply add 1) `gives` Just 2
  Both.ask (pure . (+ 1)) 41 `gives` Right 42
  Both.askLater (pure . (+ 1)) 41 `gives` Right 42
  Both.keepFunction pure
  Both.withCount (StreamOptions 2 WaitForRoom) 0 10 $ \stream -> replicateM 5 (nextEvent stream) `gives` map Just [0 .. 4]
  Both.withShelf (StreamOptions 2 DropOldest) 10 nextEvent >>= mapM_ closeRust

-- | Numbers below this.
randoms :: Int -> Int -> [Int]
randoms bound = map ((`mod` bound) . (`div` 65536)) . tail . iterate (\seed -> (seed * 1103515245 + 12345) `mod` 2147483648)

data Nudge = Nudge deriving stock (Show)

instance Exception Nudge where
  toException = asyncExceptionToException
  fromException = asyncExceptionFromException

-- | Of all kinds, but for the functions that Rust has.
data Everything = Everything Both.Everything [Stream Word64]

-- | So many of each. Some of the streams have a producer that waits.
make :: Word64 -> RustT IO Everything
make count = do
  values <- Both.everything count
  streams <- callRustMany [Both.CountRequest (StreamOptions (if number `mod` 50 == 0 then 1 else 10) WaitForRoom) 0 10 | number <- [1 .. count]]
  Both.keepFunctions (replicate (fromIntegral count) pure)
  Everything values <$> liftIO (either throwIO pure (sequence streams))

use :: Everything -> Test
use (Everything values streams) = do
  Both.titles (Both.everythingBooks values) `gives` map number [0 .. length (Both.everythingBooks values) - 1]
  forM_ (Both.everythingTallies values) $ \tally -> Both.tallyUp tally 2 `gives` 2
  forM_ (zip [0 ..] (Both.everythingFunctions values)) $ \(summand, add) -> applyRust add 1 `gives` (summand + 1)
  forM_ streams $ \stream -> replicateM 11 (nextEvent stream) `gives` (map Just [0 .. 9] ++ [Nothing])
  where
    number = Text.pack . show

close :: MonadIO m => Everything -> m ()
close (Everything values streams) = do
  mapM_ closeRust (Both.everythingBooks values)
  mapM_ closeRust (Both.everythingTallies values)
  mapM_ closeRust (Both.everythingFunctions values)
  mapM_ closeRust streams

alive :: Stats -> [Word64]
alive stats = map ($ stats) [subscriptions, callbacks, closures, objects]

-- | The request for everything, whose answer this takes for more than that.
newtype Misread = Misread Word64
  deriving newtype (Wire)

instance Call Misread where
  type Response Misread = (Both.Everything, Word64)
  callMethod _ = callMethod (Proxy :: Proxy Both.EverythingRequest)
