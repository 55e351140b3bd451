{-# LANGUAGE OverloadedStrings #-}

-- | Two engines that are linked as one umbrella crate answer in one program.
module Main (main) where

import Control.Monad (replicateM_)
import RustBridge
import Test.Tasty (defaultMain, testGroup)
import Test.Tasty.HUnit (assertEqual, testCase)
import Umbrella.Greeter
import Umbrella.Tally

main :: IO ()
main =
  defaultMain $
    testGroup
      "umbrella"
      [ testCase "both engines answer" $ do
          (greeting, strokes) <- withRust defaultConfig {services = [greeterService, tallyService]} $ do
            replicateM_ 3 stroke
            (,) <$> greet "umbrella" <*> count
          assertEqual "the greeter" "Hello, umbrella!" greeting
          assertEqual "the tally" 3 strokes
      ]
