{-# LANGUAGE OverloadedStrings #-}

-- | The program from the outside.
module ProgramTest (tests) where

import Control.Monad (forM_)
import Data.ByteString (ByteString)
import qualified Data.ByteString.Char8 as Bytes
import Harness
import System.Directory (createDirectory, removeDirectory)
import System.Environment (getExecutablePath)
import System.FilePath (takeDirectory)
import System.IO (Handle)
import System.IO.Temp (withSystemTempDirectory)
import System.Posix.Signals (sigINT, signalProcess)
import qualified System.Process as Untyped
import System.Process.Typed
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, assertFailure, testCase, (@?=))

tests :: TestTree
tests =
  testGroup
    "program"
    [ testCase "a demonstration" . with [] $ \running' -> do
        (exit, out, err) <- ended running'
        (exit, err) @?= (ExitSuccess, "")
        last (Bytes.lines out)
          @?= "alive in Rust at the end: 0 subscriptions, 0 callbacks, 0 closures, 0 objects, 0 slots, 0 StablePtrs",
      testCase "no such folder" . with ["/no/such/folder"] $ \running' -> do
        (exit, out, err) <- ended running'
        (exit, out, err) @?= (ExitFailure 1, "", "watch: /no/such/folder: no such folder\n"),
      testCase "so many changes" . started ["--ignore", "*.tmp", "--count", "2"] $ \folder running' -> do
        forM_ ["1", "2.tmp", "3"] (createDirectory . (folder </>))
        (exit, out, err) <- ended running'
        map (Bytes.words . Bytes.drop 12) (Bytes.lines out) @?= [["created", "1"], ["created", "3"]]
        (exit, err) @?= (ExitSuccess, "2 changes: 2 created; 1 ignored\n"),
      testCase "until something" . started ["--until", "*/done"] $ \folder running' -> do
        createDirectory (folder </> "in")
        _ <- Bytes.hGetLine (getStdout running')
        createDirectory (folder </> "in" </> "done")
        (exit, _, err) <- ended running'
        (exit, err) @?= (ExitSuccess, "2 changes: 2 created\n"),
      testCase "Ctrl-C" . started [] $ \folder running' -> do
        createDirectory (folder </> "1")
        _ <- Bytes.hGetLine (getStdout running')
        number <- Untyped.getPid (unsafeProcessHandle running')
        maybe (assertFailure "it has ended") (signalProcess sigINT) number
        (exit, out, err) <- ended running'
        (exit, out, err) @?= (ExitSuccess, "", "1 changes: 1 created\n"),
      testCase "the folder is removed" . started [] $ \folder running' -> do
        removeDirectory folder
        (exit, out, err) <- ended running'
        (exit, out) @?= (ExitFailure 1, "")
        assertBool (show err) ("it said: the folder is gone\n" `Bytes.isSuffixOf` err)
    ]

-- | The program. At the end of the test, so is it.
with :: [String] -> (Process () Handle Handle -> IO ()) -> IO ()
with arguments test = within $ do
  program <- self
  withProcessTerm (setStdout createPipe (setStderr createPipe (proc program arguments))) test

-- | When it watches a folder.
started :: [String] -> (FilePath -> Process () Handle Handle -> IO ()) -> IO ()
started arguments test = withSystemTempDirectory "watch" $ \temporary -> do
  let folder = temporary </> "watched"
  createDirectory folder
  with (folder : arguments) $ \running' -> do
    first <- Bytes.hGetLine (getStderr running')
    assertEqual "its first line" ("watching " <> Bytes.pack folder <> "; Ctrl-C ends it") first
    test folder running'

-- | Its exit code, and what it has not been read of yet.
ended :: Process () Handle Handle -> IO (ExitCode, ByteString, ByteString)
ended running' = (,,) <$> waitExitCode running' <*> Bytes.hGetContents (getStdout running') <*> Bytes.hGetContents (getStderr running')

-- | Where it is, seen from this one.
self :: IO FilePath
self = (\path -> takeDirectory (takeDirectory path) </> "watch" </> "watch") <$> getExecutablePath
