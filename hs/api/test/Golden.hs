-- | The file that the Rust side is tested against, @golden.txt@: a line per
-- sample, its label, a tab, and its bytes in hexadecimal digits, written by
-- @store@ itself. What each sample is stands in "Samples".
module Golden (tests) where

import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.List (sort)
import Data.Maybe (isJust)
import Numeric (showHex)
import RustBridge.Wire
import Samples (Sample (..), samples)
import System.Environment (lookupEnv)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit

tests :: TestTree
tests =
  testGroup
    "golden"
    [ testCase "the file is what store writes" $ do
        update <- isJust <$> lookupEnv "UPDATE_GOLDEN"
        if update
          then writeFile file golden
          else do
            found <- readFile file
            assertBool (file <> " is stale: write it anew with UPDATE_GOLDEN=1") (found == golden),
      testCase "no label is there twice" $
        [label | (label, next) <- zip labels (drop 1 labels), label == next] @?= [],
      testGroup "samples" (map meets samples)
    ]
  where
    labels = sort [label | Sample label _ _ <- samples]

-- | In the package, where it is a link to the Rust side's.
file :: FilePath
file = "test/golden.txt"

golden :: String
golden = unlines [label <> "\t" <> hex stored | Sample label _ stored <- samples]

-- | Wire writes what @store@ does, and reads it.
meets :: Sample -> TestTree
meets (Sample label value stored) = testCase label $ do
  hex (encodeWire value) @?= hex stored
  decodeWire stored @?= Right value

hex :: ByteString -> String
hex = concatMap digits . ByteString.unpack
  where
    digits byte = drop 1 (showHex (0x100 + fromIntegral byte :: Int) "")
