{-# LANGUAGE OverloadedStrings #-}

-- | Values to bytes in Rust's memory, and back.
module RustBridge.Message
  ( Running (..),
    withRequest,
    decodeFrom,
  )
where

import Control.Exception (bracket, handle, throwIO, try)
import Control.Monad (when)
import Data.Store.Core (decodeIOWithFromPtr, runPoke, unsafeMakePokeState)
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Word (Word64, Word8)
import Foreign.Ptr (Ptr)
import RustBridge.Exception (Direction (..), RustException (..))
import RustBridge.Failure (refusal)
import RustBridge.Foreign
import RustBridge.Handshake (unknown)
import RustBridge.Request (Method, methodId, methodName)
import RustBridge.Wire (NotSendable (..), PeekException (..), Size (..), Wire (..))

-- | A runtime that was started.
data Running = Running
  { epoch :: !Epoch,
    -- | In bytes.
    messageLimit :: !Int
  }

-- | Encodes a request straight into the memory that Rust will read, and gives
-- the slot that holds it to the action. Afterwards, and whatever happens, the
-- slot is released; what Rust then still does with it is cancelled.
--
-- The request is evaluated and encoded unmasked: the slot is this thread's
-- alone until it is handed over, so an exception costs nothing.
withRequest :: Wire request => Running -> Kind -> Method -> Word64 -> request -> (Ptr Slot -> IO a) -> IO a
withRequest running kind method timeout request act = do
  let len = sizeOf request
  when (len > messageLimit running) $ throwIO (tooLarge len)
  bracket (acquire len) (releaseSlot . fst) $ \(slot, body) -> do
    state <- unsafeMakePokeState body (throwIO (InternalError "this machine cannot write unaligned numbers"))
    (end, ()) <- handle notSendable (runPoke (wirePoke request) state 0)
    when (end /= len) . throwIO . InternalError $
      "the Wire instance of the request to " <> methodName method <> " writes another number of bytes than it says"
    act slot
  where
    notSendable (NotSendable why) = throwIO (NotEncodable Request (methodName method) why)
    tooLarge len = MessageTooLarge Request (methodName method) len (messageLimit running)
    acquire len = do
      made <- newRequest (epoch running) kind (methodId method) len timeout
      case made of
        Right request' -> pure request'
        Left TooLarge -> throwIO (tooLarge len)
        Left NoSuchMethod -> unknown method >>= throwIO
        Left status -> throwIO (refusal status)

sizeOf :: Wire a => a -> Int
sizeOf value = case wireSize of
  ConstSize bytes -> bytes
  VarSize measure -> measure value

-- | Decodes an answer in place. The value holds nothing of the memory it was
-- read from.
decodeFrom :: Wire answer => Text -> Ptr Word8 -> Int -> IO answer
decodeFrom name bytes len = do
  decoded <- try (decodeIOWithFromPtr wirePeek bytes len)
  case decoded of
    Right answer -> pure answer
    Left (PeekException left why) ->
      throwIO . NotDecodable Answer name $
        why <> ", " <> Text.pack (show left) <> " bytes before the end of " <> Text.pack (show len)
