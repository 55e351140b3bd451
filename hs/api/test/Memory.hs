-- | What reading and writing cost: time and memory grow as the message does, and
-- the stack does not. (This program's stack ends at 1 MiB.)
module Memory (tests, allocatedBy) where

import Control.Exception (evaluate)
import qualified Data.ByteString as ByteString
import Data.Int (Int64)
import qualified Data.Map.Strict as Map
import qualified Data.Set as Set
import qualified Data.Text as Text
import qualified Data.Vector.Storable as Vector
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
      grows "pairs of a map" $ \count -> Map.fromDistinctAscList [(key, key) | key <- [1 .. count]],
      inOnePiece "a text" (Text.replicate 100000 (Text.pack "a\xe4\x1f600")),
      inOnePiece "bytes" (ByteString.replicate 1000000 7),
      inOnePiece "a vector" (Vector.replicate 100000 (0.5 :: Double))
    ]

-- | It is written into the message, and nowhere else on its way.
inOnePiece :: (Eq a, Wire a) => String -> a -> TestTree
inOnePiece label value = testCase (label <> " in one piece") $ do
  (writing, _) <- cost value
  let size = case wireSize of
        ConstSize bytes -> bytes
        VarSize measure -> measure value
  assertBool ("writing allocated " <> show writing <> " for " <> show size) (size <= writing && writing <= size + 5000)

-- | What a million elements take, beside what a tenth of them does.
grows :: (Eq a, Wire a) => String -> (Word64 -> a) -> TestTree
grows label make = testCase label $ do
  (writingPart, readingPart) <- cost (make 100000)
  (writing, reading) <- cost (make 1000000)
  assertBool ("writing allocated " <> show (writingPart, writing)) (writing <= 11 * writingPart)
  assertBool ("reading allocated " <> show (readingPart, reading)) (reading <= 11 * readingPart)

-- | What writing it allocates, and reading it. (Inlined, a constant would be
-- encoded once for all.)
cost :: (Eq a, Wire a) => a -> IO (Int, Int)
cost value = do
  -- So that all of it is there when it is written again.
  _ <- evaluate (encodeWire value)
  (written, writing) <- allocatedBy (evaluate (encodeWire value))
  (result, reading) <- allocatedBy (evaluate (decodeWire written))
  assertBool "it is another value" (result == Right value)
  pure (writing, reading)
{-# NOINLINE cost #-}
