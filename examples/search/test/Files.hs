{-# LANGUAGE OverloadedStrings #-}

-- | Which files are searched, in which order, and what is said about others.
module Files
  ( filesTests,
  )
where

import qualified Data.ByteString.Char8 as Bytes
import qualified Data.Text as Text
import Program
import System.Directory (createDirectoryLink, createFileLink, doesFileExist)
import System.Exit (ExitCode (..))
import System.FilePath ((</>))
import System.Posix.Files (createLink, createNamedPipe, setFileMode)
import System.Posix.User (getEffectiveUserID)
import System.Timeout (timeout)
import Test.Tasty
import Test.Tasty.HUnit

-- | See the module.
filesTests :: TestTree
filesTests =
  testGroup
    "files"
    [ testCase "hits come in the order of the arguments, then of names, then of lines; columns are bytes" $
        withTree [("b/z", "no\nxx\n"), ("b/a/x", "ü x\n"), ("b/a.x", "ax"), ("a", "x\nx x\n")] $ \folder -> do
          found <- run folder ["x", "b/", "a"]
          code found @?= ExitSuccess
          out found @?= "b/a/x:1:4: \xc3\xbc x\nb/a.x:1:2: ax\nb/z:2:1: xx\na:1:1: x\na:2:1: x x\n"
          complaintsOf found @?= [],
      testCase "a column is where the first match begins, in bytes" $
        withTree [("a", "word word\n\ta word\nÄ,\x1F600 words\n")] $ \folder -> do
          found <- run folder ["word", "a"]
          hits <- hitsOf found
          map column hits @?= [1, 4, 9],
      testCase "exit code 1 when nothing matches, and totals nevertheless" $
        withTree [("a", "x\n"), ("b", "y\n\nz")] $ \folder -> do
          found <- run folder ["never", "."]
          (code found, out found) @?= (ExitFailure 1, "")
          let totals = Bytes.lines (err found)
          take 1 totals @?= ["2 files, 0 left out, 6 bytes, 4 lines, 0 hits"]
          -- The pattern is tried, two files added, searched, and forgotten.
          take 1 (drop 1 totals) @?= ["4 calls, 2 casts"]
          length totals @?= 3,
      testCase "exit code 2 and a message when the pattern is no regular expression" $
        withTree [("a", "x\n")] $ \folder -> do
          found <- run folder ["(x", "."]
          (code found, out found) @?= (ExitFailure 2, "")
          assertBool (show (err found)) ("unclosed group" `Bytes.isInfixOf` err found),
      testCase "exit code 2 and a message when the pattern is no text" $
        withTree [("a", "x\n")] $ \folder -> do
          found <- run folder ["x\xDCFF", "."]
          (code found, out found) @?= (ExitFailure 2, "")
          assertBool (show (err found)) ("search: the pattern is not text" `Bytes.isPrefixOf` err found),
      testCase "exit code 2 when an argument is missing" $
        withTree [] $ \folder -> run folder ["x"] >>= (@?= ExitFailure 2) . code,
      testCase "a file that is not UTF-8 is left out" $
        besideGood (\folder -> Bytes.writeFile (folder </> "bad") "x\n\xff\nx\n") ["."] $ \complaints ->
          complaints @?= ["search: ./bad: not UTF-8 at byte offset 2"],
      testCase "a path that is missing is left out" $
        besideGood (const (pure ())) ["nowhere", "."] $ \complaints ->
          complaints @?= ["search: nowhere: No such file or directory"],
      testCase "a link to nowhere that is given is left out" $
        besideGood (\folder -> createFileLink "nowhere" (folder </> "link")) ["link", "."] $ \complaints ->
          complaints @?= ["search: link: No such file or directory"],
      testCase "a file that cannot be read is left out" $ do
        secret <- unreadable
        besideGood (\folder -> Bytes.writeFile (folder </> "secret") "x" >> setFileMode (folder </> "secret") 0) [secret, "good"] $ \complaints -> do
          length complaints @?= 1
          assertBool (show complaints) (all (("search: " <> Bytes.pack secret <> ": ") `Bytes.isPrefixOf`) complaints),
      testCase "a pipe that is met is passed over" $
        besideGood (\folder -> createNamedPipe (folder </> "pipe") 0o600) ["."] (@?= []),
      testCase "a pipe that is given is left out" $
        besideGood (\folder -> createNamedPipe (folder </> "pipe") 0o600) ["pipe", "good"] $ \complaints ->
          complaints @?= ["search: pipe: neither a file nor a folder"],
      testCase "a link that leads in a circle is passed over" $
        besideGood (\folder -> createDirectoryLink "." (folder </> "circle")) ["."] (@?= []),
      testCase "a link that is given is followed" $
        withTree [("folder/a", "x\n")] $ \folder -> do
          createDirectoryLink "folder" (folder </> "link")
          run folder ["x", "link"] >>= (@?= "link/a:1:1: x\n") . out,
      testCase "a file that several arguments reach is there once, and its hard links are files of their own" $
        withTree [("a", "x\n"), ("b", "x\n")] $ \folder -> do
          createLink (folder </> "a") (folder </> "c")
          found <- run folder ["x", "b", ".", "./a", "."]
          out found @?= "b:1:1: x\n./a:1:1: x\n./c:1:1: x\n",
      testGroup
        "a name that is not UTF-8 is printed as it is"
        [ testCase locale . withTree [("name\xDCFF\&\xDCFE", "x ü\n")] $ \folder -> do
            found <- runIn locale folder ["ü$", "."]
            (code found, complaintsOf found) @?= (ExitSuccess, [])
            out found @?= "./name\xff\xfe:1:3: x \xc3\xbc\n"
          | locale <- ["C", "C.UTF-8"]
        ],
      testCase "10,000 files, each with its line" $
        withTree [(show (n `div` 100) </> show n, Text.pack ("x" <> show n <> "\n")) | n <- [1 .. 10000 :: Int]] $ \folder -> do
          found <- run folder ["x", "."]
          hits <- hitsOf found
          length hits @?= 10000
          take 1 (Bytes.lines (err found)) @?= ["10000 files, 0 left out, 58894 bytes, 10000 lines, 10000 hits"]
    ]

-- | With another file beside it that is fine, and is found whatever is wrong
-- with the other.
besideGood :: (FilePath -> IO ()) -> [String] -> ([Bytes.ByteString] -> IO ()) -> IO ()
besideGood spoil arguments check = withTree [("good", "x\n")] $ \folder -> do
  spoil folder
  ended <- timeout 30000000 (run folder ("x" : arguments))
  case ended of
    Nothing -> assertFailure "it hangs"
    Just found -> do
      let name = if "." `elem` arguments then "./good" else "good"
      (code found, out found) @?= (ExitSuccess, name <> ":1:1: x\n")
      check (complaintsOf found)

-- | A regular file that cannot be read. To root, nearly all can.
unreadable :: IO FilePath
unreadable = do
  user <- getEffectiveUserID
  there <- doesFileExist "/proc/self/mem"
  pure (if user == 0 && there then "/proc/self/mem" else "secret")
