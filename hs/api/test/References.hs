{-# LANGUAGE AllowAmbiguousTypes #-}
{-# LANGUAGE DeriveAnyClass #-}
{-# LANGUAGE DeriveGeneric #-}
{-# LANGUAGE DerivingStrategies #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE ScopedTypeVariables #-}
{-# LANGUAGE TypeApplications #-}
{-# LANGUAGE TypeFamilies #-}

-- | References to what is outside of a message: where they may be, and that they
-- come and go with it.
module References (tests) where

import Control.Exception (displayException, evaluate, throwIO, try)
import Control.Monad ((>=>))
import Data.ByteString (ByteString)
import Data.IORef
import Data.List (isInfixOf)
import Data.Map.Strict (Map)
import qualified Data.Map.Strict as Map
import Data.Proxy (Proxy (..))
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Word (Word16, Word32, Word64, Word8)
import GHC.Generics (Generic)
import RustBridge.Exception (RustException (..))
import RustBridge.Reference
import RustBridge.Request
import RustBridge.RustT
import RustBridge.Wire
import Table
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit

tests :: TestTree
tests =
  testGroup
    "references"
    [ testGroup "are not in bytes alone" alone,
      testGroup "go there and back" back,
      testGroup "functions" functions,
      testGroup "streams" streams,
      testGroup "methods" methods
    ]

-- | An object's type.
data Voice

data Choir = Choir
  { leader :: !(Object Voice),
    others :: ![Object Voice],
    named :: !(Map Text (Object Voice)),
    guest :: !(Maybe (Object Voice)),
    size :: !Word16
  }
  deriving stock (Eq, Ord, Show, Generic)
  deriving anyclass (Wire)

-- | A service that Haskell implements.
data Decider = Decider
  { decide :: !(Word32 -> IO Bool),
    note :: !(Text -> IO ()),
    sing :: !(Object Voice -> IO (Object Voice))
  }
  deriving stock (Generic)
  deriving anyclass (Wire)

alone :: [TestTree]
alone =
  [ testCase "an object is not sent" $ do
      table <- newTable []
      voice <- object table 7
      notSent voice
      notSent [Just (1 :: Word8, voice)],
    testCase "a function is not sent" $ do
      notSent (pure :: Word8 -> IO Word8)
      notSent (Just decider),
    testCase "it says what may" $ do
      why <- try (evaluate (encodeWire decider))
      either explained show why `says` "carrying",
    notRead @(Object Voice) "an object" [number 7] 8,
    notRead @(RustFunction Word8 Word8) "a function of Rust's" [number 7] 8,
    notRead @(Stream Word8) "a stream" [number 7] 8,
    notRead @(Word8, Maybe (Object Voice), Word16) "an object in the middle" ["a\1", number 7, "bc"] 10
  ]
  where
    notSent value = do
      result <- try (evaluate (encodeWire value))
      case result of
        Left (NotSendable _) -> pure ()
        Right bytes -> assertFailure ("it is sent as " <> show bytes)
    explained (NotSendable why) = displayException (NotSendable why)

notRead :: forall a. Wire a => String -> [ByteString] -> Int -> TestTree
notRead label parts place = testCase (label <> " is not read") $
  case decodeWire (mconcat parts) :: Either PeekException a of
    Left (PeekException left why) -> do
      Text.unpack why `says` "outside of them"
      left @?= place
    Right _ -> assertFailure "it is read"

back :: [TestTree]
back =
  [ testCase "objects in a record, a list, a Map and a Maybe" $ do
      table <- newTable []
      voices <- mapM (object table) [7 .. 12]
      let choir = Choir (head voices) (tail voices) (Map.fromList (zip ["b", "a"] voices)) (Just (last voices)) 9
      bytes <- written table choir
      again <- readBack table bytes
      again @?= choir
      written table again >>= (@?= bytes),
    testCase "an object is its id" $ do
      table <- newTable []
      voice <- object table 7
      written table voice >>= (@?= number 7),
    testCase "equal ones are the same one" $ do
      table <- newTable []
      [seven, eight, again] <- mapM (object table) [7, 8, 7]
      (seven == again, seven == eight, compare seven eight) @?= (True, False, LT)
      (show seven, show (Just eight)) @?= ("<object 7>", "Just <object 8>"),
    testCase "an id of nothing is refused where it is" $ do
      table <- newTable []
      none <- try (readBack table (number 1000 <> "a")) :: IO (Either PeekException (Object Voice, Word8))
      fmap snd none @?= Left (PeekException 9 "there is nothing of this id")
      zero <- try (readBack table (number 0)) :: IO (Either PeekException (Object Voice))
      zero @?= Left (PeekException 8 "0 is the id of nothing"),
    testCase "one that was closed is not sent" $ do
      table <- newTable []
      voice <- object table 7
      closeRust voice
      closed table >>= (@?= [7])
      result <- try (written table voice)
      result @?= Left ReferenceClosed
  ]

functions :: [TestTree]
functions =
  [ testCase "of a record are sent, in order, and called" $ do
      table <- newTable []
      notes <- newIORef []
      let service = decider {note = \text -> modifyIORef notes (text :)}
      bytes <- written table service
      bytes @?= number 1 <> number 2 <> number 3
      handled table 1 (encodeWire (4 :: Word32)) >>= (@?= encodeWire True)
      handled table 2 (encodeWire ("done" :: Text)) >>= (@?= "")
      readIORef notes >>= (@?= ["done"])
      handled table 3 (number 9) >>= (@?= number 9),
    testCase "in data are sent" $ do
      table <- newTable []
      let double = pure . (2 *) :: Word8 -> IO Word8
      bytes <- written table (Map.fromList [("a" :: Text, [double]), ("b", [])], Just double, Left double :: Either (Word8 -> IO Word8) ())
      (places, Just third, fourth) <- readBack table bytes
      places @?= Map.fromList [("a" :: Text, [1 :: Word64]), ("b", [])]
      (third :: Word64, fourth) @?= (2, Left 3 :: Either Word64 ())
      mapM (\place -> handled table place (encodeWire (21 :: Word8))) [1, 2, 3] >>= (@?= replicate 3 "\42"),
    testCase "of functions" $ do
      table <- newTable []
      let twice function = pure (function >=> function) :: IO (Word8 -> IO Word8)
      bytes <- written table (\() -> twice (pure . (3 *)))
      bytes @?= number 1
      handled table 1 "" >>= (@?= number 2)
      handled table 2 "\5" >>= (@?= "\45"),
    testCase "of Haskell's do not come back" $ do
      table <- newTable []
      result <- try (readBack table (number 1))
      case result of
        Left (PeekException _ why) -> Text.unpack why `says` "RustFunction"
        Right function -> function 'a' >>= assertFailure,
    testCase "of Rust's are applied by a call" $ do
      table <- newTable []
      function <- readBack table (number 5)
      show function @?= "<function 5>"
      let engine request = do
            request @?= number 5 <> "\7"
            pure "\1"
      result <- runRustT (applyRust (function :: RustFunction Word8 Bool) 7) (answering table engine)
      result @?= True
  ]

-- | Subscribes.
data Ticks = Ticks StreamOptions Word8
  deriving stock (Generic)
  deriving anyclass (Wire)

instance Call Ticks where
  type Response Ticks = Stream Word32
  callMethod _ = "clock.ticks"

streams :: [TestTree]
streams =
  [ testCase "have events until they end" $ do
      table <- newTable (map encodeWire [10, 20 :: Word32])
      found <- subscribed table $ \stream -> do
        events <- sequence [nextEvent stream, nextEvent stream, nextEvent stream, nextEvent stream]
        dropped <- droppedEvents stream
        open <- liftIO (closed table)
        pure (events, dropped, open)
      found @?= ([Just 10, Just 20, Nothing, Nothing], 5, [])
      closed table >>= (@?= [5]),
    testCase "are closed when their scope throws" $ do
      table <- newTable []
      result <- try (subscribed table (const (liftIO (throwIO NotRunning))))
      result @?= (Left NotRunning :: Either RustException ())
      closed table >>= (@?= [5]),
    testCase "that were refused run nothing" $ do
      table <- newTable []
      let engine _ = throwIO ShuttingDown
      result <- try (runRustT (withRustStream (Ticks defaultStreamOptions 1) (const (pure ()))) (answering table engine))
      result @?= Left ShuttingDown
      closed table >>= (@?= []),
    testCase "may hold objects" $ do
      table <- newTable [number 8]
      stream <- readBack table (number 5)
      voice <- nextEvent stream
      fmap show (voice :: Maybe (Object Voice)) @?= Just "<object 8>",
    testCase "are not sent" $ do
      table <- newTable []
      stream <- readBack table (number 5) :: IO (Stream Word8)
      result <- try (written table stream)
      either (\(NotSendable why) -> Text.unpack why) show result `says` "only comes from Rust",
    testCase "are 256 events, and then wait" $
      encodeWire defaultStreamOptions @?= number 256 <> "\0",
    testCase "have no capacity out of range" $
      mapM_ outOfRange [0, -1, 1048577, minBound, maxBound]
  ]
  where
    subscribed table use =
      let engine request = do
            request @?= number 256 <> "\0\9"
            pure (number 5)
       in runRustT (withRustStream (Ticks defaultStreamOptions 9) use) (answering table engine)
    outOfRange capacity = do
      result <- try (evaluate (encodeWire (StreamOptions capacity DropOldest)))
      either (\(NotSendable why) -> Text.unpack why) show result `says` "1 to 1048576"
      case decodeWire (encodeWire capacity <> "\1") :: Either PeekException StreamOptions of
        Left (PeekException left why) -> do
          Text.unpack why `says` "1 to 1048576"
          left @?= 9
        Right options -> assertFailure (show options)

methods :: [TestTree]
methods =
  [ testCase "carry nothing unless they say so" $
      (methodCarries "clock.ticks", methodCarries (carrying "clock.ticks")) @?= (False, True),
    testCase "are the same otherwise" $ methodId (carrying "clock.ticks") @?= methodId "clock.ticks",
    testCase "that apply a function carry it" $ do
      let method = callMethod (Proxy @(Apply Word8 Bool))
      (methodName method, methodCarries method) @?= ("rs-in-hs.apply", True),
    testCase "fail with a way out" $ do
      displayException ReferenceClosed `says` "get new ones"
      displayException StreamOverflowed `says` "raise its streamCapacity"
      displayException (StreamFailed "no more letters") `says` "no more letters"
      displayException (StreamFailed "no more letters") `says` "subscribing again"
  ]

decider :: Decider
decider = Decider (pure . even) (const (pure ())) pure

object :: Table -> Word64 -> IO (Object Voice)
object table = readBack table . number

number :: Word64 -> ByteString
number = encodeWire

says :: String -> String -> Assertion
says text part = assertBool text (part `isInfixOf` text)
