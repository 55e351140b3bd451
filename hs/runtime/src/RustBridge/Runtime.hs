{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE RankNTypes #-}

-- | The life of the runtime.
module RustBridge.Runtime
  ( withRust,
  )
where

import Control.Concurrent (forkIO, rtsSupportsBoundThreads)
import Control.Concurrent.Async (Async, asyncWithUnmask, cancel, waitCatch)
import Control.Concurrent.MVar (MVar, modifyMVar_, newEmptyMVar, newMVar, putMVar, takeMVar)
import Control.Exception
  ( SomeAsyncException (..),
    SomeException,
    bracket,
    catch,
    displayException,
    fromException,
    onException,
    throwIO,
  )
import Control.Monad (unless, void, when)
import Data.ByteString (ByteString)
import Data.Int (Int64)
import Data.Maybe (isNothing)
import Data.Store (encode)
import qualified Data.Text as Text
import Data.Text.Encoding (decodeUtf8With)
import Data.Text.Encoding.Error (lenientDecode)
import Data.Word (Word64)
import Foreign.ForeignPtr (newForeignPtr)
import Foreign.Ptr (Ptr, nullPtr)
import Foreign.StablePtr (newStablePtr)
import RustBridge.Answer (takeAnswer)
import RustBridge.Batch (callMany, castMany)
import RustBridge.Call (answered, call, callTimeout)
import RustBridge.Callback (Calls, awaitCalls, newCalls, serveCalls)
import RustBridge.Carry (newFunctions, receiverOf)
import RustBridge.Cast (cast, tryCast)
import RustBridge.Config (Config (..))
import qualified RustBridge.Contexts as Contexts
import RustBridge.Direct (callDirect)
import RustBridge.Env (RustEnv (..))
import RustBridge.Exception (RustException (..))
import RustBridge.Foreign
import RustBridge.Handshake (compareServices)
import RustBridge.Message (Running (..))
import RustBridge.Notice (listen)
import RustBridge.RustT (RustT, runRustT)
import RustBridge.Stats (Stats (..))
import RustBridge.Wire (Wire)
import System.IO (hPutStrLn, stderr)
import System.IO.Unsafe (unsafePerformIO)
import System.Timeout (timeout)

-- | Starts the engine that is linked into the program, runs the computation
-- with it, and shuts it down, in whatever way the computation ends.
--
-- There is one runtime in a process: a 'withRust' inside of another, or beside
-- it, throws 'AlreadyRunning'. One after the other is fine, and each gets an
-- engine in its first state. Throws 'RtsNotThreaded', 'ServicesDiffer',
-- 'ConfigInvalid', 'EngineInvalid' and 'OutOfResources' before the computation
-- begins.
--
-- At the end, calls that others still make (in 'RustBridge.RustT.asyncRust',
-- say) get 'ShuttingDown', or their answers where those come in time; casts
-- that were accepted are handled; handlers that run are told that they are
-- cancelled. That takes at most 'shutdownLimit', plus what the engine's own
-- destructors take, and is not interruptible. Then 'onFailure' has as long
-- again for what is left to report.
--
-- Do not fork the process inside ('System.Posix.forkProcess'): the child has
-- none of the runtime's threads, so every operation there throws 'NotRunning',
-- and 'withRust' throws 'ProcessForked'. Set the number of capabilities before,
-- not inside: growing it, GHC moves a table that a thread of the runtime may be
-- reading.
withRust :: Config -> RustT IO a -> IO a
withRust config action = do
  unless rtsSupportsBoundThreads (throwIO RtsNotThreaded)
  differences <- compareServices (services config)
  unless (null differences) (throwIO (ServicesDiffer differences))
  bracket (start config) (stop config) $ \started ->
    runRustT action (operations (running started))

-- | What 'withRust' holds.
data Started = Started
  { running :: Running,
    -- | Runs 'onFailure'.
    reporter :: Async (),
    -- | Filled when the runtime has shut down, with the number of handlers that
    -- were left behind.
    leftBehind :: MVar Word64,
    -- | Functions that run for Rust.
    called :: Calls
  }

operations :: Running -> RustEnv
operations runtime =
  RustEnv
    { envCall = call runtime,
      envCallTimeout = callTimeout runtime,
      envCallDirect = callDirect runtime,
      envCallMany = callMany runtime,
      envCast = cast runtime,
      envTryCast = tryCast runtime,
      envCastMany = castMany runtime,
      envStats = stats
    }

-- | Trampolines are of both sides.
stats :: IO Stats
stats = do
  ofRust <- readStats
  own <- Contexts.count
  pure ofRust {trampolines = trampolines ofRust + own}

start :: Config -> IO Started
start config = do
  guardExit
  started <- initialize (encodeConfig config)
  case started of
    Right number -> do
      left <- newEmptyMVar
      -- Not masked, as this thread is: 'onFailure' has to be interruptible.
      thread <-
        asyncWithUnmask (\unmask -> unmask (reportAll config number left))
          `onException` deinitialize number
      known <- newFunctions
      calls <- newCalls
      let runtime = Running number (maxMsgLen config) (receiverOf (takeEvent runtime)) known
      -- Masked, as this thread is: nobody knows it, and what it starts is not.
      _ <- forkIO (serveCalls runtime calls) `onException` deinitialize number
      pure (Started runtime thread left calls)
    Left (status, why) -> throwIO (startFailure status (decodeUtf8With lenientDecode why))
  where
    startFailure status why = case status of
      IsAlreadyRunning -> AlreadyRunning
      IsForked -> ProcessForked
      BadConfig -> ConfigInvalid why
      BadEngine -> EngineInvalid why
      NoThread -> OutOfResources why
      _ -> InternalError ("unexpected status " <> Text.pack (show status) <> " at init")

-- | Decodes an event, and lets go of its slot. To be called with exceptions masked.
takeEvent :: Wire event => Running -> Ptr Slot -> IO event
takeEvent runtime slot = withOut (\out -> takeAnswer runtime id "an event" out slot) >>= answered

-- | Runs masked, in the release of 'bracket'. The reporter gets time to report
-- what is left, and is then abandoned: what 'onFailure' does is the user's, and
-- may block, or not heed the exception.
stop :: Config -> Started -> IO ()
stop config started = do
  stopped <- deinitialize (epoch (running started))
  case stopped of
    Right left -> putMVar (leftBehind started) left
    Left status -> throwIO (InternalError ("unexpected status " <> Text.pack (show status) <> " at deinit"))
  ended <- timeout (max 1 (shutdownLimit config)) (awaitCalls (called started) >> waitCatch (reporter started)) `onException` abandon
  when (isNothing ended) abandon
  where
    abandon = void (forkIO (cancel (reporter started)))

-- | Hands every failure that no caller waits for to 'onFailure': notices until
-- the end of shutdown, and then the handlers that were left behind.
reportAll :: Config -> Epoch -> MVar Word64 -> IO ()
reportAll config number left = do
  listen number (tell config)
  count <- takeMVar left
  when (count > 0) (tell config (HandlersLeftBehind (fromIntegral count)))

-- | What 'onFailure' throws by itself does not end the reports; an exception that
-- was sent to its thread does.
tell :: Config -> RustException -> IO ()
tell config failure =
  onFailure config failure `catchOwn` \thrown ->
    hPutStrLn stderr ("rs-in-hs: onFailure threw: " ++ displayException thrown)
      -- With stderr gone there is nobody left to tell.
      `catchOwn` const (pure ())
  where
    catchOwn :: IO () -> (SomeException -> IO ()) -> IO ()
    catchOwn action handler =
      action `catch` \thrown -> case fromException thrown of
        Just (SomeAsyncException _) -> throwIO thrown
        Nothing -> handler thrown

-- | The layout of @rs/runtime/src/config.rs@.
encodeConfig :: Config -> ByteString
encodeConfig config =
  encode
    ( 0x32682d6e692d7372 :: Word64, -- "rs-in-h2"
      number maxMsgLen,
      number queueCapacity,
      number workers,
      number shutdownLimit,
      number spinLimit
    )
  where
    number :: (Config -> Int) -> Int64
    number field = fromIntegral (field config)

-- | A program may exit while a runtime is running, in a thread that nobody
-- waited for. A worker that then wakes a Haskell thread would abort the
-- process, so Rust is told when the runtime system exits: by a finalizer in C,
-- which is run then, since its object is kept alive until then, once a process.
guardExit :: IO ()
guardExit = modifyMVar_ guarded $ \done -> do
  unless done $ do
    hook <- exitHook
    object <- newForeignPtr hook nullPtr
    void (newStablePtr object)
  pure True

guarded :: MVar Bool
guarded = unsafePerformIO (newMVar False)
{-# NOINLINE guarded #-}
