{-# LANGUAGE CPP #-}
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
import Data.Store (Peek, Poke, Size (..))
import Data.Store.Core (pokeStorable)
import Foreign.Marshal.Utils (copyBytes)
import Foreign.Ptr (castPtr)
import RustBridge.Wire.Check (peekLength, peekTailLength, refuse)
import RustBridge.Wire.Class (Tail (..), Wire (..))
import RustBridge.Wire.Copy (pokeFrom, taking)
#if MIN_VERSION_text(2,0,0)
import qualified Data.Text.Array as Text
import Data.Store.Core (pokeFromByteArray)
import Data.Text.Encoding (decodeUtf8')
import Data.Text.Internal (Text (..))
#else
import Data.Char (ord)
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Text.Encoding (decodeUtf8', encodeUtf8)
#endif

instance Wire ByteString where
  wireSize = VarSize $ \bytes -> 8 + ByteString.length bytes
  {-# INLINE wireSize #-}
  wirePoke = pokeBytes
  {-# INLINE wirePoke #-}
  wirePeek = do
    len <- peekLength "ByteString"
    taking len $ \from -> create len $ \to -> copyBytes to from len
  {-# INLINE wirePeek #-}
  wirePeekTail end = do
    len <- peekTailLength "ByteString" 1 (tailLength end)
    kept <- liftIO (tailKept end)
    pure (fromForeignPtr kept 0 len)

instance Wire Text where
  wireSize = VarSize $ \text -> 8 + utf8Length text
  {-# INLINE wireSize #-}
  wirePoke = pokeText
  {-# INLINE wirePoke #-}
  wirePeek = do
    len <- peekLength "Text"
    -- It borrows the message; decodeUtf8' copies, and is done before the message goes.
    utf8 <- taking len $ \from -> unsafePackCStringLen (castPtr from, len)
    fromUtf8 len utf8
  wirePeekTail end = do
    len <- peekTailLength "Text" 1 (tailLength end)
    utf8 <- liftIO (unsafePackCStringLen (castPtr (tailBytes end), len))
    fromUtf8 0 utf8

-- | Copies; the bytes, which end so many before this place, are needed no longer.
fromUtf8 :: Int -> ByteString -> Peek Text
fromUtf8 back utf8 = either (const (refuse back "the Text is not UTF-8")) pure (decodeUtf8' utf8)

-- | The length, and the bytes.
pokeBytes :: ByteString -> Poke ()
pokeBytes bytes = pokeStorable len *> pokeFrom (\use -> unsafeUseAsCStringLen bytes (use . fst)) len
  where
    len = ByteString.length bytes
{-# INLINE pokeBytes #-}

#if MIN_VERSION_text(2,0,0)
pokeText :: Text -> Poke ()
pokeText (Text (Text.ByteArray array) offset len) = pokeStorable len *> pokeFromByteArray array offset len
{-# INLINE pokeText #-}

utf8Length :: Text -> Int
utf8Length (Text _ _ len) = len
{-# INLINE utf8Length #-}
#else
-- This text is in UTF-16.
pokeText :: Text -> Poke ()
pokeText = pokeBytes . encodeUtf8

utf8Length :: Text -> Int
utf8Length = Text.foldl' (\len char -> len + width (ord char)) 0
  where
    width code
      | code < 0x80 = 1
      | code < 0x800 = 2
      | code < 0x10000 = 3
      | otherwise = 4 :: Int
#endif
