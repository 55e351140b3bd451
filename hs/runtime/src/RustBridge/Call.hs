{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE RankNTypes #-}
{-# LANGUAGE ScopedTypeVariables #-}

-- | A call's way: encode, submit, wait, decode.
module RustBridge.Call
  ( call,
    callTimeout,
    submitAndWait,
    answered,
  )
where

import Control.Concurrent.MVar (newEmptyMVar, takeMVar)
import Control.Exception (mask, onException, throwIO)
import Data.Proxy (Proxy (..))
import Data.Word (Word64)
import Foreign.Ptr (Ptr, nullPtr)
import RustBridge.Answer (Restore, takeAnswer)
import RustBridge.Carry (senderTo)
import RustBridge.Exception (RustException (..))
import RustBridge.Foreign
import RustBridge.Message (Running (..), checkedSize, encodeInto, notEncodable, refused)
import RustBridge.Request (Call (..), Method, methodCarries, methodId)
import RustBridge.Small (Run, exchanging, isSmall)
import RustBridge.Wire (noSender)

-- | See 'RustBridge.RustT.callRust'.
call :: forall request. Call request => Running -> request -> IO (Response request)
call running request = await running noTimeout request >>= answered

-- | See 'RustBridge.RustT.callRustTimeout'.
callTimeout :: forall request. Call request => Running -> Int -> request -> IO (Maybe (Response request))
callTimeout running micros request
  | micros == 0 = pure Nothing
  | micros < 0 = Just <$> call running request
  | otherwise = await running (fromIntegral micros) request

-- | Of a call without a deadline, which does not come first.
answered :: Maybe answer -> IO answer
answered = maybe (throwIO (InternalError "a call without a deadline has timed out")) pure

await :: forall request. Call request => Running -> Word64 -> request -> IO (Maybe (Response request))
await running timeout request = do
  len <- checkedSize running (callMethod (Proxy :: Proxy request)) request
  -- A slot holds what the request refers to.
  if isSmall len && not (methodCarries (callMethod (Proxy :: Proxy request)))
    then exchanging noSender running request len (submitted running timeout)
    else inSlot running timeout request len

-- | A small request is handed over and its answer taken in one crossing each. What
-- ends the wait otherwise lets go of the slot, and what Rust then still does with
-- it is cancelled.
submitted :: Running -> Word64 -> Run
submitted running timeout method exchange use = do
  settled <- newEmptyMVar
  submitSmall (epoch running) (methodId method) exchange timeout settled $ \status slot _ ->
    case status of
      Ok -> do
        takeMVar settled `onException` releaseSlot slot
        takeSmall exchange slot use
      _ -> use status nullPtr 0
{-# INLINE submitted #-}

-- | A large one is encoded straight into the memory of its slot, which is this
-- thread's alone until it is handed over, and is released whatever happens.
-- Exceptions are masked from its making to its release, but for encoding and
-- decoding, which run the user's code, and for the wait, which is interruptible.
inSlot :: forall request. Call request => Running -> Word64 -> request -> Int -> IO (Maybe (Response request))
inSlot running timeout request len = do
  let method = callMethod (Proxy :: Proxy request)
  withOut $ \out -> mask $ \restore -> do
    made <- newRequest out (epoch running) CallKind (methodId method) len timeout
    (slot, memory) <- either (refused running method len) pure made
    let sender = senderTo (functions running) (epoch running) slot
    submitAndWait restore running method len slot (notEncodable method (encodeInto sender method request len memory))
    takeAnswer running restore method out slot

-- | Fills the slot, hands it over, and waits until it is settled, which it always
-- is. What ends that otherwise lets go of the slot.
submitAndWait :: Restore -> Running -> Method -> Int -> Ptr Slot -> IO () -> IO ()
submitAndWait restore running method len slot fill =
  flip onException (releaseSlot slot) $ do
    restore fill
    settled <- newEmptyMVar
    status <- submitCall (epoch running) slot settled
    case status of
      Ok -> takeMVar settled
      _ -> refused running method len status
{-# INLINE submitAndWait #-}
