{-# LANGUAGE OverloadedStrings #-}

-- | Watch a folder: Rust does, and a Haskell function decides what becomes of each
-- change.
module Main (main) where

import Conduit (mapM_C, runConduit, (.|))
import Control.Exception (AsyncException (UserInterrupt), Exception (..), Handler (..), catches, finally, throwIO)
import Data.ByteString.Builder (stringUtf8)
import Data.Time (getCurrentTimeZone)
import Demo (demo)
import Line (line, say)
import Options (Options (..), getOptions)
import RustBridge
import Session (session)
import System.Exit (ExitCode (..), exitWith)
import System.IO (stderr, stdout)
import Tally (countReport, newTally, noting, summary)
import Watch

main :: IO ()
main = getOptions >>= maybe demo watch

-- | Until Ctrl-C, or the end that the options say.
watch :: Options -> IO ()
watch options = ending $ do
  tally <- newTally
  zone <- getCurrentTimeZone
  withRust defaultConfig {services = [watchService]} . session options (noting tally) $ \source -> do
    liftIO (say stderr ("watching " <> stringUtf8 (watched options) <> "; Ctrl-C ends it"))
    withRunInIO $ \run ->
      run (runConduit (source .| mapM_C (\report -> liftIO (say stdout (line zone report) >> countReport tally report))))
        `finally` (summary tally >>= say stderr . stringUtf8)

-- | Says what went wrong, on a line.
ending :: IO () -> IO ()
ending action =
  action
    `catches` [ Handler $ \end -> if end == UserInterrupt then pure () else throwIO end,
                Handler $ \failure -> failed (failure :: RustException),
                Handler $ \failure -> failed (failure :: WatchError),
                Handler $ \failure -> failed (failure :: GlobError)
              ]
  where
    failed :: Exception e => e -> IO a
    failed failure = say stderr ("watch: " <> stringUtf8 (displayException failure)) >> exitWith (ExitFailure 1)
