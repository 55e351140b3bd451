-- | What reading and writing cost: time and memory grow as the message does, and
-- the stack does not. (This program's stack ends at 1 MiB.)
module Memory (tests, allocatedBy) where

import Control.Exception (evaluate)
import qualified Data.ByteString as ByteString
import Data.Int (Int64)
import qualified Data.Map.Strict as Map
import qualified Data.Set as Set
import Data.Word (Word64)
import RustBridge.Wire
import System.Mem (getAllocationCounter)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit

-- | The bytes that this thread allocated meanwhile.
allocatedBy :: IO a -> IO (a, Int)
allocatedBy act = do
  before <- getAllocationCounter
  result <- act
  after <- getAllocationCounter
  pure (result, fromIntegral (before - after :: Int64))

tests :: TestTree
tests =
  testGroup
    "a million"
    [ testCase "numbers in a list" (million [1 .. 1000000 :: Word64] 100),
      testCase "numbers of any size in a list" (million (map (2 ^) (concat (replicate 100000 [0 .. 9 :: Int])) :: [Integer]) 200),
      testCase "lists in a list" (million (replicate 1000000 [True]) 300),
      testCase "elements of a set" (million (Set.fromDistinctAscList [1 .. 1000000 :: Word64]) 300),
      testCase "pairs of a map" (million (Map.fromDistinctAscList [(key, key) | key <- [1 .. 1000000 :: Word64]]) 400)
    ]

-- | Reading allocates at most so many bytes an element, and writing a third.
million :: (Eq a, Wire a) => a -> Int -> Assertion
million value most = do
  _ <- evaluate (decodeWire (encodeWire value) == Right value)
  (written, writing) <- allocatedBy (evaluate (encodeWire value))
  assertBool ("writing allocated " <> show writing) (writing <= 1000000 * most)
  (result, reading) <- allocatedBy (evaluate (decodeWire written))
  assertBool ("reading allocated " <> show reading) (reading <= 1000000 * most)
  assertBool "it is another value" (result == Right value)
  assertBool "nothing was written" (ByteString.length written >= 8000000)
