-- | The ways of rs-in-hs. A new one is an entry in this list.
module Bench.Queued
  ( queued,
  )
where

import Bench.Candidate
import Bench.Request
import Control.Monad (unless)
import Data.IORef (IORef, atomicModifyIORef', newIORef, readIORef)
import RustBridge

-- | All of them, in a runtime.
queued :: RustT IO [Candidate]
queued = withRunInIO $ \run -> do
  sent <- newIORef (0 :: Word)
  before <- run (callRust Ticks)
  pure
    [ candidate "queued" $
        Caller
          { echo = run (callRust record) >>= checked record,
            echoBytes = Just $ \bytes -> run (callRust (Bytes bytes)) >>= checkedLength bytes
          },
      candidate "queued with a timeout" $
        Caller
          { echo = run (callRustTimeout aMinute record) >>= checked (Just record),
            echoBytes = Nothing
          },
      (candidate "cast" (Caller {echo = cast run sent, echoBytes = Nothing}))
        { handled = do
            count <- readIORef sent
            after <- run (callRust Ticks)
            unless (after - before == fromIntegral count) (fail "casts got lost")
        }
    ]
  where
    cast :: (RustT IO () -> IO ()) -> IORef Word -> IO ()
    cast run sent = do
      run (castRust (Tick 1))
      atomicModifyIORef' sent (\count -> (count + 1, ()))

-- | Microseconds that are never over.
aMinute :: Int
aMinute = 60 * 1000 * 1000
