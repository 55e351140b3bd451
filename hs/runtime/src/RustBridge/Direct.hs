{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE ScopedTypeVariables #-}

-- | A call on the calling thread.
module RustBridge.Direct
  ( callDirect,
  )
where

import Control.Exception (mask, onException)
import Control.Monad (when)
import Data.Proxy (Proxy (..))
import Data.Word (Word8)
import Foreign.ForeignPtr (ForeignPtr)
import Foreign.Ptr (Ptr, nullPtr, plusPtr)
import GHC.ForeignPtr (mallocPlainForeignPtrBytes, unsafeWithForeignPtr)
import RustBridge.Answer (awaitAnswer, takeAnswer)
import RustBridge.Call (answered)
import RustBridge.Foreign
import RustBridge.Message (Running (..), checkedSize, decodeFrom, encodeInto, notEncodable, refused)
import RustBridge.Request (Call (..), Method, methodId, methodName, methodNonblocking)

-- | See 'RustBridge.RustT.callRustDirect'.
--
-- Request and answer share one piece of Haskell's memory, which is pinned, and is
-- kept alive until Rust has come back: nobody can leave before. An answer that
-- does not fit comes in a slot, as do failures.
callDirect :: forall request. Call request => Running -> request -> IO (Response request)
callDirect running request = do
  let method = callMethod (Proxy :: Proxy request)
  len <- checkedSize running method request
  let capacity = max smallest len
  memory <- mallocPlainForeignPtrBytes (directHeader + capacity) :: IO (ForeignPtr Word8)
  unsafeWithForeignPtr memory $ \start -> do
    let body = start `plusPtr` directHeader
    notEncodable method (encodeInto method request len body)
    -- Between the handler's end and the release of the slot no exception may come.
    mask $ \restore -> do
      (status, slot, size) <- run running method start len capacity
      if slot == nullPtr
        then case status of
          Ok -> restore (decodeFrom (methodName method) body size)
          _ -> refused running method len status
        else do
          when (status == Wait) (awaitAnswer slot `onException` releaseSlot slot)
          withOut (\out -> takeAnswer restore method out slot) >>= answered

-- | The engine knows best whether a method is nonblocking: the program may have
-- been built with another version.
run :: Running -> Method -> Ptr Word8 -> Int -> Int -> IO (Status, Ptr Slot, Int)
run running method start len capacity
  | methodNonblocking method = do
    found@(status, _, _) <- by directNonblocking
    if status == MayBlock then by direct else pure found
  | otherwise = by direct
  where
    by way = way (epoch running) (methodId method) start len capacity
{-# INLINE run #-}

-- | Room for the answers of most methods. Larger ones cost two allocations more.
smallest :: Int
smallest = 112
