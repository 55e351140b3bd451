{-# LANGUAGE OverloadedStrings #-}

-- | The progress bar.
module Progress
  ( withProgress,
  )
where

import Control.Exception (finally)
import Descriptor (put)
import System.IO (hIsTerminalDevice, stderr)
import System.Posix.IO.ByteString (stdError)
import System.ProgressBar

-- | While the action runs, and if stderr is a terminal, shows there how many of
-- so many files are done. The action says so of each. In the end, whichever it
-- is, the bar is gone and the cursor where it was.
withProgress :: Int -> (IO () -> IO a) -> IO a
withProgress total action = do
  terminal <- hIsTerminalDevice stderr
  if terminal && total > 0
    then do
      bar <- hNewProgressBar stderr style redraws (Progress 0 total ())
      action (incProgress bar 1) `finally` put stdError "\r\ESC[K"
    else action (pure ())
  where
    style = defStyle {stylePrefix = "adding " <> exact, stylePostfix = percentage, styleOnComplete = Clear}
    -- a second
    redraws = 10
