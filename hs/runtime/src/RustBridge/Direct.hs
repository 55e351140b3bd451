{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE ScopedTypeVariables #-}

-- | A call on the calling thread.
module RustBridge.Direct
  ( callDirect,
  )
where

import Data.Proxy (Proxy (..))
import RustBridge.Call (answered)
import RustBridge.Foreign
import RustBridge.Message (Running (..), checkedSize)
import RustBridge.Request (Call (..), methodId, methodNonblocking)
import RustBridge.Small (exchanging)
import RustBridge.Wire (noSender)

-- | See 'RustBridge.RustT.callRustDirect'.
--
-- Rust reads the request where it is, since nobody can leave before it has come
-- back. An answer that does not fit there comes in a slot, as do failures.
--
-- The engine knows best whether a method is nonblocking: the program may have been
-- built with another version of it.
callDirect :: forall request. Call request => Running -> request -> IO (Response request)
callDirect running request = do
  let method = callMethod (Proxy :: Proxy request)
      by way = way (epoch running) (methodId method)
  len <- checkedSize running method request
  ended <-
    if methodNonblocking method
      then exchanging noSender running request len $ \_ exchange use ->
        by directNonblocking exchange $ \status slot size ->
          if status == MayBlock then by direct exchange use else use status slot size
      else exchanging noSender running request len $ \_ exchange use -> by direct exchange use
  answered ended
