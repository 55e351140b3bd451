{-# LANGUAGE OverloadedStrings #-}

-- | What goes wrong, told on stderr, a line each.
module Complaint
  ( Complain,
    complain,
    complainOf,
    describe,
    text,
  )
where

import Data.ByteString (ByteString)
import Data.ByteString.Builder (byteString, stringUtf8, toLazyByteString)
import qualified Data.ByteString.Lazy as Lazy
import Descriptor (put)
import GHC.IO.Exception (IOException (ioe_description))
import System.IO (hIsTerminalDevice, stderr)
import System.Posix.ByteString (RawFilePath, stdError)

-- | How to tell that a file or folder is left out, and why.
type Complain = RawFilePath -> ByteString -> IO ()

-- | Tells of something that concerns no particular file.
complain :: ByteString -> IO ()
complain what = do
  terminal <- hIsTerminalDevice stderr
  -- The progress bar may have left the cursor at the end of its line.
  let clear = if terminal then "\r\ESC[K" else ""
  put stdError (clear <> "search: " <> byteString what <> "\n")

-- | Tells of a file or folder.
complainOf :: Complain
complainOf path why = complain (path <> ": " <> why)

-- | Why the system refused, without the path.
describe :: IOException -> ByteString
describe = text . ioe_description

-- | Text to print, in UTF-8 whatever the locale.
text :: String -> ByteString
text = Lazy.toStrict . toLazyByteString . stringUtf8
