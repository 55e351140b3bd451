{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE RankNTypes #-}

-- | Values of every type, to Rust and back: the same, and in the same bytes.
module ValueTest (Run, valueTests) where

import qualified Data.ByteString as ByteString
import qualified Data.Text.Encoding as Text
import Data.Vector.Storable (fromList)
import Data.WideWord (Int128 (..), Word128 (..))
import Mirror hiding (Nothing, numbers)
import qualified Mirror
import RustBridge (RustT, Wire)
import RustBridge.Wire (encodeWire)
import Sample
import Test.QuickCheck
import Test.QuickCheck.Instances ()
import Test.Tasty (TestName, TestTree, localOption, testGroup)
import Test.Tasty.QuickCheck (QuickCheckTests (..), testProperty)

-- | Runs in the running engine.
type Run = forall a. RustT IO a -> IO a

-- | So many of each type.
values :: QuickCheckTests
values = QuickCheckTests 10000

valueTests :: Run -> TestTree
valueTests run =
  localOption values . testGroup "values" $
    concat [numbers run, sequences run, choices run, collections run, others run, definitions run]

-- | What comes back is what went, and has its bytes.
--
-- Numbers that are none are not equal to themselves, but their bytes are.
mirrors :: (Arbitrary a, Show a, Wire a) => Run -> TestName -> (a -> RustT IO a) -> TestTree
mirrors run name = mirrorsAs run name id

-- | The same for values that are made from random ones.
mirrorsAs :: (Arbitrary a, Show a, Wire b) => Run -> TestName -> (a -> b) -> (b -> RustT IO b) -> TestTree
mirrorsAs run name make method = testProperty name $ \random -> ioProperty $ do
  let value = make random
  answer <- run (method value)
  pure (encodeWire answer === encodeWire value)

numbers :: Run -> [TestTree]
numbers run =
  [ mirrorsAs run "u8" getLarge u8,
    mirrorsAs run "u16" getLarge u16,
    mirrorsAs run "u32" getLarge u32,
    mirrorsAs run "u64" getLarge u64,
    mirrorsAs run "u128" (\(Large high, Large low) -> Word128 high low) u128,
    mirrorsAs run "usize" getLarge usize,
    mirrorsAs run "i8" getLarge i8,
    mirrorsAs run "i16" getLarge i16,
    mirrorsAs run "i32" getLarge i32,
    mirrorsAs run "i64" getLarge i64,
    mirrorsAs run "i128" (\(Large high, Large low) -> Int128 high low) i128,
    mirrorsAs run "isize" getLarge isize,
    mirrors run "f32" f32,
    mirrors run "f64" f64,
    mirrors run "bool" bool,
    mirrorsAs run "char" scalar char,
    mirrors run "unit" unit
  ]

sequences :: Run -> [TestTree]
sequences run =
  [ mirrorsAs run "text" getUnicode text,
    mirrors run "bytes" bytes,
    mirrorsAs run "borrowed text" getUnicode borrowedText,
    mirrors run "borrowed bytes" borrowedBytes,
    mirrorsAs run "borrowed numbers" fromList borrowedDoubles,
    mirrorsAs run "texts that borrow" (map getUnicode) borrowedTexts,
    mirrorsAs run "vector of u16" fromList numbers',
    mirrorsAs run "vector of f64" fromList doubles,
    mirrorsAs run "vectors of f32" (map fromList) matrix,
    mirrorsAs run "texts" (map getUnicode) texts,
    mirrorsAs run "array" (\(a, b, c) -> fromList [a, b, c]) array,
    mirrorsAs run "array of bytes" (\(a, b, c, d) -> ByteString.pack [a, b, c, d]) digest
  ]
  where
    numbers' = Mirror.numbers

choices :: Run -> [TestTree]
choices run =
  [ mirrors run "option" option,
    mirrors run "result" result
  ]

collections :: Run -> [TestTree]
collections run =
  [ mirrors run "2-tuple" pair,
    mirrors run "3-tuple" triple,
    mirrors run "4-tuple" quadruple,
    mirrors run "5-tuple" quintuple,
    mirrorsAs run "6-tuple" (\((a, b, c), (d, e, f)) -> (scalar a, b, c, d, e, f)) sextuple,
    mirrorsAs run "7-tuple" (\((a, b, c), (d, e, f, g)) -> (a, scalar b, c, d, e, f, g)) septuple,
    mirrors run "BTreeMap" treeMap,
    mirrors run "HashMap" hashMap,
    mirrors run "BTreeSet" treeSet,
    mirrors run "HashSet" hashSet,
    -- Rust has Ok before Err, Haskell Left before Right.
    testProperty "a map whose keys the two sides order in another way" $ \random -> ioProperty $ do
      answer <- run (results random)
      pure (answer === random)
  ]

others :: Run -> [TestTree]
others run =
  [ mirrorsAs run "time" (\(Times at) -> at) time,
    mirrorsAs run "duration" (\(Durations long) -> long) duration,
    mirrorsAs run "integer" power integer,
    mirrorsAs run "natural" (fromInteger . abs . power) natural,
    mirrors run "flags" mode
  ]
  where
    -- Of up to some hundred bytes, and around the limits of 64 bits.
    power :: (Integer, NonNegative (Small Int)) -> Integer
    power (factor, NonNegative (Small exponent')) = factor * 2 ^ (exponent' * 8) - signum factor

definitions :: Run -> [TestTree]
definitions run =
  [ mirrors run "struct" record,
    mirrors run "newtype" metres,
    mirrors run "tuple struct" Mirror.span,
    mirrors run "unit struct" nothing,
    mirrors run "enum" shape,
    mirrors run "enum of one variant" only,
    mirrors run "enum of 255 variants" wide,
    mirrors run "recursive struct" tree,
    mirrors run "recursive enum" chain,
    mirrors run "generic struct, of numbers" pageOfNumbers,
    mirrors run "generic struct, of structs" pageOfRecords,
    mirrors run "all in one another" nest,
    testProperty "error enum" $ \random -> ioProperty $ do
      answer <- run (mishap random)
      pure (withoutDisplay answer === withoutDisplay random),
    testProperty "error struct" $ \random -> ioProperty $ do
      answer <- run (refusal random)
      pure (refusalPlace answer === refusalPlace random),
    testProperty "struct that borrows" $ \(Unicode title, body) -> ioProperty $ do
      answer <- run (excerpt (Excerpt title body))
      pure (answer === PageWord8 (Text.encodeUtf8 title <> body) Nothing),
    testProperty "struct that borrows numbers" $ \(rate, samples) -> ioProperty $ do
      answer <- run (signal (Signal rate (fromList samples)))
      pure (answer === (rate, fromList samples))
  ]
