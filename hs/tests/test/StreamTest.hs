{-# LANGUAGE OverloadedStrings #-}

-- | Events of Rust's.
module StreamTest (tests) where

import qualified Both
import Control.Concurrent.Async (cancel, replicateConcurrently, wait, waitCatch)
import Control.Concurrent.MVar (newEmptyMVar, putMVar, takeMVar)
import Control.Exception (Exception, throwIO, try)
import Control.Monad (forM, forM_, replicateM, replicateM_, void)
import qualified Data.ByteString as ByteString
import Data.List (sort)
import Data.Maybe (isNothing)
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
    "streams"
    [ onEach [Queued, Direct, Batch] [testGroup "reading" reading],
      testGroup "that are full" full,
      testGroup "left" left,
      testGroup "that end otherwise" ends,
      testGroup "with several readers" readers,
      testGroup "after the end of withRust" after
    ]

reading :: [TestTree]
reading =
  [ rustCase "all events, in order, and then nothing, again and again" $
      Both.withCount defaultStreamOptions 1 1001 $ \stream -> do
        replicateM 1000 (nextEvent stream) `gives` map Just [1 .. 1000]
        replicateM 3 (nextEvent stream) `gives` replicate 3 Nothing,
    rustCase "an empty one" $
      Both.withCount defaultStreamOptions 1 1 $ \stream -> rest stream `gives` [],
    rustCase "through the smallest and the largest queue" $
      forM_ [1, 1048576] $ \capacity ->
        Both.withCount (StreamOptions capacity WaitForRoom) 0 1000 $ \stream -> rest stream `gives` [0 .. 999],
    rustCase "what was sent before the end, after it" $
      Both.withPushed defaultStreamOptions $ \stream -> do
        forM_ [1 .. 10] $ \number -> Both.push number `gives` 1
        Both.endPushed
        rest stream `gives` [1 .. 10]
        rest stream `gives` [],
    rustCase "one event as soon as it is there" $
      Both.withPushed defaultStreamOptions $ \stream -> do
        forM_ [1 .. 100] $ \number ->
          withAsyncRust (nextEvent stream) $ \reader -> do
            Both.push number `gives` 1
            liftIO (waitFor (Just number) reader)
        Both.endPushed,
    rustCase "events that are large" $
      Both.withBulky (StreamOptions 4 WaitForRoom) 100000 $ \stream ->
        replicateM_ 20 $ do
          event <- nextEvent stream
          liftIO (assertEqual "its bytes" (Just (ByteString.replicate 100000 7)) event),
    rustCase "objects" $
      Both.withShelf defaultStreamOptions 100 $ \stream -> do
        books <- rest stream
        mapM Both.title books `gives` map (Text.pack . show) [0 .. 99 :: Int],
    rustCase "objects, half of them" $ do
      book <- Both.withShelf defaultStreamOptions 10000 $ \stream -> do
        replicateM_ 5 (nextEvent stream)
        nextEvent stream
      -- An object outlives the stream that it came by.
      title <- mapM Both.title book
      liftIO (assertEqual "its title" (Just "5") title),
    rustCase "many streams at once" . nested (100 :: Int) [] $ \streams ->
      forM_ (zip [1 ..] streams) $ \(number, stream) -> rest stream `gives` [0 .. number - 1],
    rustCase "one subscription of several, in a batch" $ do
      subscribed <- callRustMany [Both.CountRequest defaultStreamOptions 0 number | number <- [1 .. 10]]
      streams <- liftIO (either throwIO pure (sequence subscribed))
      mapM rest streams `gives` [[0 .. number - 1] | number <- [1 .. 10]]
      mapM_ closeRust streams,
    rustCase "options that are none" $
      forM_ [minBound, -1, 0, 1048577, maxBound] $ \capacity ->
        failsAs (notEncodable (Text.pack (show capacity))) $
          Both.withCount (StreamOptions capacity WaitForRoom) 0 1 (const (pure ()))
  ]
  where
    nested 0 streams act = act streams
    nested count streams act =
      Both.withCount defaultStreamOptions 0 (fromIntegral count) $ \stream -> nested (count - 1) (stream : streams) act
    notEncodable number failure = case failure of
      NotEncodable Request "Both.count" why -> assertBool (Text.unpack why) (number `Text.isSuffixOf` why)
      other -> assertFailure (show other)

full :: [TestTree]
full =
  [ rustCase "DropOldest" $ do
      before <- rustStats
      Both.withPushed (StreamOptions 4 DropOldest) $ \stream -> do
        forM_ [1 .. 10] $ \number -> Both.push number `gives` 1
        droppedEvents stream `gives` 6
        nextEvent stream `gives` Just 7
        Both.push 11 `gives` 1
        droppedEvents stream `gives` 6
        Both.endPushed
        rest stream `gives` [8 .. 11]
      dropped before `gives` 6,
    rustCase "DropNewest" $ do
      before <- rustStats
      Both.withPushed (StreamOptions 4 DropNewest) $ \stream -> do
        forM_ [1 .. 10] $ \number -> Both.push number `gives` 1
        droppedEvents stream `gives` 6
        nextEvent stream `gives` Just 1
        Both.push 11 `gives` 1
        droppedEvents stream `gives` 6
        Both.endPushed
        rest stream `gives` [2, 3, 4, 11]
      dropped before `gives` 6,
    rustCase "FailWhenFull" $ do
      before <- rustStats
      Both.withPushed (StreamOptions 4 FailWhenFull) $ \stream -> do
        forM_ [1 .. 4] $ \number -> Both.push number `gives` 1
        forM_ [5 .. 10] $ \number -> Both.push number `gives` 0
        replicateM 4 (nextEvent stream) `gives` map Just [1 .. 4]
        failsWith StreamOverflowed (nextEvent stream)
        rest stream `gives` []
        droppedEvents stream `gives` 0
        Both.endPushed
      dropped before `gives` 0,
    rustCase "WaitForRoom: the producer waits, and no other call does" $
      Both.withPushed (StreamOptions 2 WaitForRoom) $ \stream -> do
        Both.push 1 `gives` 1
        Both.push 2 `gives` 1
        withAsyncRust (Both.push 3) $ \pushing -> do
          isWaiting
          replicateM_ 100 $ do
            book <- Both.book "Emma"
            Both.title book `gives` "Emma"
          waiting <- rustStats
          liftIO (assertEqual "it waits" 1 (stablePtrs waiting))
          nextEvent stream `gives` Just 1
          liftIO (waitFor 1 pushing)
        droppedEvents stream `gives` 0
        Both.endPushed
        rest stream `gives` [2, 3],
    rustCase "WaitForRoom: until the subscriber leaves" $ do
      pushing <- Both.withPushed (StreamOptions 1 WaitForRoom) $ \_ -> do
        Both.push 1 `gives` 1
        pushing <- asyncRust (Both.push 2)
        pushing <$ isWaiting
      liftIO (waitFor 0 pushing)
      Both.endPushed,
    rustCase "WaitForRoom, and an object in each event" $
      Both.withShelf (StreamOptions 2 WaitForRoom) 1000 $ \stream ->
        forM_ [0 .. 999 :: Int] $ \number -> do
          book <- nextEvent stream
          title <- mapM Both.title book
          liftIO (assertEqual "its title" (Just (Text.pack (show number))) title),
    rustCase "of a producer without an end, dropping" $
      forM_ [DropOldest, DropNewest] $ \overflow ->
        Both.withEndless (StreamOptions 4 overflow) $ \stream -> do
          eventually ((> 10000) <$> droppedEvents stream)
          events <- replicateM 100 (nextEvent stream)
          liftIO (assertEqual "in order" (sort events) events),
    rustCase "of a producer without an end, failing" $
      Both.withEndless (StreamOptions 4 FailWhenFull) $ \stream -> do
        -- It may be overtaken, but not for long.
        end <- withRunInIO $ \run -> try (run (readOn stream 0))
        liftIO (assertEqual "the end" (Left StreamOverflowed) end)
        nextEvent stream `gives` Nothing
  ]
  where
    dropped before = (\stats -> eventsDropped stats - eventsDropped before) <$> rustStats
    -- A reader that is slower than its producer.
    readOn :: Stream Word64 -> Word64 -> Test
    readOn stream expected = do
      nextEvent stream `gives` Just expected
      liftIO performMajorGC
      readOn stream (expected + 1)

left :: [TestTree]
left =
  [ rustCase "the producer is told, once" $ do
      before <- Both.left
      forM_ [1 .. 10] $ \times -> do
        Both.withPushed defaultStreamOptions $ \_ -> Both.push 1 `gives` 1
        eventually ((== before + times) <$> Both.left)
        Both.push 1 `gives` 0,
    rustCase "a producer without an end stops" $
      forM_ [minBound .. maxBound] $ \overflow -> do
        Both.withEndless (StreamOptions 16 overflow) (const (pure ()))
        awaitStats ((== 0) . subscriptions),
    rustCase "by an exception" $ do
      thrown <- withRunInIO $ \run -> try . run . Both.withEndless defaultStreamOptions $ \stream -> do
        nextEvent stream `gives` Just 0
        liftIO (throwIO Leave)
      liftIO (assertEqual "it comes here" (Left Leave :: Either Leave ()) thrown)
      awaitStats ((== 0) . subscriptions),
    rustCase "by a cancellation, while it waits and while it reads" $
      forM_ [const (pure Nothing), nextEvent] $ \busy -> do
        begun <- liftIO newEmptyMVar
        subscriber <- asyncRust . Both.withPushed defaultStreamOptions $ \stream -> do
          liftIO (putMVar begun ())
          _ <- busy stream
          nextEvent stream
        liftIO (takeMVar begun >> cancel subscriber)
        Both.push 1 `gives` 0
        awaitStats ((== 0) . subscriptions),
    rustCase "reading it then throws" $ do
      stream <- Both.withCount defaultStreamOptions 0 10 $ \stream -> stream <$ nextEvent stream
      replicateM_ 3 (failsWith ReferenceClosed (nextEvent stream))
      failsWith ReferenceClosed (droppedEvents stream),
    rustCase "closed while somebody waits, twice" $
      Both.withPushed defaultStreamOptions $ \stream -> do
        withAsyncRust (nextEvent stream) $ \reader -> do
          awaitStats ((== 1) . stablePtrs)
          closeRust stream
          closeRust stream
          failsWith ReferenceClosed (liftIO (wait reader))
        Both.endPushed,
    rustCase "without a scope: as garbage" $ do
      replicateM_ 10 (callRust (Both.EndlessRequest defaultStreamOptions))
      eventually (liftIO performMajorGC >> (== 0) . subscriptions <$> rustStats),
    rustCase "a reader that waits keeps its stream" $
      Both.withPushed defaultStreamOptions $ \stream ->
        withAsyncRust (nextEvent stream) $ \reader -> do
          awaitStats ((== 1) . stablePtrs)
          replicateM_ 5 (liftIO performMajorGC)
          Both.push 7 `gives` 1
          liftIO (waitFor (Just 7) reader)
          Both.endPushed,
    gateCase "before there is a stream" defaultConfig $ do
      subscribed <- callRustTimeout 300000 (Both.EndlessAtGateRequest defaultStreamOptions False)
      liftIO (assertBool "no stream" (isNothing subscribed))
      subscriber <- asyncRust (Both.withEndlessAtGate defaultStreamOptions False nextEvent)
      awaitStats ((== 1) . callsQueued)
      liftIO (cancel subscriber >> openGate)
      awaitStats ((== 0) . subscriptions)
  ]

ends :: [TestTree]
ends =
  [ rustCase "a failure, after what was sent" . Both.withFailing defaultStreamOptions $ \stream -> do
      nextEvent stream `gives` Just 1
      failsWith (StreamFailed "the well is dry") (nextEvent stream)
      replicateM 3 (nextEvent stream) `gives` replicate 3 Nothing,
    rustCase "a panic, after what was sent" . Both.withExploding defaultStreamOptions $ \stream -> do
      nextEvent stream `gives` Just 1
      failsAs (isPanic "Both.exploding" "in a producer") (nextEvent stream)
      nextEvent stream `gives` Nothing,
    rustCase "a panic in what is fed" . Both.withFeeding defaultStreamOptions $ \stream -> do
      replicateM 2 (nextEvent stream) `gives` map Just [1, 2]
      failsAs (isPanic "Both.feeding" "no third one") (nextEvent stream)
      nextEvent stream `gives` Nothing,
    rustCase "a panic before there is a stream" . replicateM_ 10 $
      failsAs (isPanic "Both.stillborn" "before it began") (Both.withStillborn defaultStreamOptions nextEvent),
    gateCase "a panic while the first events are sent" defaultConfig $
      withAsyncRust (Both.withEndlessAtGate defaultStreamOptions True nextEvent) $ \subscriber -> do
        liftIO (awaitInside 1 >> openGate)
        failsAs (isPanic "Both.endless_at_gate" "with a stream in its hands") (liftIO (wait subscriber)),
    rustCaseWith "an event over the limit" defaultConfig {maxMsgLen = 1000} $ do
      Both.withBulky defaultStreamOptions 992 $ \stream -> do
        event <- nextEvent stream
        liftIO (assertEqual "one at the limit" (Just 992) (ByteString.length <$> event))
      Both.withBulky defaultStreamOptions 993 $ \stream -> do
        failsAs tooLarge (nextEvent stream)
        nextEvent stream `gives` Nothing
  ]
  where
    isPanic stream why failure = case failure of
      RustPanic of' _ message -> assertEqual "the panic" (stream, why) (of', message)
      other -> assertFailure (show other)
    tooLarge failure = case failure of
      StreamFailed why -> assertBool (Text.unpack why) ("1000" `Text.isInfixOf` why)
      other -> assertFailure (show other)

