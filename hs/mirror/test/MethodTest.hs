{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE RankNTypes #-}

-- | Methods of every form, and values that only one of the two languages has.
module MethodTest (methodTests) where

import Control.Exception (displayException, throwIO, try)
import qualified Data.ByteString as ByteString
import Data.Time (UTCTime (..), fromGregorian)
import Data.Vector.Storable (fromList)
import Lens (looks, magnify)
import Mirror hiding (Nothing)
import RustBridge
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (Assertion, assertBool, assertEqual, assertFailure, testCase)

-- | With what runs on the path that is tested, and what does so on the queue.
methodTests :: (forall a. RustT IO a -> IO a) -> (forall a. RustT IO a -> IO a) -> TestTree
methodTests run queued =
  testGroup
    "methods"
    [ testCase "several arguments" $ do
        answer <- run (area 1 2 "three")
        assertEqual "the arguments" (1, 2, "three") answer,
      testCase "numbers that are a whole message are not copied" $ do
        answer <- run (borrows (fromList [1.5, 2.5]))
        assertBool "they are borrowed" answer,
      testCase "no argument, and casts" $ do
        -- In the order of the queue, which a direct call would not keep to.
        (before, count) <- queued ((,) <$> seen <*> (see 40 >> trySee 2 >> seen))
        assertEqual "what was cast" 42 (count - before),
      testCase "the context is no argument" $ do
        without <- run hasLimit
        with <- run (hasLimitTimeout 60000000)
        assertEqual "whether there is a limit" (False, Just True) (without, with),
      testCase "a method that answers later" $ do
        answer <- run (later "from another thread")
        assertEqual "its answer" (Right "from another thread") answer,
      testCase "an error is an exception with its message" $ do
        answer <- run (fails "rain")
        thrown <- try (either throwIO pure answer)
        assertEqual "the exception" (Left (MishapOther "rain" "because of rain")) thrown
        either (assertEqual "what it says" "because of rain" . displayException) pure thrown,
      testCase "an error without fields has its message too" $ do
        answer <- run (later "")
        assertEqual "the answer" (Left (MishapMissing "there is nothing")) answer,
      testCase "two services of one object, and a value that both know" $ do
        before <- queued looks
        answer <- run (shape (ShapeBox 3 4) >>= magnify)
        after <- queued (see 1 >> looks)
        assertEqual "the shape" (ShapeBox 6 8) answer
        assertEqual "the looks" (before + 1) after,
      testCase "a character that Rust does not have is not sent" $
        run (char '\xdc00')
          `failsWith` "the request to Mirror.char cannot be encoded: U+dc00 is a surrogate, which Rust's char cannot be",
      testCase "an array of another length is refused" $ do
        run (array (fromList [1, 2])) `failsWith` "the request to Mirror.array cannot be decoded: argument value: at byte 0: 2 elements, where an array has 3"
        run (digest (ByteString.replicate 5 0)) `failsWith` "the request to Mirror.digest cannot be decoded: argument value: at byte 0: 5 elements, where an array has 4",
      testCase "a negative duration is refused" $
        run (duration (-1)) `failsWith` "the request to Mirror.duration cannot be decoded: argument value: at byte 0: not a duration of 0 to 2^64 seconds",
      testCase "a time that Rust does not have is refused" $
        run (time (UTCTime (fromGregorian 600000000000 1 1) 0)) `failsWith` "the request to Mirror.time cannot be encoded: a UTCTime is within 10^14 days of 1858-11-17, and less than 86401 s into its day",
      testCase "flags that there are not are refused" $
        run (mode (Mode 4)) `failsWith` "the request to Mirror.mode cannot be decoded: argument value: at byte 0: not a set of the flags there are",
      testCase "a leap second is the first one of the next day" $ do
        answer <- run (time (UTCTime (fromGregorian 2016 12 31) 86400.5))
        assertEqual "the time" (UTCTime (fromGregorian 2017 1 1) 0.5) answer,
      testCase "picoseconds are cut off" $ do
        answer <- run (time (UTCTime (fromGregorian 1969 12 31) 0.0000000019))
        assertEqual "the time" (UTCTime (fromGregorian 1969 12 31) 0.000000001) answer,
      testCase "values nested too deep are refused, and those before are not" $ do
        answer <- run (chain (links 500))
        assertEqual "a chain" (links 500) answer
        run (chain (links 100000)) `failsWith` "the request to Mirror.chain cannot be decoded: argument value: values nested more than 512 deep cannot be sent"
    ]

links :: Int -> Chain
links count = iterate (ChainLink 7) ChainEnd !! count

-- | It throws an exception that says this.
failsWith :: Show a => IO a -> String -> Assertion
failsWith action says = failsAs action (assertEqual "what it says" says . displayException)

failsAs :: Show a => IO a -> (RustException -> Assertion) -> Assertion
failsAs action check = try action >>= either check (assertFailure . ("it did not fail, but gave " ++) . show)
