-- | Hits on stdout.
module Output
  ( putHits,
  )
where

import Data.ByteString.Builder (Builder, byteString, char7, string7, word64Dec)
import Data.Text.Encoding (encodeUtf8Builder)
import Descriptor (put)
import Search (Hit (..))
import System.Posix.IO.ByteString (stdOutput)

-- | Prints hits as @path:line:column: text@, all bytes as they are.
putHits :: [Hit] -> IO ()
putHits = put stdOutput . foldMap line

line :: Hit -> Builder
line (Hit path number column text) =
  byteString path
    <> char7 ':'
    <> word64Dec number
    <> char7 ':'
    <> word64Dec column
    <> string7 ": "
    <> encodeUtf8Builder text
    <> char7 '\n'
