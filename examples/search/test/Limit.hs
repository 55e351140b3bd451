{-# LANGUAGE OverloadedStrings #-}

-- | The largest message.
module Limit
  ( limitTests,
  )
where

import qualified Data.ByteString.Char8 as Bytes
import qualified Data.Text as Text
import Program
import Size (largestBody)
import System.Exit (ExitCode (..))
import Test.Tasty
import Test.Tasty.HUnit

-- | See the module.
limitTests :: TestTree
limitTests =
  testGroup
    "largest message"
    [ testCase "the largest file that fits is found whole, one that is larger by a byte is left out" $ do
        let most = largestBody 1000 "./fits"
            letters count = Text.replicate count "x"
        withTree [("fits", letters most), ("more", letters (most + 1)), ("tiny", "x\n")] $ \folder -> do
          found <- run folder ["--max-message", "1000", "x+", "."]
          hits <- hitsOf found
          map path hits @?= ["./fits", "./tiny"]
          map (Bytes.length . text) hits @?= [most, 1]
          complaintsOf found
            @?= ["search: ./more: larger than the " <> Bytes.pack (show most) <> " bytes that fit into a message: raise --max-message"],
      testCase "hits that need many answers are the same" $
        withTree [(name, Text.unlines [Text.replicate (n `mod` 7) "x" | n <- [1 .. 60]]) | name <- ["a", "b", "c"]] $ \folder -> do
          once <- run folder ["x|^$", "."]
          length (Bytes.lines (out once)) @?= 180
          often <- run folder ["--max-message", "400", "x|^$", "."]
          (code often, out often) @?= (code once, out once),
      testCase "one in which not even the query fits is a message and exit code 2" $
        withTree [("a", "x\n")] $ \folder -> do
          found <- run folder ["--max-message", "8", "x", "."]
          (code found, out found) @?= (ExitFailure 2, "")
          length (complaintsOf found) @?= 1
    ]
