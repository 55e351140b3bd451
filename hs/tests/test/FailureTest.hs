{-# LANGUAGE OverloadedStrings #-}

-- | Every way in which a call fails, each followed by one that does not.
module FailureTest (tests) where

import Control.Exception (displayException)
import qualified Data.ByteString as ByteString
import Data.List (isInfixOf)
import Data.Store (encode)
import qualified Data.Text as Text
import Faulty.Requests
import Harness
import RustBridge
import Test.Tasty (TestName, TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, assertFailure)

tests :: TestTree
tests =
  testGroup
    "failures"
    [ goesOn "a request over the limit" small $ do
        let request = Echo (ByteString.replicate 93 7)
        failsWith (MessageTooLarge Request "test.echo" 101 100) (callRust request)
        largest <- callRust (Echo (ByteString.replicate 92 7))
        liftIO (assertEqual "one at the limit" 92 (ByteString.length largest)),
      goesOn "an answer over the limit" small $ do
        failsWith (MessageTooLarge Answer "test.big" 101 100) (callRust (Big 93))
        largest <- callRust (Big 92)
        liftIO (assertEqual "one at the limit" 92 (ByteString.length largest)),
      goesOn "a request that the engine cannot decode: too short" defaultConfig $
        failsAs (isNotDecodable Request) (callRust (Numbers "")),
      goesOn "a request that the engine cannot decode: too long" defaultConfig $
        failsAs (isNotDecodable Request) (callRust (Numbers "more than eight bytes")),
      goesOn "a request of a length that no message has" defaultConfig $
        failsAs (isNotDecodable Request) (callRust (Lying (encode (maxBound :: Int)))),
      goesOn "an answer that Haskell cannot decode" defaultConfig $
        failsAs (isNotDecodable Answer) (callRust (SmallAnswer ())),
      goesOn "an unknown method" defaultConfig $
        failsWith (UnknownMethod "test.unknown") (callRust (Unknown ())),
      goesOn "an unknown cast, at once" defaultConfig $
        failsWith (UnknownMethod "test.unknown") (castRust (UnknownCast ())),
      goesOn "a panic in the handler" defaultConfig $
        panicsWith "test.panic" "on purpose" (callRust (Panic "on purpose")),
      goesOn "a panic in decode" defaultConfig $
        panicsWith "test.panic_in_decode" "in decode" (callRust (PanicInDecode ())),
      goesOn "a panic in encode" defaultConfig $
        panicsWith "test.panic_in_encode" "in encode" (callRust (PanicInEncode ())),
      goesOn "a token dropped without an answer" defaultConfig $
        failsWith (Abandoned "test.drop_token") (callRust (DropToken ())),
      goesOn "a Wire instance that writes more than it says" defaultConfig $
        failsAs isInternal (callRust Liar),
      goesOn "a cast of one" defaultConfig $
        failsAs isInternal (castRust Liar),
      goesOn "exceptions name the way out" small $ do
        let request = Echo (ByteString.replicate 93 7)
        failsAs (\failure -> assertBool (displayException failure) ("maxMsgLen" `isInfixOf` displayException failure)) $
          callRust request
    ]
  where
    small = defaultConfig {maxMsgLen = 100}

-- | The runtime works as before after it, and the failure is counted once.
goesOn :: TestName -> Config -> Test -> TestTree
goesOn name config test = rustCaseWith name config $ do
  test
  echoed <- callRust (Echo "and on")
  liftIO (assertEqual "the next call" "and on" echoed)

isInternal :: RustException -> IO ()
isInternal failure = case failure of
  InternalError _ -> pure ()
  other -> assertFailure (show other)

isNotDecodable :: Direction -> RustException -> IO ()
isNotDecodable expected failure = case failure of
  NotDecodable way _ why | way == expected -> assertBool "it says why" (not (Text.null why))
  other -> assertFailure (show other)

panicsWith :: Text.Text -> Text.Text -> RustT IO a -> Test
panicsWith method message action = do
  before <- rustStats
  failsAs isIt action
  after <- rustStats
  liftIO (assertEqual "panics counted" 1 (panicsTotal after - panicsTotal before))
  where
    isIt (RustPanic method' place message') = do
      assertEqual "method and message" (method, message) (method', message')
      assertBool (Text.unpack place) ("lib.rs:" `Text.isInfixOf` place)
    isIt other = assertFailure (show other)
