{-# LANGUAGE OverloadedStrings #-}

-- | The progress bar.
module Terminal
  ( terminalTests,
  )
where

import Control.Exception (bracket, try)
import qualified Data.ByteString.Char8 as Bytes
import Program
import System.IO (Handle, hClose)
import System.Posix.IO (fdToHandle)
import System.Posix.Terminal (openPseudoTerminal)
import System.Process.Typed
import Test.Tasty
import Test.Tasty.HUnit

-- | See the module.
terminalTests :: TestTree
terminalTests =
  testGroup
    "progress bar"
    [ testCase "on a terminal, and gone at the end" . withTree [("a", "x\n")] $ \folder -> do
        (exit, shown) <- onTerminal folder ["x", "."]
        exit @?= ExitSuccess
        assertBool (show shown) ("adding" `Bytes.isInfixOf` shown)
        let rest = snd (Bytes.breakEnd (== '\ESC') shown)
        Bytes.takeWhile (/= '\r') rest @?= "[K1 files, 0 left out, 2 bytes, 1 lines, 1 hits",
      testCase "nowhere else" . withTree [("a", "x\n")] $ \folder -> do
        found <- run folder ["x", "."]
        assertBool (show (err found)) (not (Bytes.any (`elem` ['\r', '\ESC']) (err found)))
    ]

-- | Runs the program with a terminal as its stderr.
onTerminal :: FilePath -> [String] -> IO (ExitCode, Bytes.ByteString)
onTerminal folder arguments = do
  (master, slave) <- openPseudoTerminal
  bracket (fdToHandle master) hClose $ \screen -> do
    terminal <- fdToHandle slave
    configured <- process "C.UTF-8" folder arguments
    exit <- runProcess (setStdout nullStream (setStderr (useHandleClose terminal) configured))
    shown <- untilClosed screen
    pure (exit, shown)

-- | What is left of a terminal that no program holds any more: in the end,
-- Linux says that there is an error.
untilClosed :: Handle -> IO Bytes.ByteString
untilClosed screen = do
  read' <- try (Bytes.hGetSome screen 4096)
  case read' of
    Right bytes | not (Bytes.null bytes) -> (bytes <>) <$> untilClosed screen
    Right _ -> pure ""
    Left failed -> "" <$ pure (failed :: IOError)
