{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE RankNTypes #-}
{-# LANGUAGE ScopedTypeVariables #-}

-- | Requests and answers that go by way of Haskell's own memory.
module RustBridge.Small
  ( exchanging,
    isSmall,
    Run,
  )
where

import Control.Exception (SomeException, fromException, handle, mask, onException, throwIO)
import Control.Monad (when)
import Data.Proxy (Proxy (..))
import Data.Store.Core (decodeIOWithFromPtr)
import Foreign.Ptr (Ptr, nullPtr)
import RustBridge.Answer (Restore, awaitAnswer, takeAnswer)
import RustBridge.Foreign
import RustBridge.Message (Running (..), encodeInto, notDecodable, notSendable, refused)
import RustBridge.Request (Call (..), Method, methodName)
import RustBridge.Wire (NotSendable (..), Sender, Wire (..))

-- | What is done with a request: the result is a status, a slot or null, and the
-- length of an answer in the place of the request.
type Run = forall a. Method -> Exchange -> (Status -> Ptr Slot -> Int -> IO a) -> IO a

-- | Encodes a request of so many bytes, has something done with it, and decodes
-- the answer; 'Nothing' where the deadline came first.
--
-- The memory is this thread's: who runs keeps nothing of it. Exceptions are masked
-- from there to the release of the slot, if there is one; an answer without one is
-- so small that decoding it is no time to wait for.
exchanging :: forall request. Call request => Sender -> Running -> request -> Int -> Run -> IO (Maybe (Response request))
exchanging sender running request len run = do
  let method = callMethod (Proxy :: Proxy request)
  withExchange len room $ \exchange ->
    -- One handler for both directions: each costs as much as a crossing.
    handle (renamed method exchange) $ do
      encodeInto sender method request len (body exchange)
      mask $ \restore -> run method exchange $ \status slot size ->
        if slot == nullPtr && status == Ok
          then do
            setDecoding exchange size
            Just <$> decodeIOWithFromPtr (wirePeek (receiver running)) (body exchange) size
          else unanswered running method len restore status slot
{-# INLINE exchanging #-}

-- | There is no answer, or not yet, or not here. Out of the way of those that are.
unanswered ::
  Wire answer => Running -> Method -> Int -> Restore -> Status -> Ptr Slot -> IO (Maybe answer)
unanswered running method len restore status slot
  | slot == nullPtr = refused running method len status
  | otherwise = do
    when (status == Wait) (awaitAnswer slot `onException` releaseSlot slot)
    withOut (\out -> takeAnswer running restore method out slot)
{-# NOINLINE unanswered #-}

-- | What encoding and decoding throw names neither the method nor the direction.
{-# NOINLINE renamed #-}
renamed :: Method -> Exchange -> SomeException -> IO a
renamed method exchange thrown
  | Just (NotSendable why) <- fromException thrown = throwIO (notSendable method why)
  | Just failure <- fromException thrown = do
    size <- isDecoding exchange
    -- Of another message, which the request was made from when it was evaluated.
    maybe (throwIO thrown) (\len -> throwIO (notDecodable (methodName method) len failure)) size
  | otherwise = throwIO thrown

-- | Whether to copy so many bytes costs less than a crossing.
isSmall :: Int -> Bool
isSmall len = len <= small
{-# INLINE isSmall #-}

-- | Most messages are smaller.
small :: Int
small = 112

-- | Room for an answer, where the request is smaller.
room :: Int
room = 80
