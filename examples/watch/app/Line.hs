{-# LANGUAGE OverloadedStrings #-}

-- | A report as a line.
module Line
  ( line,
    say,
    word,
  )
where

import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.ByteString.Builder (Builder, byteString, hPutBuilder, stringUtf8, word64Dec)
import Data.Text.Encoding (encodeUtf8)
import Data.Time (TimeZone, defaultTimeLocale, formatTime, utcToLocalTime)
import System.IO (Handle, hFlush)
import Watch

-- | When, what, where, and what has become of it.
line :: TimeZone -> Report -> Builder
line zone (Report (Change at kind path) outcome) =
  stringUtf8 (formatTime defaultTimeLocale "%T%3Q" (utcToLocalTime zone at))
    <> "  "
    <> stringUtf8 (take 10 (word kind <> repeat ' '))
    <> paths
    <> became
  where
    paths = case kind of
      KindRenamed from -> name from <> " -> " <> name path
      KindMissed -> "(the system told of more changes than it keeps)"
      _ -> name path
    became = case outcome of
      OutcomeSeen -> ""
      OutcomeCopied 0 -> "  [mirrored]"
      OutcomeCopied bytes -> "  [copied, " <> word64Dec bytes <> " bytes]"
      OutcomeFailed why -> "  [failed: " <> name (encodeUtf8 why) <> "]"

-- | What happened, in a word.
word :: Kind -> String
word kind = case kind of
  KindCreated -> "created"
  KindModified -> "modified"
  KindRenamed _ -> "renamed"
  KindRemoved -> "removed"
  KindMissed -> "missed"

-- | On one line, whatever is in it, and nothing that a terminal would obey.
name :: ByteString -> Builder
name = byteString . ByteString.map (\byte -> if byte < 0x20 || byte == 0x7f then 0x3f else byte)

-- | Writes a line, now.
say :: Handle -> Builder -> IO ()
say handle what = hPutBuilder handle (what <> "\n") >> hFlush handle
