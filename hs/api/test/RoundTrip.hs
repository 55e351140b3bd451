-- | Each instance writes the bytes that it should, and reads them back.
module RoundTrip (tests) where

import Case
import qualified Data.ByteString as ByteString
import RustBridge.Wire
import Test.Tasty (TestTree, localOption, testGroup)
import Test.Tasty.QuickCheck

tests :: TestTree
tests = localOption (QuickCheckTests 1000) (testGroup "round trip" (map roundTrip cases))

roundTrip :: Case -> TestTree
roundTrip (Case title _ values expected) =
  testProperty title . forAll values $ \value ->
    let written = encodeWire value
     in conjoin
          [ counterexample "the bytes are not store's" (written === expected value),
            counterexample "wireSize is wrong" (sizeOf wireSize value === ByteString.length written),
            counterexample "it is not read back" (decodeWire written === Right value)
          ]
  where
    sizeOf (ConstSize size) _ = size
    sizeOf (VarSize measure) value = measure value
