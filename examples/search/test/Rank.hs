-- | The percentiles in the totals.
module Rank
  ( rankTests,
  )
where

import Test.Tasty
import Test.Tasty.HUnit
import Totals (percentile)

-- | See the module.
rankTests :: TestTree
rankTests =
  testGroup
    "percentile"
    [ testCase "of nothing" $ percentile 50 ([] :: [Int]) @?= Nothing,
      testCase "of one" $ map (`percentile` [7]) [1, 50, 99, 100] @?= map Just [7, 7, 7, 7 :: Int],
      testCase "of two" $ map (`percentile` [8, 7]) [50, 51, 100] @?= map Just [7, 8, 8 :: Int],
      testCase "of a hundred" $ map (`percentile` [100, 99 .. 1]) [1, 50, 99, 100] @?= map Just [1, 50, 99, 100 :: Int],
      testCase "of a thousand" $ map (`percentile` [1 .. 1000]) [50, 99] @?= map Just [500, 990 :: Int]
    ]
