-- | What a program decides when it starts the runtime.
module RustBridge.Config
  ( Config (..),
    defaultConfig,
  )
where

import RustBridge.Exception (RustException, reportToStderr)
import RustBridge.Service (Service)

-- | The configuration of a runtime. Change 'defaultConfig' by its fields:
--
-- > defaultConfig {maxMsgLen = 64 * 1024 * 1024, workers = 2}
--
-- A number out of range makes @withRust@ throw
-- 'RustBridge.Exception.ConfigInvalid', which names it.
data Config = Config
  { -- | The largest request and the largest answer, encoded, in bytes; at
    -- least 1. The requests of a batch, and its answers, go in messages of about
    -- this size. Default: 16 MiB.
    maxMsgLen :: Int,
    -- | How many calls may wait to be handled, and how many casts, and how
    -- many reports of failed casts; 1 to 1,048,576. Who finds the queue full
    -- waits for room, interruptibly. Default: 256.
    queueCapacity :: Int,
    -- | How many threads run handlers; 1 to 1,024. With one, what one Haskell
    -- thread sends is handled in the order in which it was sent, calls and
    -- casts alike. With more, handlers run at the same time, and that order is
    -- lost: a cast may run beside, or after, a later call of its thread.
    -- Default: 1.
    workers :: Int,
    -- | How long the end of @withRust@ waits for handlers that still run, in
    -- microseconds; 0 to a day. Those that run longer are left behind, their
    -- callers get 'RustBridge.Exception.ShuttingDown', and 'onFailure' hears of
    -- them. The caller of a direct call gets its answer all the same. Default: 5
    -- seconds.
    shutdownLimit :: Int,
    -- | How long a worker that has no work left looks for some before it sleeps,
    -- in microseconds; 0 to 1,000. Where another processor brings the next call
    -- within that time, neither has to wake the other, which takes longer than
    -- most calls. A worker that looks in vain does so ever less often, and on a
    -- single processor never. Default: 0, for no processor is kept busy for
    -- nothing that way; 20 is a good value for callers that make one call after
    -- the other.
    spinLimit :: Int,
    -- | What to do with failures that no caller waits for: casts that failed,
    -- and handlers left behind. Runs on a thread of its own; what it throws is
    -- printed. Default: a line on stderr.
    onFailure :: RustException -> IO (),
    -- | The services that the program uses, from its generated modules. They are
    -- compared with those of the engine before it is built; if they differ,
    -- @withRust@ throws 'RustBridge.Exception.ServicesDiffer'. One that is not
    -- listed is compared when a message for it is first refused; none is ever
    -- taken for another type's. Default: none.
    services :: [Service]
  }

-- | See the fields of 'Config'.
defaultConfig :: Config
defaultConfig =
  Config
    { maxMsgLen = 16 * 1024 * 1024,
      queueCapacity = 256,
      workers = 1,
      shutdownLimit = 5 * 1000 * 1000,
      spinLimit = 0,
      onFailure = reportToStderr,
      services = []
    }
