-- | A foreign import as it is written by hand. See bench/engine/src/by_hand.rs.
module Bench.ByHand
  ( byHand,

    -- * What is asked for
    Method,
    echoMethod,
    bytesMethod,
  )
where

import Bench.Candidate
import Control.Monad (when)
import Data.ByteString.Unsafe (unsafePackCStringLen, unsafeUseAsCStringLen)
import Data.Word (Word8)
import Foreign.C.Types (CSize (..))
import Foreign.Marshal.Alloc (allocaBytes)
import Foreign.Ptr (Ptr, castPtr)
import RustBridge.Wire (Wire, decodeWire, encodeWire)

-- | A number that stands for a method, as in bench/work/src/lib.rs.
type Method = Word8

-- | The small record, and bytes.
echoMethod, bytesMethod :: Method
echoMethod = 0
bytesMethod = 1

foreign import ccall safe "bench_by_hand" ask :: Method -> Ptr Word8 -> CSize -> Ptr Word8 -> CSize -> IO CSize

-- | The handler's work is done on the thread that calls.
byHand :: Candidate
byHand =
  candidate "foreign import by hand" $
    Caller
      { echo = call echoMethod record >>= checked record,
        echoBytes = Just $ \bytes -> call bytesMethod bytes >>= checkedLength bytes
      }

-- | Of a request whose answer is as long as it is.
call :: Wire a => Method -> a -> IO a
call method request =
  unsafeUseAsCStringLen (encodeWire request) $ \(bytes, len) ->
    allocaBytes len $ \answer -> do
      written <- ask method (castPtr bytes) (fromIntegral len) answer (fromIntegral len)
      when (written == 0) (fail "the request was refused")
      -- It borrows the answer's memory; decoding copies, and is done before that goes.
      back <- unsafePackCStringLen (castPtr answer, fromIntegral written)
      either (fail . show) pure $! decodeWire back
