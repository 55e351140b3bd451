-- | Bytes that were cut, prolonged or changed are refused, or are those of
-- another value. Reading them takes memory in proportion to their number.
module Damage (tests) where

import Case
import Control.Exception (evaluate)
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.Either (isLeft)
import Data.Word (Word8)
import Memory (allocatedBy)
import RustBridge.Wire
import Test.Tasty (TestTree, localOption, testGroup)
import Test.Tasty.QuickCheck

tests :: TestTree
tests = localOption (QuickCheckTests 300) . localOption (QuickCheckMaxSize 12) $ testGroup "damage" (map damage cases)

damage :: Case -> TestTree
damage tested@(Case title _ values _) =
  testGroup
    title
    [ testProperty "cut at any place" . forAll values $ \value ->
        let whole = encodeWire value
            cuts = [ByteString.take len whole | len <- [0 .. ByteString.length whole - 1]]
         in conjoin [refused value cut | cut <- cuts],
      testProperty "a byte more" . forAll values $ \value more ->
        refused value (encodeWire value <> ByteString.singleton more),
      testProperty "a byte changed" . forAll values $ \value ->
        let whole = encodeWire value
         in if ByteString.null whole then property () else forAll (change whole) (sound tested),
      testProperty "bytes of no meaning" . forAll (resize 60 (ByteString.pack <$> listOf oftenSmall)) $ sound tested
    ]

refused :: Wire a => a -> ByteString -> Property
refused value bytes = counterexample (show bytes) (isLeft (decodeWire bytes `asTypeOf` Right value))

-- | What is read was written so, and little was allocated.
sound :: Case -> ByteString -> Property
sound (Case _ order values _) bytes = ioProperty $ do
  _ <- evaluate bytes
  (result, allocated) <- allocatedBy (evaluate (decodeWire bytes `readAs` values))
  pure . counterexample ("allocated " <> show allocated) $
    allocated <= 65536 + 512 * ByteString.length bytes .&&. case result of
      Left (PeekException left _) -> property (left >= 0 && left <= ByteString.length bytes)
      Right value -> case order of
        OneOrder -> encodeWire value === bytes
        -- As bytes, since a number that is none equals nothing.
        AnyOrder ->
          let sorted = encodeWire value
           in fmap encodeWire (decodeWire sorted `asTypeOf` result) === Right sorted .&&. ByteString.length sorted === ByteString.length bytes
  where
    readAs :: Either PeekException a -> Gen a -> Either PeekException a
    readAs = const

change :: ByteString -> Gen ByteString
change bytes = do
  place <- choose (0, ByteString.length bytes - 1)
  new <- oftenSmall
  let (before, after) = ByteString.splitAt place bytes
  pure (before <> ByteString.cons new (ByteString.drop 1 after))

oftenSmall :: Gen Word8
oftenSmall = frequency [(2, choose (0, 3)), (1, elements [0x7f, 0x80, 0xff]), (2, arbitrary)]
