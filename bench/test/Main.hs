-- | What the benchmark makes of its numbers.
module Main (main) where

import Bench.Bound
import Bench.Histogram
import Bench.Quantity
import Bench.Statistics
import qualified Data.Vector.Storable as Vector
import Test.Tasty (TestTree, defaultMain, testGroup)
import Test.Tasty.HUnit (assertBool, testCase, (@?=))
import Test.Tasty.QuickCheck (NonEmptyList (..), Positive (..), counterexample, ioProperty, testProperty)

main :: IO ()
main = defaultMain (testGroup "figures" [statistics, histograms, verdicts])

statistics :: TestTree
statistics =
  testGroup
    "statistics"
    [ testCase "the median of an odd number is the middle one" $ median [9, 1, 5] @?= 5,
      testCase "of an even number it is between the two in the middle" $ median [4, 1, 2, 3] @?= 2.5,
      testCase "of nothing it is not a number" $ assertBool "a number" (isNaN (median [])),
      testCase "quantiles are in proportion" $ map (`quantile` [0, 10, 20, 30, 40]) [0, 0.25, 0.9, 1] @?= [0, 10, 36, 40],
      testCase "equal values have no noise" $ noise (replicate 20 3) @?= 0,
      testCase "noise shrinks with the root of the rounds" $
        assertBool "by about two" (abs (noise (spread 4) / noise (spread 16) - 2) < 0.2),
      testCase "one disturbed round changes neither much" $ do
        let calm = estimate (spread 10)
            disturbed = estimate (1000000 : drop 1 (spread 10))
        assertBool (show (calm, disturbed)) (abs (middle calm - middle disturbed) < 0.2 && within disturbed < 1.2 * within calm),
      testCase "a ratio is of what was measured in the same round" $
        ratioOf [2, 20, 200] [1, 10, 100] @?= Estimate 2 0
    ]
  where
    spread times = concat (replicate times [0.5, 0.6 .. 1.5])

histograms :: TestTree
histograms =
  testGroup
    "histograms"
    [ testCase "small numbers are exact" $ do
        seen <- histogram [1 .. 100]
        (total seen, percentile 0.5 seen, percentile 0.99 seen, largest seen) @?= (100, 50, 99, 100),
      testCase "nothing was seen" $ percentile 0.5 mempty @?= 0,
      testCase "two make one" $ do
        both <- (<>) <$> histogram [1, 2] <*> histogram [3]
        (total both, largest both) @?= (3, 3),
      testProperty "the largest is found, to 1.6 %" $ \(NonEmpty values) -> ioProperty $ do
        let numbers = map getPositive values :: [Int]
        seen <- histogram (map fromIntegral numbers)
        let real = fromIntegral (maximum numbers)
        pure (counterexample (show (largest seen, real)) (abs (largest seen - real) <= 0.016 * real))
    ]
  where
    histogram values = do
      samples <- Vector.thaw (Vector.fromList values)
      fromSamples samples [(0, length values)]

verdicts :: TestTree
verdicts =
  testGroup
    "verdicts"
    [ testCase "at the aim" $ judge upper (Estimate 1 0) @?= Reached,
      testCase "within the bound" $ judge upper (Estimate 2 0) @?= Holds,
      testCase "no worse than recorded" $ judge upper (Estimate 2.9 0) @?= Recorded,
      testCase "worse than recorded, but within the noise" $ judge upper (Estimate 3.2 0.3) @?= Recorded,
      testCase "worse than recorded by more than the noise" $ judge upper (Estimate 3.4 0.3) @?= Broken,
      testCase "at least: as good" $ map (judge lower . (`Estimate` 0)) [31, 16, 11] @?= [Reached, Holds, Recorded],
      testCase "at least: worse by more than the noise" $ judge lower (Estimate 8 1.5) @?= Broken,
      testCase "at least: within the noise" $ judge lower (Estimate 9 1.5) @?= Recorded,
      testCase "no rounds are no success" $ judge upper (estimate []) @?= Broken,
      testCase "the guard fails by that alone" $ map fails [Reached, Holds, Recorded, Broken] @?= [False, False, False, True],
      testCase "no recorded bound is tighter than its bound" $
        assertBool "looser or the same" (and [if sense one == AtMost then recorded one >= bound one else recorded one <= bound one | one <- bounds])
    ]
  where
    upper = Bound safeNoop safeNoop AtMost 2 1 3
    lower = Bound safeNoop safeNoop AtLeast 15 30 10
