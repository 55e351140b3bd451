{-# LANGUAGE OverloadedStrings #-}

-- | Statuses to exceptions.
module RustBridge.Failure
  ( refusal,
    failureOf,
  )
where

import Data.ByteString (ByteString)
import Data.Maybe (fromMaybe)
import Data.Store (Store (..))
import Data.Store.Core (decodeIOWithFromPtr)
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Text.Encoding (decodeUtf8With)
import Data.Text.Encoding.Error (lenientDecode)
import Data.Word (Word64, Word8)
import Foreign.Ptr (Ptr)
import Numeric (showHex)
import RustBridge.Exception (Direction (..), RustException (..))
import RustBridge.Foreign

-- | Why a request was not taken.
refusal :: Status -> RustException
refusal status = case status of
  IsNotRunning -> NotRunning
  IsShuttingDown -> ShuttingDown
  IsClosed -> ReferenceClosed
  OutOfMemory -> OutOfResources "there is no memory for the request"
  _ -> InternalError ("unexpected status " <> Text.pack (show status))

-- | Why a call has no answer, from its status and the bytes that belong to it.
-- The name is what the caller knows the method by, if there is a caller.
failureOf :: Maybe Text -> Status -> Ptr Word8 -> Int -> IO RustException
failureOf caller status bytes len = case status of
  Panicked -> do
    (method, place, message) <- fields
    pure (RustPanic (text method) (text place) (text message))
  Undecodable -> do
    (method, reason) <- fields
    pure (NotDecodable Request (text method) (text reason))
  Unencodable -> do
    (method, reason) <- fields
    pure (NotEncodable Answer (text method) (text reason))
  AnswerTooLarge -> do
    (method, size', limit) <- fields
    pure (MessageTooLarge Answer (text method) (number size') (number limit))
  NoSuchMethod -> UnknownMethod . flip fromMaybe caller . anonymous <$> fields
  TokenDropped -> Abandoned . text <$> fields
  NotHandled -> CastDropped . text <$> fields
  Overflowed -> StreamOverflowed <$ (fields :: IO Word64)
  StreamEndedWith -> StreamFailed . text <$> fields
  _ -> pure (refusal status)
  where
    fields :: Store a => IO a
    fields = decodeIOWithFromPtr peek bytes len
    text :: ByteString -> Text
    text = decodeUtf8With lenientDecode
    number :: Word64 -> Int
    number = fromIntegral
    anonymous :: Word64 -> Text
    anonymous identifier = "of id 0x" <> Text.pack (showHex identifier "")
