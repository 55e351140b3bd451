-- | What is not sent, because Rust's type has no such value.
module Refusal (tests) where

import Control.Exception (displayException, evaluate, try)
import Data.Time.Calendar (Day (..))
import Data.Time.Clock (UTCTime (..), picosecondsToDiffTime)
import RustBridge.Wire
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit

tests :: TestTree
tests =
  testGroup
    "not sent"
    [ testGroup "surrogates" [notSent (show char) char | char <- ['\xd800', '\xdbff', '\xdc00', '\xdfff']],
      testCase "what stands beside the surrogates is sent" $
        decodeWire (encodeWire "\xd7ff\xe000") @?= Right "\xd7ff\xe000",
      notSent "a surrogate deep in a value" [Just ("abc", '\xd800' :: Char), Nothing :: Maybe (String, Char)],
      notSent "a negative time of day" (time 0 (-1)),
      notSent "a day of 86401 s" (time 0 (86401 * 10 ^ (12 :: Int))),
      notSent "a day too late" (time (10 ^ (14 :: Int) + 1) 0),
      testCase "it says what and why" $ do
        result <- try (evaluate (encodeWire '\xd800'))
        either explained show result @?= "cannot be sent: U+d800 is a surrogate, which Rust's char cannot be"
    ]
  where
    explained (NotSendable why) = displayException (NotSendable why)
    time day = UTCTime (ModifiedJulianDay day) . picosecondsToDiffTime

notSent :: Wire a => String -> a -> TestTree
notSent label value = testCase label $ do
  result <- try (evaluate (encodeWire value))
  case result of
    Left (NotSendable _) -> pure ()
    Right bytes -> assertFailure ("it is sent as " <> show bytes)