readers :: [TestTree]
readers =
  [ rustCase "each event is somebody's" $
      forM_ [1, 4, 1000] $ \capacity ->
        Both.withCrowd (StreamOptions capacity WaitForRoom) 4 1000 $ \stream -> do
          parts <- withRunInIO $ \run -> replicateConcurrently 8 (run (rest stream))
          liftIO (assertEqual "all of them" (concatMap (replicate 4) [0 .. 999]) (sort (concat parts))),
    rustCase "all learn of the end" $
      Both.withPushed defaultStreamOptions $ \stream ->
        withRunInIO $ \run ->
          run . withAsyncRust (liftIO (replicateConcurrently 8 (run (nextEvent stream)))) $ \reading' -> do
            awaitStats ((== 8) . stablePtrs)
            Both.endPushed
            liftIO (waitFor (replicate 8 Nothing) reading'),
    rustCase "all learn that it is closed" $
      Both.withPushed defaultStreamOptions $ \stream -> do
        waiting <- replicateM 8 (asyncRust (nextEvent stream))
        awaitStats ((== 8) . stablePtrs)
        closeRust stream
        forM_ waiting (failsWith ReferenceClosed . liftIO . wait)
        Both.endPushed,
    rustCase "one is killed, and the others go on" $
      Both.withPushed defaultStreamOptions $ \stream -> do
        waiting <- replicateM 8 (asyncRust (nextEvent stream))
        awaitStats ((== 8) . stablePtrs)
        let (killed, others) = splitAt 4 waiting
        liftIO (mapM_ cancel killed)
        ended <- liftIO (mapM waitCatch killed)
        liftIO (assertEqual "cancelled" 4 (length [() | Left _ <- ended]))
        forM_ [1 .. 4] $ \number -> Both.push number `gives` 1
        events <- forM others (liftIO . wait)
        liftIO (assertEqual "each event" (map Just [1 .. 4]) (sort events))
        Both.endPushed
        rest stream `gives` [],
    rustCase "one is killed again and again, and takes nothing with it" $
      Both.withCount (StreamOptions 4 WaitForRoom) 0 1000 $ \stream -> do
        other <- asyncRust (rest stream)
        interrupted <- replicateM 1000 $ do
          reader <- asyncRust (nextEvent stream)
          liftIO (cancel reader >> waitCatch reader)
        others <- liftIO (wait other)
        let read' = [event | Right (Just event) <- interrupted]
        -- One that was killed with an event in its hands has taken it.
        liftIO (assertBool "in order" (and (zipWith (<) others (drop 1 others)) && not (any (`elem` others) read')))
  ]

after :: [TestTree]
after =
  [ testCase "it is closed" . within $ do
      (stream, env) <- withRust defaultConfig ((,) <$> callRust (Both.EndlessRequest defaultStreamOptions) <*> askRust)
      failsWith ReferenceClosed (nextEvent stream)
      failsWith ReferenceClosed (droppedEvents stream)
      failsWith NotRunning (runRustT (Both.withEndless defaultStreamOptions nextEvent) env)
      withRust defaultConfig $ do
        failsWith ReferenceClosed (nextEvent stream)
        settled,
    testCase "its producer is told, and its reader" . within $ do
      reader <- withRust defaultConfig $ do
        stream <- callRust (Both.PushedRequest defaultStreamOptions)
        reader <- asyncRust (nextEvent stream)
        reader <$ awaitStats ((== 1) . stablePtrs)
      failsWith ReferenceClosed (wait reader)
      withRust defaultConfig settled,
    testCase "a producer that waits for room does not hold it up" . within $ do
      (stream, pushing) <- withRust defaultConfig $ do
        stream <- callRust (Both.PushedRequest (StreamOptions 1 WaitForRoom))
        Both.push 1 `gives` 1
        pushing <- asyncRust (Both.push 2)
        isWaiting
        pure (stream, pushing)
      waitFor 0 pushing
      -- It has not been garbage before.
      failsWith ReferenceClosed (nextEvent stream)
      withRust defaultConfig settled,
    testCase "100 that nobody reads do not hold it up" . within $ do
      withRust defaultConfig . replicateM_ 100 $ callRust (Both.EndlessRequest defaultStreamOptions)
      withRust defaultConfig settled
  ]

-- | The one call that there is has begun, and waits for room: with one worker, the
-- next is not handled before that.
isWaiting :: Test
isWaiting = do
  awaitStats ((== 1) . stablePtrs)
  void Both.left

-- | What is left of it.
rest :: Stream a -> RustT IO [a]
rest stream = nextEvent stream >>= maybe (pure []) (\event -> (event :) <$> rest stream)

data Leave = Leave deriving (Eq, Show)

instance Exception Leave
