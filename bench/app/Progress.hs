-- | A line that says how far the program is.
module Progress
  ( withProgress,
  )
where

import Control.Exception (finally)
import Control.Monad (when)
import System.IO (hFlush, hIsTerminalDevice, hPutStr, stderr)

-- | Gives the action a way to write the line, over the one before; at the end
-- it is gone. Where stderr is no terminal nothing is written.
withProgress :: ((String -> IO ()) -> IO a) -> IO a
withProgress act = do
  watched <- hIsTerminalDevice stderr
  let write text = when watched (hPutStr stderr ("\r\ESC[K" ++ text) >> hFlush stderr)
  act write `finally` write ""
