{-# LANGUAGE OverloadedStrings #-}

-- | Values to bytes in Rust's memory, and back.
module RustBridge.Message
  ( Running (..),
    sizeOf,
    tooLarge,
    checkedSize,
    encodeInto,
    notEncodable,
    notSendable,
    notDecodable,
    refused,
    decodeFrom,
    decodeWithTail,
  )
where

import Control.Exception (handle, throwIO, try)
import Control.Monad (when)
import Data.Store.Core (PeekException (..), decodeIOWithFromPtr, runPoke, unsafeMakePokeState)
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Word (Word8)
import Foreign.Ptr (Ptr)
import RustBridge.Carry (Functions)
import RustBridge.Exception (Direction (..), RustException (..))
import RustBridge.Failure (refusal)
import RustBridge.Foreign
import RustBridge.Handshake (unknown)
import RustBridge.Request (Method, methodName)
import RustBridge.Wire (NotSendable (..), Receiver, Sender, Size (..), Tail, Wire (..))

-- | A runtime that was started.
data Running = Running
  { epoch :: !Epoch,
    -- | In bytes.
    messageLimit :: !Int,
    -- | For references in answers.
    receiver :: !Receiver,
    -- | Those that Rust may call.
    functions :: !Functions
  }

-- | How many bytes a value takes.
sizeOf :: Wire a => a -> Int
sizeOf value = case wireSize of
  ConstSize bytes -> bytes
  VarSize measure -> measure value
{-# INLINE sizeOf #-}

-- | A request has so many bytes, which are too many.
tooLarge :: Running -> Method -> Int -> RustException
tooLarge running method len = MessageTooLarge Request (methodName method) len (messageLimit running)

-- | The same, of a request that can be sent.
checkedSize :: Wire request => Running -> Method -> request -> IO Int
checkedSize running method request = do
  let len = sizeOf request
  when (len > messageLimit running) $ throwIO (tooLarge running method len)
  pure len
{-# INLINE checkedSize #-}

-- | Writes a request of so many bytes. Throws 'NotSendable', and what evaluating
-- the request throws: so it is done before anyone else has the memory.
encodeInto :: Wire request => Sender -> Method -> request -> Int -> Ptr Word8 -> IO ()
encodeInto sender method request len memory = do
  state <- unsafeMakePokeState memory (throwIO (InternalError "this machine cannot write unaligned numbers"))
  (end, ()) <- runPoke (wirePoke sender request) state 0
  when (end /= len) (otherLength method)
{-# INLINE encodeInto #-}

otherLength :: Method -> IO a
otherLength method =
  throwIO . InternalError $
    "the Wire instance of the request to " <> methodName method <> " writes another number of bytes than it says"
{-# NOINLINE otherLength #-}

-- | Names the method in what 'encodeInto' throws.
notEncodable :: Method -> IO a -> IO a
notEncodable method = handle $ \(NotSendable why) -> throwIO (notSendable method why)
{-# INLINE notEncodable #-}

-- | A request has no encoding, for this reason.
notSendable :: Method -> Text -> RustException
notSendable method = NotEncodable Request (methodName method)

-- | Throws why a request to the method, of so many bytes, was not taken.
{-# NOINLINE refused #-}
refused :: Running -> Method -> Int -> Status -> IO a
refused running method len status = case status of
  TooLarge -> throwIO (tooLarge running method len)
  NoSuchMethod -> unknown method >>= throwIO
  _ -> throwIO (refusal status)

-- | Decodes an answer in place. The value holds nothing of the memory it was
-- read from.
decodeFrom :: Wire answer => Receiver -> Text -> Ptr Word8 -> Int -> IO answer
decodeFrom from name bytes len = decoding name len (decodeIOWithFromPtr (wirePeek from) bytes len)
{-# INLINE decodeFrom #-}

-- | The same, of an answer whose last bytes lie elsewhere. The value may hold
-- those.
decodeWithTail :: Wire answer => Receiver -> Text -> Tail -> Ptr Word8 -> Int -> IO answer
decodeWithTail from name end bytes len = decoding name len (decodeIOWithFromPtr (wirePeekTail from end) bytes len)

decoding :: Text -> Int -> IO answer -> IO answer
decoding name len decode = do
  decoded <- try decode
  case decoded of
    Right answer -> pure answer
    Left failure -> throwIO (notDecodable name len failure)
{-# INLINE decoding #-}

-- | An answer of so many bytes is none.
{-# NOINLINE notDecodable #-}
notDecodable :: Text -> Int -> PeekException -> RustException
notDecodable name len (PeekException left why) =
  NotDecodable Answer name $
    why <> ", " <> Text.pack (show left) <> " bytes before the end of " <> Text.pack (show len)
