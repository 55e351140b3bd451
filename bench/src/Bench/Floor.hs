-- | What no way to another thread can be below.
module Bench.Floor
  ( Floor (..),
    floorsOf,
  )
where

import Bench.Noop (noop)
import Bench.Request
import Control.Monad (replicateM_)
import RustBridge

-- | Nanoseconds per operation, of so many.
data Floor = Floor
  { -- | A round trip between two threads of Rust, over two flume channels.
    twoHops :: Int -> IO Double,
    -- | A @safe@ import that does nothing, so many times.
    safeNoops :: Int -> IO (),
    -- | A copy of so many bytes in Rust, of so many times.
    copies :: Int -> Int -> IO Double
  }

-- | In a runtime.
floorsOf :: RustT IO Floor
floorsOf = withRunInIO $ \run ->
  pure
    Floor
      { twoHops = run . callRust . Hops . fromIntegral,
        safeNoops = (`replicateM_` noop),
        copies = \len count -> run (callRust (Copies (fromIntegral len) (fromIntegral count)))
      }
