-- | Whole programs, and how they end.
module ProgramTest (tests) where

import Data.List (isInfixOf)
import Harness (within)
import System.Environment (getExecutablePath)
import System.Exit (ExitCode (..))
import System.FilePath (takeDirectory, (</>))
import System.IO (hGetLine)
import System.Posix.Signals (sigINT, signalProcess)
import System.Process
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, testCase)

tests :: TestTree
tests =
  testGroup
    "programs"
    [ testCase "linked without -threaded: refused with the way out" . within $ do
        (code, out, _) <- run "unthreaded"
        assertEqual "exit code" ExitSuccess code
        assertBool out ("link it with -threaded" `isInfixOf` out),
      testCase "Ctrl-C ends a program that waits for an answer" . within $ do
        path <- sibling "interrupted"
        let program = (proc path []) {std_out = CreatePipe, std_err = CreatePipe, delegate_ctlc = False}
        code <- withCreateProcess program $ \_ out _ handle -> do
          line <- maybe (pure "") hGetLine out
          assertEqual "it waits" "waiting" line
          getPid handle >>= mapM_ (signalProcess sigINT)
          waitForProcess handle
        assertBool (show code) (code == ExitFailure (-2) || code == ExitFailure 130),
      testCase "forks while a runtime runs" . within $ do
        (code, out, err) <- run "forks"
        assertEqual "it ends well" (ExitSuccess, "", "") (code, out, err),
      testCase "main returns while a runtime runs in another thread" . within $ do
        (code, out, err) <- run "exits-early"
        assertEqual "it ends well" (ExitSuccess, "", "") (code, out, err)
    ]

run :: FilePath -> IO (ExitCode, String, String)
run name = do
  path <- sibling name
  readProcessWithExitCode path [] ""

-- | An executable of this package: cabal puts each into a folder of its name.
sibling :: FilePath -> IO FilePath
sibling name = do
  self <- getExecutablePath
  pure (takeDirectory (takeDirectory self) </> name </> name)
