-- | Each instance writes the bytes that it should, and reads them back.
module RoundTrip (tests) where

import Case
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.ByteString.Unsafe (unsafeUseAsCStringLen)
import Data.Foldable (for_)
import Data.Store.Core (decodeIOWithFromPtr)
import qualified Data.Text as Text
import Data.Text.Encoding (encodeUtf8)
import Foreign.Marshal.Alloc (allocaBytes)
import Foreign.Marshal.Utils (copyBytes, fillBytes)
import Foreign.Ptr (castPtr, plusPtr)
import RustBridge.Wire
import Test.Tasty (TestTree, localOption, testGroup)
import Test.Tasty.HUnit (assertBool, testCase)
import Test.Tasty.QuickCheck

tests :: TestTree
tests = localOption (QuickCheckTests 1000) (testGroup "round trip" (everyCharacter : map roundTrip cases))

roundTrip :: Case -> TestTree
roundTrip (Case title _ values expected) =
  testProperty title . forAll values $ \value ->
    let written = encodeWire value
     in conjoin
          [ counterexample "the bytes are not store's" (written === expected value),
            counterexample "wireSize is wrong" (sizeOf wireSize value === ByteString.length written),
            counterexample "it is not read back" (decodeWire written === Right value),
            ioProperty (counterexample "it holds on to the message" . (=== value) <$> readFromElsewhere written)
          ]
  where
    sizeOf (ConstSize size) _ = size
    sizeOf (VarSize measure) value = measure value

-- | At each of the places that are looked at together.
everyCharacter :: TestTree
everyCharacter = testCase "a text of every character" . for_ [0 .. 7] $ \before ->
  let text = Text.replicate before (Text.singleton 'a') <> Text.pack [minBound .. maxBound]
   in assertBool (show before) (ByteString.drop 8 (encodeWire text) == encodeUtf8 text)

-- | Reads from memory that is not aligned, and is gone afterwards.
readFromElsewhere :: Wire a => ByteString -> IO a
readFromElsewhere message = unsafeUseAsCStringLen message $ \(from, len) ->
  allocaBytes (len + 1) $ \buffer -> do
    let unaligned = buffer `plusPtr` 1
    copyBytes unaligned (castPtr from) len
    value <- decodeIOWithFromPtr (wirePeek noReceiver) unaligned len
    fillBytes unaligned 0xa5 len
    pure value
