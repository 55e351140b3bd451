-- | The design that comes to mind first: every answer is a call of a Haskell
-- function, from a thread of Rust. See bench/engine/src/plain.rs.
module Bench.Plain
  ( withPlain,
  )
where

import Bench.ByHand (Method, bytesMethod, echoMethod)
import Bench.Candidate
import Control.Concurrent.MVar (MVar, newEmptyMVar, putMVar, takeMVar)
import Control.Exception (bracket)
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.ByteString.Unsafe (unsafeUseAsCStringLen)
import Data.Word (Word8)
import Foreign.C.Types (CSize (..))
import Foreign.Ptr (FunPtr, Ptr, castPtr, freeHaskellFunPtr)
import Foreign.StablePtr (StablePtr, deRefStablePtr, freeStablePtr, newStablePtr)
import RustBridge.Wire (Wire, decodeWire, encodeWire)

-- | The queues and threads, as Rust has them.
data Plain

type Waiting = MVar ByteString

type Callback = StablePtr Waiting -> Ptr Word8 -> CSize -> IO ()

foreign import ccall "wrapper" newCallback :: Callback -> IO (FunPtr Callback)

foreign import ccall safe "bench_plain_start" start :: FunPtr Callback -> IO (Ptr Plain)

foreign import ccall safe "bench_plain_call" submit :: Ptr Plain -> Method -> Ptr Word8 -> CSize -> StablePtr Waiting -> IO ()

foreign import ccall safe "bench_plain_stop" stop :: Ptr Plain -> IO ()

-- | Runs its threads for as long as the action takes.
withPlain :: (Candidate -> IO a) -> IO a
withPlain act =
  bracket (newCallback answered) freeHaskellFunPtr $ \callback ->
    bracket (start callback) stop $ \plain ->
      act . candidate "plain design" $
        Caller
          { echo = call plain echoMethod record >>= checked record,
            echoBytes = Just $ \bytes -> call plain bytesMethod bytes >>= checkedLength bytes
          }

-- | Runs on the thread of Rust that brings the answers. The stable pointer is
-- its own from here on.
answered :: Callback
answered waiting bytes len = do
  answer <- ByteString.packCStringLen (castPtr bytes, fromIntegral len)
  caller <- deRefStablePtr waiting
  freeStablePtr waiting
  putMVar caller answer

-- | A caller that is killed while it waits leaves its answer to the collector;
-- the stable pointer is freed by the answer in any case.
call :: Wire a => Ptr Plain -> Method -> a -> IO a
call plain method request = do
  caller <- newEmptyMVar
  unsafeUseAsCStringLen (encodeWire request) $ \(bytes, len) -> do
    waiting <- newStablePtr caller
    submit plain method (castPtr bytes) (fromIntegral len) waiting
  takeMVar caller >>= either (fail . show) pure . decodeWire
