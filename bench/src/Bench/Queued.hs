-- | The ways of rs-in-hs. A new one is an entry in this list.
module Bench.Queued
  ( queued,
  )
where

import Bench.Candidate
import Bench.Request
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
      several "cast" 1 (Caller {echo = run (castRust (Tick 1)), echoBytes = Nothing}) (void (run (callRust Ticks)))
    ]

-- | Microseconds that are never over.
aMinute :: Int
aMinute = 60 * 1000 * 1000
