-- | The soak, as a test.
module Main (main) where

import Bench.Soak
import Data.Foldable (toList)
import RustBridge (Stats (..))
import Test.Tasty (defaultMain, testGroup, withResource)
import Test.Tasty.HUnit (assertBool, testCase, (@?=))

main :: IO ()
main = defaultMain $
  withResource (soak calls (const (pure ()))) (const (pure ())) $ \find ->
    testGroup
      "a million calls, a tenth of them timed out or cancelled"
      [ testCase "each ended as it should" $ do
          found <- find
          tally found @?= expected calls,
        testCase "the engine was told of each that timed out" $ do
          found <- find
          timeoutsTotal (atEnd found) @?= fromIntegral (timedOut (expected calls)),
        testCase "no slot is left" $ do
          found <- find
          liveSlots (atEnd found) @?= 0,
        testCase "no StablePtr is left" $ do
          found <- find
          stablePtrs (atEnd found) @?= 0,
        testCase "the memory has not grown by 8 MiB" $ do
          found <- find
          assertBool ("resident after each step, in bytes: " ++ show (toList (residents found))) (growthAfter 1 found < growthLimit)
      ]

calls :: Int
calls = 1000 * 1000
