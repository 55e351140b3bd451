{-# LANGUAGE OverloadedStrings #-}

-- | Many requests at once.
module BatchTest (tests) where

import Control.Concurrent.Async (cancel, replicateConcurrently_, wait)
import Control.Concurrent.Chan (newChan, readChan, writeChan)
import Control.Exception (ArithException (..), throw, try)
import Control.Monad (forM_, replicateM, replicateM_)
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.Text.Encoding (encodeUtf8)
import Faulty.Gate
import Faulty.Requests
import Harness
import RustBridge
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertEqual, assertFailure, testCase)

tests :: TestTree
tests =
  testGroup
    "batches"
    [ rustCase "answers in the order of the requests" $
        forM_ [0, 1, 2, 1000] $ \count -> do
          answers <- callRustMany [Short number | number <- [1 .. count]]
          liftIO (assertEqual "the next numbers" (map Right [2 .. count + 1]) answers),
      rustCase "each fails by itself" $ do
        before <- rustStats
        answers <- callRustMany [Panic "first", Panic "second"]
        liftIO (assertEqual "what each says" [Just "first", Just "second"] (map panicOf answers))
        after <- rustStats
        liftIO (assertEqual "panics counted" 2 (panicsTotal after - panicsTotal before)),
      rustCaseWith "requests and answers over the limit, between others" small $ do
        answers <- callRustMany [Echo (bytes 5), Echo (bytes 93), Echo (bytes 92)]
        liftIO (assertEqual "the echoes" [Right (bytes 5), Left (MessageTooLarge Request "test.echo" 101 100), Right (bytes 92)] answers)
        bigs <- callRustMany [Big 5, Big 93, Big 92]
        liftIO (assertEqual "the answers" [Right (bytes 5), Left (MessageTooLarge Answer "test.big" 101 100), Right (bytes 92)] bigs),
      rustCaseWith "more than fits into one message" small $ do
        answers <- callRustMany [Echo (bytes size) | size <- concat (replicate 20 [0 .. 92])]
        liftIO (assertEqual "the echoes" [Right (bytes size) | size <- concat (replicate 20 [0 .. 92])] answers),
      rustCase "a request that cannot be encoded, between others" $ do
        answers <- callRustMany [Letter 'a', Letter '\xd800', Letter 'b']
        liftIO $ case answers of
          [Right 'b', Left (NotEncodable Request _ _), Right 'c'] -> pure ()
          _ -> assertFailure (show answers),
      rustCase "answers that Haskell cannot decode, each by itself" $ do
        answers <- callRustMany [SmallAnswer (), SmallAnswer ()]
        liftIO $
          forM_ answers $ \answer -> case answer of
            Left (NotDecodable Answer "test.small_answer" _) -> pure ()
            _ -> assertFailure (show answer),
      rustCase "requests that the engine cannot decode, between others" $ do
        answers <- callRustMany [Numbers (bytes 8), Numbers "short", Numbers (bytes 8)]
        liftIO $ case answers of
          [Right one, Left (NotDecodable Request _ _), Right two] -> assertEqual "the sums" one two
          _ -> assertFailure (show answers),
      rustCase "an unknown method" $ failsWith (UnknownMethod "test.unknown") (callRustMany [Unknown (), Unknown ()]),
      rustCase "a request whose evaluation throws" $ do
        thrown <- withRunInIO $ \run -> try (run (callRustMany [Echo "one", Echo (throw Overflow)]))
        liftIO (assertEqual "it comes here" (Left Overflow) (fmap length thrown)),
      rustCase "tokens, answered from another thread" $
        withAsyncRust (callRustMany (replicate 100 (KeepToken ()))) $ \kept -> do
          eventually $ do
            stats <- rustStats
            pure (stablePtrs stats == 1 && callsQueued stats == 0)
          counted <- callRust (AnswerTokens 42)
          liftIO (assertEqual "how many" (Just 100) counted)
          answers <- liftIO (wait kept)
          liftIO (assertEqual "the answers" (replicate 100 (Right 42)) answers),
      rustCase "tokens that are dropped" $ do
        answers <- callRustMany [DropToken (), DropToken ()]
        liftIO (assertEqual "each says so" (replicate 2 (Left (Abandoned "test.drop_token"))) answers),
      gateCase "a caller that leaves takes the rest with it" defaultConfig $ do
        caller <- asyncRust (callRustMany (replicate 10 (Gate True)))
        liftIO (awaitInside 1 >> cancel caller >> awaitCancelled 1)
        echoed <- callRust (Echo "and on")
        liftIO (assertEqual "the worker is free" "and on" echoed),
      testCase "shutdown answers what is left, each" . within . withGate $ do
        caller <- withRust defaultConfig $ do
          caller <- asyncRust (callRustMany (replicate 3 (Gate True)))
          liftIO (awaitInside 1)
          pure caller
        answers <- wait caller
        assertEqual "one was handled" [Right True, Left ShuttingDown, Left ShuttingDown] answers
        withRust defaultConfig settled,
      testCase "shutdown that does not wait" . within . withGate $ do
        caller <- withRust defaultConfig {shutdownLimit = 50 * 1000, onFailure = const (pure ())} $ do
          caller <- asyncRust (callRustMany (replicate 3 (Gate False)))
          liftIO (awaitInside 1)
          pure caller
        failsWith ShuttingDown (wait caller),
      rustCaseWith "from many threads, with several workers" defaultConfig {workers = 4, queueCapacity = 2} $
        withRunInIO $ \run -> replicateConcurrently_ 32 . run . replicateM_ 20 $ do
          answers <- callRustMany (map Short [1 .. 50])
          liftIO (assertEqual "the next numbers" (map Right [2 .. 51]) answers),
      rustCase "casts, in order" $ do
        castRustMany (map Note [1 .. 1000])
        castRustMany ([] :: [Note])
        castRust (Note 1001)
        noted <- callRust (Notes ())
        liftIO (assertEqual "all of them" [1 .. 1001] noted),
      rustCaseWith "more casts than fit into one message" small $ do
        castRustMany (map Note [1 .. 10])
        noted <- callRust (Notes ())
        liftIO (assertEqual "all of them" [1 .. 10] noted),
      rustCaseWith "a cast over the limit: none is sent" small $ do
        failsWith (MessageTooLarge Request "test.panic_cast" 108 100) (castRustMany [PanicCast "a", PanicCast (bytes 100)])
        stats <- rustStats
        liftIO (assertEqual "nothing was queued" 0 (castsQueued stats)),
      testCase "casts that fail are reported, each" . within $ do
        heard <- newChan
        withRust defaultConfig {onFailure = writeChan heard} $ do
          castRustMany [PanicCast "one", PanicCast "two", PanicCast "three"]
          reports <- liftIO (replicateM 3 (readChan heard))
          liftIO (assertEqual "what they say" [Just "one", Just "two", Just "three"] (map panicOf' reports))
          settled,
      gateCase "casts that wait for room go in together" defaultConfig {queueCapacity = 1} $ do
        castRust (GateCast False)
        liftIO (awaitInside 1)
        castRust (Note 1)
        withAsyncRust (castRustMany (map Note [2 .. 100])) $ \waiting -> do
          awaitStats ((== 1) . castsWaiting)
          liftIO (openGate >> waitFor () waiting)
        noted <- callRust (Notes ())
        liftIO (assertEqual "all, in order" [1 .. 100] noted),
      testCase "after withRust" . within $ do
        env <- withRust defaultConfig askRust
        failsWith NotRunning (runRustT (callRustMany [Echo ""]) env)
        failsWith NotRunning (runRustT (castRustMany [Note 1]) env)
    ]
  where
    small = defaultConfig {maxMsgLen = 100}

bytes :: Int -> ByteString
bytes size = ByteString.replicate size 7

panicOf :: Either RustException answer -> Maybe ByteString
panicOf = either panicOf' (const Nothing)

panicOf' :: RustException -> Maybe ByteString
panicOf' (RustPanic _ _ message) = Just (encodeUtf8 message)
panicOf' _ = Nothing
