{-# LANGUAGE OverloadedStrings #-}
{-# OPTIONS_GHC -Wno-orphans #-}

-- | Bytes, and texts in UTF-8. "RustBridge.Wire" brings these instances with the
-- class.
module RustBridge.Wire.Bytes () where

import Control.Monad.IO.Class (liftIO)
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.ByteString.Internal (create, fromForeignPtr)
import Data.ByteString.Unsafe (unsafePackCStringLen, unsafeUseAsCStringLen)
import Data.Store (Peek, Size (..))
import Data.Store.Core (pokeStorable)
import Data.Text (Text)
import Data.Text.Encoding (decodeUtf8')
import Foreign.Marshal.Utils (copyBytes)
import Foreign.Ptr (castPtr)
import RustBridge.Wire.Check (peekLength, peekTailLength, refuse)
import RustBridge.Wire.Class (Tail (..), Wire (..))
import RustBridge.Wire.Copy (pokeFrom, taking)
import RustBridge.Wire.Utf8 (pokeUtf8, utf8Length)

instance Wire ByteString where
  wireSize = VarSize $ \bytes -> 8 + ByteString.length bytes
  {-# INLINE wireSize #-}
  wirePoke _ bytes =
    pokeStorable (ByteString.length bytes)
      *> pokeFrom (\use -> unsafeUseAsCStringLen bytes (use . fst)) (ByteString.length bytes)
  {-# INLINE wirePoke #-}
  wirePeek _ = do
    len <- peekLength "ByteString"
    taking len $ \from -> create len $ \to -> copyBytes to from len
  {-# INLINE wirePeek #-}
  wirePeekTail _ end = do
    len <- peekTailLength "ByteString" 1 (tailLength end)
    kept <- liftIO (tailKept end)
    pure (fromForeignPtr kept 0 len)

instance Wire Text where
  wireSize = VarSize $ \text -> 8 + utf8Length text
  {-# INLINE wireSize #-}
  wirePoke _ = pokeUtf8
  {-# INLINE wirePoke #-}
  wirePeek _ = do
    len <- peekLength "Text"
    -- It borrows the message; decodeUtf8' copies, and is done before the message goes.
    utf8 <- taking len $ \from -> unsafePackCStringLen (castPtr from, len)
    fromUtf8 len utf8
  wirePeekTail _ end = do
    len <- peekTailLength "Text" 1 (tailLength end)
    utf8 <- liftIO (unsafePackCStringLen (castPtr (tailBytes end), len))
    fromUtf8 0 utf8

-- | Copies; the bytes, which end so many before this place, are needed no longer.
fromUtf8 :: Int -> ByteString -> Peek Text
fromUtf8 back utf8 = either (const (refuse back "the Text is not UTF-8")) pure (decodeUtf8' utf8)
