-- | What a foreign import costs by itself.
module Bench.Noop
  ( noop,
  )
where

-- | A @safe@ import of a C function that does nothing. A call or cast of
-- rs-in-hs makes several imports, all of them @unsafe@ and so far cheaper than
-- this one; it is the yardstick because it is what a program pays that calls
-- Rust by hand and may block.
foreign import ccall safe "bench_noop" noop :: IO ()
