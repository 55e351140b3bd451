-- | The library of C that calls what it is given; see its source.
module Callers
  ( callVisit,
    callAsk,
    callCount,
    callReal,
    callReal2,
    callBytes,
    callCountFirst,
    callRealFirst,
    callReal2First,
    callBytesFirst,
    callCountOnThreads,
  )
where

import Data.Int (Int64)
import Data.Word (Word8)
import Foreign.C.Types (CDouble (..), CInt (..), CSize (..))
import Foreign.Ptr (FunPtr, Ptr)

foreign import ccall safe "call_visit"
  callVisit :: FunPtr (Ptr () -> IO ()) -> Ptr () -> IO ()

foreign import ccall safe "call_ask"
  callAsk :: FunPtr (Ptr () -> IO CInt) -> Ptr () -> IO CInt

foreign import ccall safe "call_count"
  callCount :: FunPtr (CInt -> Ptr () -> IO CInt) -> Ptr () -> CInt -> IO CInt

foreign import ccall safe "call_real"
  callReal :: FunPtr (CDouble -> Ptr () -> IO CDouble) -> Ptr () -> CDouble -> IO CDouble

foreign import ccall safe "call_real2"
  callReal2 :: FunPtr (CDouble -> CDouble -> Ptr () -> IO CDouble) -> Ptr () -> CDouble -> CDouble -> IO CDouble

foreign import ccall safe "call_bytes"
  callBytes :: FunPtr (Ptr Word8 -> CSize -> Ptr () -> IO CInt) -> Ptr () -> Ptr Word8 -> CSize -> IO CInt

foreign import ccall safe "call_count_first"
  callCountFirst :: FunPtr (Ptr () -> CInt -> IO CInt) -> Ptr () -> CInt -> IO CInt

foreign import ccall safe "call_real_first"
  callRealFirst :: FunPtr (Ptr () -> CDouble -> IO CDouble) -> Ptr () -> CDouble -> IO CDouble

foreign import ccall safe "call_real2_first"
  callReal2First :: FunPtr (Ptr () -> CDouble -> CDouble -> IO CDouble) -> Ptr () -> CDouble -> CDouble -> IO CDouble

foreign import ccall safe "call_bytes_first"
  callBytesFirst :: FunPtr (Ptr () -> Ptr Word8 -> CSize -> IO CInt) -> Ptr () -> Ptr Word8 -> CSize -> IO CInt

-- | The sum of the answers to 1, 2 … on each of so many threads of C.
foreign import ccall safe "call_count_on_threads"
  callCountOnThreads :: FunPtr (CInt -> Ptr () -> IO CInt) -> Ptr () -> CInt -> CInt -> IO Int64
