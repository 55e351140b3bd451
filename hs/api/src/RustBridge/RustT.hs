{-# LANGUAGE DefaultSignatures #-}
{-# LANGUAGE FlexibleInstances #-}
{-# LANGUAGE GeneralizedNewtypeDeriving #-}
{-# LANGUAGE MultiParamTypeClasses #-}
{-# LANGUAGE TypeFamilies #-}
{-# LANGUAGE TypeOperators #-}
{-# LANGUAGE UndecidableInstances #-}

-- | Talking to a running engine.
--
-- What holds for every operation here:
--
-- 1. A call that was made ends: with its answer, with a 'RustBridge.Exception.RustException'
--    that says why there is none, or with the asynchronous exception that the
--    calling thread was sent. None hangs, also when its handler panics or the
--    runtime shuts down.
-- 2. Waiting is interruptible, but for that of a direct call: for an answer as well as for room in a full
--    queue, 'System.Timeout.timeout', 'Control.Concurrent.Async.cancel' and
--    Ctrl-C work at once. The engine hears of it: work that has not begun is
--    skipped, and a handler that runs can ask.
-- 3. Other Haskell threads go on meanwhile.
-- 4. After the end of @withRust@, every operation throws
--    'RustBridge.Exception.NotRunning'.
--
-- Calls block the calling Haskell thread. To do something beside them, run
-- them in 'withAsyncRust', or in the functions of the @async@ and @unliftio@
-- packages: 'RustT' is an instance of 'MonadUnliftIO'.
module RustBridge.RustT
  ( -- * The monad
    RustT (..),
    runRustT,
    mapRustT,
    MonadRust (..),

    -- ** For convenience
    MonadIO (..),
    MonadUnliftIO (..),

    -- * Calls
    callRust,
    callRustTimeout,
    callRustDirect,
    callRustMany,

    -- * Casts
    castRust,
    tryCastRust,
    castRustMany,

    -- * Functions and streams
    applyRust,
    withRustStream,

    -- * Concurrency
    withAsyncRust,
    asyncRust,

    -- * Statistics
    rustStats,
  )
where

import Control.Applicative (Alternative)
import Control.Concurrent.Async (Async)
import qualified Control.Concurrent.Async as Async
import Control.Exception (bracket)
import Control.Monad (MonadPlus)
import Control.Monad.Catch (MonadCatch, MonadMask, MonadThrow)
import Control.Monad.Cont.Class (MonadCont)
import Control.Monad.Error.Class (MonadError)
import Control.Monad.Fix (MonadFix)
import Control.Monad.IO.Class (MonadIO (..))
import Control.Monad.IO.Unlift (MonadUnliftIO (..))
import Control.Monad.Reader.Class (MonadReader (..))
import Control.Monad.State.Class (MonadState)
import Control.Monad.Trans.Class (MonadTrans (..))
import Control.Monad.Trans.Except (ExceptT)
import Control.Monad.Trans.Identity (IdentityT)
import Control.Monad.Trans.Maybe (MaybeT)
import Control.Monad.Trans.Reader (ReaderT (..), mapReaderT)
import qualified Control.Monad.Trans.Reader as Reader
import qualified Control.Monad.Trans.State.Lazy as Lazy
import qualified Control.Monad.Trans.State.Strict as Strict
import qualified Control.Monad.Trans.Writer.Lazy as LazyWriter
import qualified Control.Monad.Trans.Writer.Strict as StrictWriter
import Control.Monad.Writer.Class (MonadWriter)
import RustBridge.Env (RustEnv (..))
import RustBridge.Exception (RustException)
import RustBridge.Reference (Apply (..), RustFunction, Stream, closeRust)
import RustBridge.Request (Call (..), Cast)
import RustBridge.Stats (Stats)
import RustBridge.Wire (Wire)

-- | A computation that may use a running engine. It carries the engine's
-- operations; there is no other way to them.
newtype RustT m a = RustT {unRustT :: ReaderT RustEnv m a}
  deriving
    ( Functor,
      Applicative,
      Alternative,
      Monad,
      MonadPlus,
      MonadFail,
      MonadFix,
      MonadIO,
      MonadUnliftIO,
      MonadTrans,
      MonadThrow,
      MonadCatch,
      MonadMask,
      MonadCont,
      MonadError e,
      MonadState s,
      MonadWriter w
    )

-- | The reader is the one below: the engine's operations stay out of its way.
instance MonadReader r m => MonadReader r (RustT m) where
  ask = lift ask
  local = mapRustT . local
  reader = lift . reader

-- | Runs the computation with these operations.
runRustT :: RustT m a -> RustEnv -> m a
runRustT = runReaderT . unRustT

-- | Changes the monad below.
mapRustT :: (m a -> n b) -> RustT m a -> RustT n b
mapRustT change = RustT . mapReaderT change . unRustT

-- | Monads in which the operations of an engine are at hand: 'RustT', and
-- transformers over it.
class MonadIO m => MonadRust m where
  -- | The operations.
  askRust :: m RustEnv
  default askRust :: (MonadTrans t, MonadRust n, m ~ t n) => m RustEnv
  askRust = lift askRust

instance MonadIO m => MonadRust (RustT m) where
  askRust = RustT Reader.ask

instance MonadRust m => MonadRust (ReaderT r m)

instance MonadRust m => MonadRust (ExceptT e m)

instance MonadRust m => MonadRust (MaybeT m)

instance MonadRust m => MonadRust (IdentityT m)

instance MonadRust m => MonadRust (Lazy.StateT s m)

instance MonadRust m => MonadRust (Strict.StateT s m)

instance (MonadRust m, Monoid w) => MonadRust (LazyWriter.WriterT w m)

instance (MonadRust m, Monoid w) => MonadRust (StrictWriter.WriterT w m)

-- | Sends a request and waits for its answer.
callRust :: (MonadRust m, Call request) => request -> m (Response request)
callRust request = do
  env <- askRust
  liftIO (envCall env request)
{-# INLINE callRust #-}

-- | 'callRust' with a limit on the wait, in microseconds, for room in the
-- queue and for the answer together: 'Nothing' when it is over. As with
-- 'System.Timeout.timeout', a limit of zero is over at once, and a negative
-- one is none.
--
-- The limit is kept in Rust, which makes it much cheaper than 'System.Timeout.timeout'
-- and lets the handler see it.
callRustTimeout :: (MonadRust m, Call request) => Int -> request -> m (Maybe (Response request))
callRustTimeout micros request = do
  env <- askRust
  liftIO (envCallTimeout env micros request)
{-# INLINE callRustTimeout #-}

-- | 'callRust' without a queue: the method runs on the calling thread. For a
-- method that takes less than the two wake-ups that a call costs otherwise,
-- some microseconds, this is many times cheaper.
--
-- Types, exceptions and limits are those of 'callRust'. What differs:
--
-- * It is not interruptible, and has no limit of time. Only where the method
--   answers later, through a token, is the wait for that answer interruptible.
-- * It holds an operating system's thread: other Haskell threads go on, but
--   calls made side by side take one such thread each.
-- * It takes no place in the queue: nothing holds back callers that make more
--   calls than the machine has processors for, and what one thread sends is no
--   longer handled in one order. The method runs beside the workers.
-- * Deep values are decoded on that thread's stack: as deep as 1 MiB holds them.
--
-- A method that the engine's author marks with @#[nonblocking]@ is called by an
-- @unsafe@ import, which is cheaper once more, and holds up the other Haskell
-- threads of the capability for as long as it runs. Its generated module has a
-- function for that, which ends in @Direct@.
callRustDirect :: (MonadRust m, Call request) => request -> m (Response request)
callRustDirect request = do
  env <- askRust
  liftIO (envCallDirect env request)
{-# INLINE callRustDirect #-}

-- | Sends many requests to one method at once, and waits for all their answers.
-- They are handled one after the other, by one worker, and come back in the order
-- of the requests: each with its answer, or with the exception that 'callRust'
-- would have thrown for it alone.
--
-- It throws where nothing at all could be handled (the runtime is not running,
-- has no such method, or shuts down first), or where evaluating a request throws.
--
-- They go in one message, which takes one place in the queue. Where they are
-- larger together than 'RustBridge.Config.maxMsgLen', there are several messages,
-- one after the other.
callRustMany :: (MonadRust m, Call request) => [request] -> m [Either RustException (Response request)]
callRustMany requests = do
  env <- askRust
  liftIO (envCallMany env requests)
{-# INLINE callRustMany #-}

-- | Sends a message without an answer. Returns once the engine's queue has
-- taken it; while that is full, waits. What goes wrong when it is handled,
-- 'RustBridge.Config.onFailure' hears.
--
-- A thread that is interrupted here has not sent it, or has, but never half.
castRust :: (MonadRust m, Cast message) => message -> m ()
castRust message = do
  env <- askRust
  liftIO (envCast env message)
{-# INLINE castRust #-}

-- | 'castRust' that never waits: 'False' where the queue is full, and nothing
-- was sent.
tryCastRust :: (MonadRust m, Cast message) => message -> m Bool
tryCastRust message = do
  env <- askRust
  liftIO (envTryCast env message)
{-# INLINE tryCastRust #-}

-- | 'castRust' of many messages at once: they are taken by the queue together, in
-- one place, and handled one after the other. Each that fails is reported by
-- itself.
--
-- Where they are larger together than 'RustBridge.Config.maxMsgLen', there are
-- several messages: a thread that is interrupted has then sent a number of the
-- first ones. One that is too large throws before any is sent.
castRustMany :: (MonadRust m, Cast message) => [message] -> m ()
castRustMany messages = do
  env <- askRust
  liftIO (envCastMany env messages)
{-# INLINE castRustMany #-}

-- | Calls a function that Rust made, and waits for its result: 'callRust' of an
-- 'Apply'. Throws 'RustBridge.Exception.ReferenceClosed' where the function is
-- closed.
applyRust :: (MonadRust m, Wire a, Wire b) => RustFunction a b -> a -> m b
applyRust function argument = callRust (Apply function argument)
{-# INLINE applyRust #-}

-- | Subscribes to a stream for as long as the computation runs: when it ends, in
-- whatever way, the stream is closed and its producer told to stop. That does not
-- wait for the producer. Outside of it, 'RustBridge.Reference.nextEvent' throws
-- 'RustBridge.Exception.ReferenceClosed'.
--
-- > withRustStream (ChangesRequest defaultStreamOptions "/tmp") $ \stream ->
-- >   nextEvent stream >>= liftIO . print
withRustStream ::
  (MonadRust m, MonadUnliftIO m, Call request, Response request ~ Stream a) =>
  request ->
  (Stream a -> m b) ->
  m b
withRustStream request use =
  -- To subscribe waits for an answer, which is interruptible in bracket too: who is
  -- interrupted there has no stream.
  withRunInIO $ \run -> bracket (run (callRust request)) closeRust (run . use)

-- | Runs a computation beside another one, for as long as that one runs: when
-- it ends, in whatever way, the one beside is cancelled and waited for.
--
-- > withAsyncRust (callRust Slow) $ \slow -> do
-- >   castRust Progress
-- >   liftIO (wait slow)
withAsyncRust :: MonadUnliftIO m => RustT m a -> (Async a -> RustT m b) -> RustT m b
withAsyncRust beside inner =
  withRunInIO $ \run -> Async.withAsync (run beside) (run . inner)

-- | Starts a computation beside this one and hands out its 'Async'. Nobody
-- waits for it unless you do: prefer 'withAsyncRust', which does. One that
-- outlives its @withRust@ gets 'RustBridge.Exception.NotRunning'.
asyncRust :: MonadUnliftIO m => RustT m a -> RustT m (Async a)
asyncRust beside = withRunInIO $ \run -> Async.async (run beside)

-- | Reads the runtime's counters. Also after the end of @withRust@.
rustStats :: MonadRust m => m Stats
rustStats = askRust >>= liftIO . envStats
