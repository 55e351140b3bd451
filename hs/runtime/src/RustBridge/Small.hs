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

import Control.Exception (mask, onException)
import Control.Monad (when)
import Data.Proxy (Proxy (..))
import Foreign.Ptr (Ptr, nullPtr)
import RustBridge.Answer (awaitAnswer, takeAnswer)
import RustBridge.Foreign
import RustBridge.Message (Running (..), decodeFrom, encodeInto, notEncodable, refused)
import RustBridge.Request (Call (..), Method, methodName)

-- | What is done with a request: the result is a status, a slot or null, and the
-- length of an answer in the place of the request.
type Run = forall a. Method -> Exchange -> (Status -> Ptr Slot -> Int -> IO a) -> IO a

-- | Encodes a request of so many bytes, has something done with it, and decodes
-- the answer; 'Nothing' where the deadline came first.
--
-- The memory is this thread's: who runs keeps nothing of it. Exceptions are masked
-- from there to the release of the slot, if there is one; an answer without one is
-- so small that decoding it is no time to wait for.
exchanging :: forall request. Call request => Running -> request -> Int -> Run -> IO (Maybe (Response request))
exchanging running request len run = do
  let method = callMethod (Proxy :: Proxy request)
  withExchange len small $ \exchange -> do
    notEncodable method (encodeInto method request len (body exchange))
    mask $ \restore -> run method exchange $ \status slot size ->
      if slot == nullPtr
        then case status of
          Ok -> Just <$> decodeFrom (methodName method) (body exchange) size
          _ -> refused running method len status
        else do
          when (status == Wait) (awaitAnswer slot `onException` releaseSlot slot)
          withOut (\out -> takeAnswer restore method out slot)
{-# INLINE exchanging #-}

-- | Whether to copy so many bytes costs less than a crossing.
isSmall :: Int -> Bool
isSmall len = len <= small
{-# INLINE isSmall #-}

-- | Most messages are smaller.
small :: Int
small = 112
