-- | The ways of rs-in-hs. A new one is an entry in this list.
module Bench.Queued
  ( queued,
  )
where

import Bench.Candidate
import Bench.Request
import Control.Exception (throwIO)
import Control.Monad (void)
import RustBridge

-- | All of them, in a runtime. It has one worker, which handles everything in
-- the order in which it was sent: so a call is answered after all casts before.
queued :: RustT IO [Candidate]
queued = withRunInIO $ \run ->
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
      candidate "direct" $
        Caller
          { echo = run (callRustDirect record) >>= checked record,
            echoBytes = Just $ \bytes -> run (callRustDirect (Bytes bytes)) >>= checkedLength bytes
          },
      candidate "direct, nonblocking" $
        Caller
          { echo = run (callRustDirect (Short record)) >>= checked record,
            echoBytes = Nothing
          },
      several
        "batch of 1,000"
        1000
        ( Caller
            { echo = run (callRustMany (replicate 1000 record)) >>= mapM_ (either throwIO (checked record)),
              echoBytes = Nothing
            }
        )
        (pure ()),
      several
        "1,000 casts at once"
        1000
        (Caller {echo = run (castRustMany (replicate 1000 (Tick 1))), echoBytes = Nothing})
        (void (run (callRust Ticks))),
      several "cast" 1 (Caller {echo = run (castRust (Tick 1)), echoBytes = Nothing}) (void (run (callRust Ticks)))
    ]

-- | Microseconds that are never over.
aMinute :: Int
aMinute = 60 * 1000 * 1000
