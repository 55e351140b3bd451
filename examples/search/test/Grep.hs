{-# LANGUAGE OverloadedStrings #-}

-- | The hits are those that grep finds.
module Grep
  ( grepTests,
  )
where

import Control.Monad (unless)
import Data.ByteString (ByteString)
import qualified Data.ByteString.Char8 as Bytes
import qualified Data.ByteString.Lazy as Lazy
import Data.List (sort)
import Data.Text (Text)
import qualified Data.Text as Text
import Program
import System.IO.Temp (withSystemTempDirectory)
import System.Process.Typed
import Test.Tasty
import Test.Tasty.HUnit

-- | See the module.
grepTests :: TestTree
grepTests =
  testGroup
    "grep"
    [ testGroup "finds the same in texts of all kinds" (map (inTree texts) patterns),
      testGroup "finds the same in this repository" (map inSources sourcePatterns)
    ]
  where
    inTree tree sought = testCase (show sought) (withTree tree (`sameAsGrep` sought))
    inSources sought = testCase (show sought) . withSystemTempDirectory "search" $ \folder -> do
      -- A copy, because it does not change while the two programs read it.
      runProcess_ (proc "cp" (["-RP"] <> sources <> [folder]))
      sameAsGrep folder sought

-- | Hits, where there are some at all, and exit codes.
sameAsGrep :: FilePath -> String -> IO ()
sameAsGrep folder sought = do
  found <- run folder [sought, "."]
  hits <- hitsOf found
  (exit, expected) <- grep
  sort (map withoutColumn hits) @?= sort (Bytes.lines expected)
  code found @?= exit
  unless (null hits) $ assertBool "columns are within their lines" (all inLine hits)
  where
    grep = do
      (exit, expected, _) <- readProcess . setWorkingDir folder $ proc "env" ["LC_ALL=C.UTF-8", "grep", "-rnHE", "--", sought, "."]
      assertBool "grep works" (exit `elem` [ExitSuccess, ExitFailure 1])
      pure (exit, Lazy.toStrict expected)
    inLine hit = column hit >= 1 && column hit <= Bytes.length (text hit) + 1

withoutColumn :: Hit -> ByteString
withoutColumn hit = Bytes.intercalate ":" [path hit, Bytes.pack (show (line hit)), text hit]

-- | Patterns that mean the same to both programs.
patterns :: [String]
patterns =
  [ "",
    "^$",
    "^.$",
    ".",
    "x",
    "line",
    "^line [0-9]+$",
    "end$",
    "end.$",
    "(one|two) *",
    "größer",
    "[äöü]",
    "ж+",
    "^.😀.$",
    "a{3}",
    "never to be found"
  ]

texts :: [(FilePath, Text)]
texts =
  [ ("empty", ""),
    ("lone-feed", "\n"),
    ("feeds", "\n\n\n"),
    ("no-feed-at-end", "line 1\nline 2\nline 3"),
    ("feed-at-end", "line 1\nline 2\nline 3\n"),
    ("one-letter", "x"),
    ("windows", "one end\r\ntwo end\r\n\r\nthree"),
    ("old-mac", "one end\rtwo end\r"),
    ("blanks", "  \n\t\n x \n"),
    ("separators", "a\x2028\&b\x0085\&c\x000b\&d\x000c\&e\nx\n"),
    ("german/gross", "größer als\nkleiner\nÄpfel, äpfel"),
    ("german/tief/er/noch", "über\n"),
    ("russian", "жжж\nж\n\nбольше"),
    ("smile", "a😀b\n😀\n"),
    ("Grüße.txt", "line with ü\n"),
    ("with blank", "line 7\n"),
    ("long", Text.replicate 100000 "a" <> "\n" <> Text.replicate 30000 "line\n")
  ]

sourcePatterns :: [String]
sourcePatterns =
  ["TODO|FIXME", "^import +qualified", "fn [a-z_]+\\(", "unsafe \\{", "[^ -~]", "^$", " +$", "(call|cast)Rust", "\\b[A-Z][a-z]+Error\\b"]

-- | From the package's folder, where cabal runs tests.
sources :: [String]
sources = ["../../rs", "../../hs", "../../examples"]
