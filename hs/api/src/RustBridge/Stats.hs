-- | What the runtime counts.
module RustBridge.Stats
  ( Stats (..),
  )
where

import Data.Word (Word64)

-- | A look at the runtime's counters. Each is read by itself, so while calls
-- are under way two of them need not fit together. Totals are of the process:
-- they never fall, through several @withRust@ too. A message of many requests is
-- one call or one cast.
data Stats = Stats
  { -- | Call slots alive: calls and casts under way, on either side, and large
    -- answers that Haskell still reads.
    liveSlots :: !Word64,
    -- | StablePtrs that Rust owns: of Haskell threads that wait for a call or for
    -- room. The runtime's own thread that waits for reports is not counted.
    stablePtrs :: !Word64,
    -- | Calls accepted and not begun.
    callsQueued :: !Word64,
    -- | Casts accepted and not begun.
    castsQueued :: !Word64,
    -- | Callers that wait for room among the calls.
    callsWaiting :: !Word64,
    -- | Callers that wait for room among the casts.
    castsWaiting :: !Word64,
    -- | Reports of failed casts that Haskell has not read.
    noticesQueued :: !Word64,
    -- | Total of calls submitted, and of direct calls.
    callsTotal :: !Word64,
    -- | Total of casts submitted.
    castsTotal :: !Word64,
    -- | Total of panics.
    panicsTotal :: !Word64,
    -- | Total of calls that timed out.
    timeoutsTotal :: !Word64,
    -- | Total of callers that were cancelled before the end.
    cancellationsTotal :: !Word64,
    -- | Total of reports that found their queue full.
    noticesDropped :: !Word64,
    -- | Bytes of large answers that Haskell reads where Rust has them; they are
    -- freed by its garbage collector.
    lentBytes :: !Word64,
    -- | Streams alive: until both the subscriber and the producer have let go.
    subscriptions :: !Word64,
    -- | Haskell functions that Rust holds.
    callbacks :: !Word64,
    -- | Functions of Rust's alive: until neither side has them.
    closures :: !Word64,
    -- | Objects of Rust's alive: until neither side has them.
    objects :: !Word64,
    -- | Total of events that streams dropped because they were full.
    eventsDropped :: !Word64,
    -- | Trampolines alive: closures of Rust, and functions of Haskell, that C can
    -- call.
    trampolines :: !Word64
  }
  deriving (Eq, Show)
