-- | What reading and writing cost: time and memory grow as the message does, and
-- the stack does not. (This program's stack ends at 1 MiB.)
module Memory (tests, allocatedBy) where

import Control.Exception (evaluate)
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
    "memory grows as the message does"
    [ grows "numbers in a list" $ \count -> [1 .. count] :: [Word64],
      grows "numbers of any size in a list" $ \count -> [2 ^ (number `rem` 100) | number <- [1 .. count]] :: [Integer],
      grows "lists in a list" $ \count -> replicate (fromIntegral count) [True],
      grows "elements of a set" $ \count -> Set.fromDistinctAscList [1 .. count],
      grows "pairs of a map" $ \count -> Map.fromDistinctAscList [(key, key) | key <- [1 .. count]]
    ]

-- | What a million elements take, beside what a tenth of them does.
grows :: (Eq a, Wire a) => String -> (Word64 -> a) -> TestTree
grows label make = testCase label $ do
  (writingPart, readingPart) <- cost (make 100000)
  (writing, reading) <- cost (make 1000000)
  assertBool ("writing allocated " <> show (writingPart, writing)) (writing <= 11 * writingPart)
  assertBool ("reading allocated " <> show (readingPart, reading)) (reading <= 11 * readingPart)

cost :: (Eq a, Wire a) => a -> IO (Int, Int)
cost value = do
  -- So that all of it is there when it is written again.
  _ <- evaluate (encodeWire value)
  (written, writing) <- allocatedBy (evaluate (encodeWire value))
  (result, reading) <- allocatedBy (evaluate (decodeWire written))
  assertBool "it is another value" (result == Right value)
  pure (writing, reading)
