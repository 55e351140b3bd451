{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE ScopedTypeVariables #-}

-- | A call on the calling thread.
module RustBridge.Direct
  ( callDirect,
  )
where

import Control.Exception (bracket)
import Data.Proxy (Proxy (..))
import RustBridge.Call (answered)
import RustBridge.Carry (senderTo)
import RustBridge.Foreign
import RustBridge.Message (Running (..), checkedSize, refused)
import RustBridge.Request (Call (..), Method, methodCarries, methodId, methodNonblocking)
import RustBridge.Small (exchanging)
import RustBridge.Wire (Sender, noSender)

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
  let run sender
        | methodNonblocking method =
          exchanging sender running request len $ \_ exchange use ->
            by directNonblocking exchange $ \status slot size ->
              if status == MayBlock then by direct exchange use else use status slot size
        | otherwise = exchanging sender running request len $ \_ exchange use -> by direct exchange use
  (if methodCarries method then holding running method len run else run noSender) >>= answered

-- | A direct call has no slot that could hold what its request refers to: so it gets
-- one, which is not handed over.
holding :: Running -> Method -> Int -> (Sender -> IO a) -> IO a
holding running method len use =
  withOut $ \out ->
    bracket (newRequest out (epoch running) CallKind (methodId method) len noTimeout >>= either (refused running method len) pure) (releaseSlot . fst) $
      \(slot, _) -> use (senderTo (functions running) (epoch running) slot)
