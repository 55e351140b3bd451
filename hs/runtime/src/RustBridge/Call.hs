{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE ScopedTypeVariables #-}

-- | A call's way: encode, submit, wait, decode.
module RustBridge.Call
  ( call,
    callTimeout,
  )
where

import Control.Concurrent.MVar (newEmptyMVar, takeMVar)
import Control.Exception (throwIO)
import Data.Proxy (Proxy (..))
import Data.Word (Word64)
import Foreign.Ptr (Ptr)
import RustBridge.Failure (failureOf, refusal)
import RustBridge.Foreign
import RustBridge.Message (Running (..), decodeFrom, withRequest)
import RustBridge.Request (Call (..), Method, methodName)
import RustBridge.Wire (Wire)

-- | See 'RustBridge.RustT.callRust'.
call :: forall request. Call request => Running -> request -> IO (Response request)
call running request = do
  let method = callMethod (Proxy :: Proxy request)
  await running method noTimeout request (answer method)

-- | See 'RustBridge.RustT.callRustTimeout'.
callTimeout :: forall request. Call request => Running -> Int -> request -> IO (Maybe (Response request))
callTimeout running micros request
  | micros == 0 = pure Nothing
  | micros < 0 = Just <$> call running request
  | otherwise = do
    let method = callMethod (Proxy :: Proxy request)
    await running method (fromIntegral micros) request $ \slot -> do
      (status, _, _) <- readResult slot
      case status of
        TimedOut -> pure Nothing
        _ -> Just <$> answer method slot

-- | Hands the request over and waits until its slot is settled, which it always
-- is. The wait is interruptible; whatever ends it, the slot is released.
await :: Call request => Running -> Method -> Word64 -> request -> (Ptr Slot -> IO a) -> IO a
await running method timeout request collect =
  withRequest running CallKind method timeout request $ \slot -> do
    settled <- newEmptyMVar
    status <- submitCall (epoch running) slot settled
    case status of
      Ok -> takeMVar settled >> collect slot
      _ -> throwIO (refusal status)

-- | Decodes the answer in a settled slot, or throws what is there in its place.
answer :: Wire answer => Method -> Ptr Slot -> IO answer
answer method slot = do
  (status, bytes, len) <- readResult slot
  case status of
    Ok -> decodeFrom (methodName method) bytes len
    _ -> failureOf (Just (methodName method)) status bytes len >>= throwIO
