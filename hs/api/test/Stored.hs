{-# LANGUAGE CPP #-}

-- | What @store@ itself is given to write the bytes that are expected.
module Stored
  ( StoredText,
    storedText,
    storedWord128,
    storedInt128,
  )
where

import Data.Text (Text)
import Data.WideWord (Int128 (..), Word128 (..))
import Data.Word (Word64)
#if !MIN_VERSION_text(2,0,0)
import Data.ByteString (ByteString)
import Data.Text.Encoding (encodeUtf8)
#endif

#if MIN_VERSION_text(2,0,0)
type StoredText = Text

storedText :: Text -> StoredText
storedText = id
#else
-- | Of a text in UTF-16, @store@ writes that.
type StoredText = ByteString

storedText :: Text -> StoredText
storedText = encodeUtf8
#endif

-- | The lower half first.
storedWord128 :: Word128 -> (Word64, Word64)
storedWord128 (Word128 high low) = (low, high)

storedInt128 :: Int128 -> (Word64, Word64)
storedInt128 (Int128 high low) = (low, high)
