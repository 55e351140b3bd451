{-# LANGUAGE OverloadedStrings #-}

-- | Ctrl-C, and a reader that goes away.
module Interrupt
  ( interruptTests,
  )
where

import Control.Monad (forM_)
import qualified Data.ByteString.Char8 as Bytes
import qualified Data.Text as Text
import Program hiding (text)
import System.FilePath ((</>))
import System.IO (Handle, hClose)
import System.Posix.Signals (sigINT, sigPIPE, signalProcess)
import qualified System.Process as Untyped
import System.Process.Typed
import System.Timeout (timeout)
import Test.Tasty
import Test.Tasty.HUnit

-- | See the module. The output of these searches is much larger than a pipe
-- holds and nobody takes it, so that they cannot be over before the signal.
interruptTests :: TestTree
interruptTests =
  testGroup
    "interrupt"
    [ testCase "while it adds files, right after the first that it complains of" $
        ends (\folder -> Bytes.writeFile (folder </> "0") "\xff") getStderr,
      testCase "while it prints to a pipe that nobody reads on" $
        ends (const (pure ())) getStdout,
      testCase "while it complains to a pipe that nobody reads on" $
        ends (forM_ [1000 .. 1999 :: Int] . bad) getStderr,
      testCase "nobody interrupts, but its reader goes away" $
        prints (const (pure ())) getStdout $ \started -> do
          hClose (getStdout started)
          exit <- limited "it goes on" (waitExitCode started)
          exit @?= ExitFailure (negate (fromIntegral sigPIPE))
          said <- Bytes.hGetContents (getStderr started)
          said @?= ""
    ]

-- | Writes a file with a long name that is not UTF-8.
bad :: FilePath -> Int -> IO ()
bad folder n = Bytes.writeFile (folder </> show n <> replicate 200 '-') "\xff"

-- | Sends the signal once there is something to read, and expects that the
-- program dies of it, soon.
ends :: (FilePath -> IO ()) -> (Process () Handle Handle -> Handle) -> IO ()
ends prepare stream = prints prepare stream $ \started -> do
  number <- Untyped.getPid (unsafeProcessHandle started)
  maybe (assertFailure "it has ended") (signalProcess sigINT) number
  exit <- limited "it goes on" (waitExitCode started)
  exit @?= ExitFailure (negate (fromIntegral sigINT))

-- | Starts a search that prints much, and goes on once there is something to
-- read.
prints :: (FilePath -> IO ()) -> (Process () Handle Handle -> Handle) -> (Process () Handle Handle -> IO ()) -> IO ()
prints prepare stream next = withTree [(show n, many) | n <- [100 .. 399 :: Int]] $ \folder -> do
  prepare folder
  configured <- process "C.UTF-8" folder ["x", "."]
  withProcessTerm (setStdout createPipe (setStderr createPipe configured)) $ \started -> do
    first <- limited "nothing to read" (Bytes.hGetSome (stream started) 1)
    Bytes.length first @?= 1
    next started
  where
    many = Text.replicate 20000 "x\n"

limited :: String -> IO a -> IO a
limited what action = timeout 20000000 action >>= maybe (assertFailure what) pure
