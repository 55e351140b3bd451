{-# LANGUAGE DerivingStrategies #-}
{-# LANGUAGE GeneralizedNewtypeDeriving #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE TypeFamilies #-}

-- | Objects of Rust's that Haskell holds.
module ObjectTest (tests) where

import qualified Both
import Control.Concurrent.Async (cancel, mapConcurrently, replicateConcurrently, replicateConcurrently_, wait, withAsync)
import Control.Concurrent.Chan (newChan, readChan, writeChan)
import Control.Exception (throwIO, try)
import Control.Monad (forM, replicateM, replicateM_, void)
import qualified Data.ByteString as ByteString
import Data.List (sort)
import Data.Proxy (Proxy (..))
import qualified Data.Text as Text
import Data.Word (Word64)
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
    "objects"
    [ testGroup "what they are in" places,
      testGroup "closing" closing,
      testGroup "from many threads" concurrent,
      testGroup "on a thread of their own" local,
      testGroup "that nobody takes" lost
    ]

places :: [TestTree]
places =
  [ rustCase "there and back" $ do
      book <- Both.book "Emma"
      Both.title book `gives` "Emma"
      again <- Both.again book
      Both.reads book `gives` 0
      Both.read book
      eventually ((== 1) <$> Both.reads again)
      liftIO (assertBool "a reference is equal to itself" (book == book && show book /= "")),
    rustCase "in an Either" $ do
      titled <- Both.titled "Persuasion"
      either (liftIO . assertFailure . show) (\book -> Both.title book `gives` "Persuasion") titled
      fmap void (Both.titled "") `gives` Left (Both.NoTitle "there is no book without a title"),
    rustCase "in a Maybe" $ do
      found <- Both.found "Persuasion"
      maybe (liftIO (assertFailure "there is none")) (\book -> Both.title book `gives` "Persuasion") found
      fmap void (Both.found "") `gives` Nothing,
    rustCase "in lists" $ do
      books <- Both.books 100
      Both.titles (reverse books) `gives` map (Text.pack . show) [99, 98 .. 0 :: Int]
      Both.titles [] `gives` [],
    rustCase "in a record, there and back" $ do
      loan <- Both.lend ["Emma", "", "Persuasion"]
      Both.lent loan `gives` ["the first", "Emma", "Persuasion"]
      -- One object may be there several times.
      let book = Both.loanBook loan
      Both.lent loan {Both.loanOthers = [Just book, Nothing, Just book]} `gives` replicate 3 "the first",
    rustCase "in an answer with bytes that Rust lends" $ do
      (book, bytes) <- Both.bound (1024 * 1024)
      Both.title book `gives` "bound"
      liftIO (assertEqual "all of them" (1024 * 1024) (ByteString.length bytes)),
    rustCase "in a batch, each by itself" $ do
      made <- callRustMany [Both.BookRequest (Text.pack (show number)) | number <- [1 .. 1000 :: Int]]
      books <- liftIO (either throwIO pure (sequence made))
      closeRust (books !! 499)
      titles <- callRustMany (map Both.TitleRequest books)
      liftIO $
        assertEqual
          "titles"
          [if number == 500 then Left ReferenceClosed else Right (Text.pack (show number)) | number <- [1 .. 1000 :: Int]]
          titles,
    rustCase "in an answer that a token gives" $ do
      book <- Both.ordered
      Both.title book `gives` "ordered",
    gateCase "in a cast, of which nobody else has one any more" defaultConfig $ do
      watched <- Both.book "Emma"
      others <- replicateM 100 (Both.again watched)
      withAsyncRust (callRust (Gate False)) $ \atGate -> do
        liftIO (awaitInside 1)
        mapM_ Both.read others
        replicateM_ 3 (liftIO performMajorGC)
        liftIO (openGate >> waitFor False atGate)
      eventually ((== 100) <$> Both.reads watched)
  ]

closing :: [TestTree]
closing =
  [ rustCase "ends every use, and again is nothing" $ do
      book <- Both.book "Emma"
      closeRust book
      closeRust book
      failsWith ReferenceClosed (Both.title book)
      failsWith ReferenceClosed (Both.titleTimeout 1000000 book)
      failsWith ReferenceClosed (Both.readsDirect book)
      failsWith ReferenceClosed (Both.read book)
      failsWith ReferenceClosed (Both.tryRead book)
      failsWith ReferenceClosed (castRustMany [Both.ReadMessage book])
      other <- Both.book "Persuasion"
      failsWith ReferenceClosed (Both.titles [other, book])
      awaitStats ((== 1) . objects)
      Both.title other `gives` "Persuasion",
    rustCase "is of one reference, not of others to the same object" $ do
      book <- Both.book "Emma"
      others <- replicateM 10 (Both.again book)
      closeRust book
      mapM Both.title others `gives` replicate 10 "Emma"
      stats <- rustStats
      liftIO (assertEqual "it is one object" 1 (objects stats))
      mapM_ closeRust others
      awaitStats ((== 0) . objects),
    rustCase "leaves what the engine keeps" $ do
      book <- Both.book "Emma"
      Both.keep book
      closeRust book
      stats <- rustStats
      liftIO (assertEqual "it is there" 1 (objects stats))
      Both.clear
      awaitStats ((== 0) . objects),
    gateCase "while a handler uses it: that one goes on" defaultConfig $ do
      book <- Both.book "Emma"
      withAsyncRust (Both.readAtGate book) $ \reading -> do
        liftIO (awaitInside 1)
        closeRust book
        stats <- rustStats
        liftIO (assertEqual "it is there" 1 (objects stats))
        liftIO (openGate >> waitFor "Emma" reading)
      awaitStats ((== 0) . objects)
      failsWith ReferenceClosed (Both.title book),
    notOn [Direct] . gateCase "before a handler has begun: that one is told" defaultConfig $ do
      book <- Both.book "Emma"
      withAsyncRust (callRust (Gate False)) $ \_ -> do
        liftIO (awaitInside 1)
        withAsyncRust (Both.title book) $ \reading -> do
          awaitStats ((== 1) . callsQueued)
          closeRust book
          liftIO openGate
          failsWith ReferenceClosed (liftIO (wait reading)),
    testCase "before a cast's handler has begun: onFailure hears" . within . withGate $ do
      heard <- newChan
      withRust defaultConfig {onFailure = writeChan heard} $ do
        book <- Both.book "Emma"
        castRust (GateCast False)
        liftIO (awaitInside 1)
        Both.read book
        closeRust book
        failure <- liftIO (openGate >> readChan heard)
        liftIO (assertEqual "it hears" ReferenceClosed failure)
        settled,
    testCase "is done by the end of withRust" . within $ do
      (book, env) <- withRust defaultConfig ((,) <$> Both.book "Emma" <*> askRust)
      failsWith NotRunning (runRustT (Both.title book) env)
      withRust defaultConfig $ do
        failsWith ReferenceClosed (Both.title book)
        failsWith ReferenceClosed (Both.readsDirect book)
        other <- Both.book "Persuasion"
        closeRust book
        Both.title other `gives` "Persuasion"
        settled,
    rustCase "a destructor that panics harms nobody" $ do
      before <- rustStats
      bombs <- replicateM 3 Both.bomb
      book <- Both.book "Emma"
      mapM_ closeRust bombs
      awaitStats ((== panicsTotal before + 3) . panicsTotal)
      awaitStats ((== 1) . objects)
      Both.title book `gives` "Emma"
  ]

concurrent :: [TestTree]
concurrent =
  [ rustCaseWith "64 use one while it is closed" defaultConfig {workers = 2} $
      replicateM_ 20 $ do
        book <- Both.book "Emma"
        found <- withRunInIO $ \run -> do
          began <- newChan
          let use = do
                title <- try (run (Both.title book))
                either (\failure -> pure [failure | failure /= ReferenceClosed]) next title
              next title = do
                assertEqual "its title" "Emma" title
                writeChan began ()
                use
          withAsync (replicateConcurrently 64 use) $ \users -> do
            replicateM_ 100 (readChan began)
            run (closeRust book)
            wait users
        liftIO (assertEqual "no other failure" [] (concat found)),
    rustCaseWith "64 close one" defaultConfig {workers = 2} $
      replicateM_ 20 $ do
        book <- Both.book "Emma"
        withRunInIO $ \run -> replicateConcurrently_ 64 (run (closeRust book))
        awaitStats ((== 0) . objects),
    gateCase "two handlers have one at once" defaultConfig {workers = 2} $ do
      book <- Both.book "Emma"
      withAsyncRust (Both.readAtGate book) $ \one ->
        withAsyncRust (Both.readAtGate book) $ \two ->
          liftIO (awaitInside 2 >> openGate >> waitFor "Emma" one >> waitFor "Emma" two)
  ]

local :: [TestTree]
local =
  [ rustCaseWith "it is always the same one, from wherever it is used" defaultConfig {workers = 4} $ do
      tallies <- replicateM 4 Both.tally
      homes <- withRunInIO $ \run ->
        fmap concat . replicateConcurrently 16 . forM tallies $ \tally -> run (Both.tallyUp tally 1 >> Both.tallyHome tally)
      liftIO (assertEqual "the thread" (replicate 64 (head homes)) homes)
      liftIO (assertBool (show (head homes)) ("rs-in-hs Tally" `Text.isSuffixOf` head homes))
      mapM (`Both.tallyUp` 0) tallies `gives` replicate 4 16,
    rustCase "they are used one after the other" $ do
      tally <- Both.tally
      counted <- withRunInIO $ \run -> mapConcurrently (run . Both.tallyUp tally) (replicate 100 1)
      liftIO (assertEqual "each number once" [1 .. 100] (sort counted)),
    rustCase "they are dropped there" $ do
      (home, elsewhere) <- Both.talliesDropped
      tallies <- replicateM 100 Both.tally
      mapM_ closeRust (take 50 tallies)
      failsWith ReferenceClosed (Both.tallyUp (head tallies) 1)
      -- The others are garbage.
      eventually (liftIO performMajorGC >> (== 0) . objects <$> rustStats)
      Both.talliesDropped `gives` (home + 100, elsewhere),
    testCase "they are dropped there by the end of withRust" . within $ do
      (home, elsewhere) <- withRust defaultConfig (Both.talliesDropped <* replicateM 100 Both.tally)
      withRust defaultConfig $ do
        Both.talliesDropped `gives` (home + 100, elsewhere)
        settled,
    gateCase "one that is busy holds up neither calls nor objects of other types" defaultConfig {workers = 2} $ do
      tally <- Both.tally
      withAsyncRust (Both.tallyAtGate tally) $ \busy -> do
        liftIO (awaitInside 1)
        closeRust tally
        book <- Both.book "Emma"
        Both.title book `gives` "Emma"
        closeRust book
        liftIO (openGate >> waitFor 0 busy)
  ]

lost :: [TestTree]
lost =
  [ gateCase "since the time is over" defaultConfig {workers = 2} $ do
      Both.bookAtGateTimeout 300000 `gives` Nothing
      liftIO openGate,
    notOn [Direct] . gateCase "since the caller has gone" defaultConfig $ do
      caller <- asyncRust Both.bookAtGate
      liftIO (awaitInside 1 >> cancel caller >> openGate),
    gateCase "since the handler panics" defaultConfig $
      withAsyncRust Both.torn $ \torn -> do
        liftIO (awaitInside 1)
        stats <- rustStats
        liftIO (assertEqual "it is there" 1 (objects stats))
        liftIO openGate
        failsAs isPanic (liftIO (wait torn)),
    rustCase "since Haskell reads something else" $ do
      replicateM_ 10 (failsAs (isNotDecodable Answer) (callRust (Misread "Emma")))
      replicateM_ 10 (failsAs (isNotDecodable Answer) (callRust (MisreadAll 100))),
    rustCase "since it is of another type" $ do
      adder <- Both.adder 1
      failsAs (isNotDecodable Request) (callRust (TitleOf adder))
      tally <- Both.tally
      failsAs (isNotDecodable Request) (callRust (TitleOf tally))
  ]
  where
    isPanic (RustPanic _ _ "it is torn") = pure ()
    isPanic other = assertFailure (show other)
    isNotDecodable expected failure = case failure of
      NotDecodable way _ _ -> assertEqual "the direction" expected way
      other -> assertFailure (show other)

-- | The request for a book, whose answer this takes for more than that.
newtype Misread = Misread Text.Text
  deriving newtype (Wire)

instance Call Misread where
  type Response Misread = (Object Both.Book, Word64)
  callMethod _ = callMethod (Proxy :: Proxy Both.BookRequest)

-- | The same of many books.
newtype MisreadAll = MisreadAll Word64
  deriving newtype (Wire)

instance Call MisreadAll where
  type Response MisreadAll = ([Object Both.Book], Word64)
  callMethod _ = callMethod (Proxy :: Proxy Both.BooksRequest)

-- | The request for a book's title, of something that need not be one.
newtype TitleOf a = TitleOf a
  deriving newtype (Wire)

instance Wire a => Call (TitleOf a) where
  type Response (TitleOf a) = Text.Text
  callMethod _ = callMethod (Proxy :: Proxy Both.TitleRequest)
