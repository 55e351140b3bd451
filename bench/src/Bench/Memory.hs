-- | The memory of this process. Linux only.
module Bench.Memory
  ( Bytes,
    resident,
  )
where

import Data.List (isPrefixOf)
import System.Mem (performMajorGC)

-- | A number of bytes.
type Bytes = Int

-- | The resident set after a major collection: what Haskell holds, what Rust
-- holds, and what both allocators keep for next time.
--
-- The collection makes two readings comparable. Without it the second would
-- also count garbage. What the allocators keep comes to rest after the first
-- rounds of a program that does the same over and over; a leak does not.
resident :: IO Bytes
resident = do
  performMajorGC
  status <- readFile "/proc/self/status"
  case [read kilobytes | line <- lines status, "VmRSS:" `isPrefixOf` line, [_, kilobytes, "kB"] <- [words line]] of
    [kilobytes] -> pure (kilobytes * 1024)
    _ -> fail "/proc/self/status has no line VmRSS"
