{-# LANGUAGE OverloadedStrings #-}

-- | The life of the runtime.
module RustBridge.Runtime
  ( withRust,
  )
where

import Control.Concurrent (rtsSupportsBoundThreads)
import Control.Concurrent.Async (Async, async, cancel, wait)
import Control.Concurrent.MVar (MVar, modifyMVar_, newMVar)
import Control.Exception (SomeException, bracket, displayException, handle, throwIO)
import Control.Monad (unless, void, when)
import Data.ByteString (ByteString)
import Data.Int (Int64)
import Data.Store (encode)
import qualified Data.Text as Text
import Data.Text.Encoding (decodeUtf8With)
import Data.Text.Encoding.Error (lenientDecode)
import Data.Word (Word64)
import Foreign.ForeignPtr (newForeignPtr)
import Foreign.Ptr (nullPtr)
import Foreign.StablePtr (newStablePtr)
import RustBridge.Call (call, callTimeout)
import RustBridge.Cast (cast, tryCast)
import RustBridge.Config (Config (..))
import RustBridge.Env (RustEnv (..))
import RustBridge.Exception (RustException (..))
import RustBridge.Foreign
import RustBridge.Message (Running (..))
import RustBridge.Notice (listen)
import RustBridge.RustT (RustT, runRustT)
import System.IO (hPutStrLn, stderr)
import System.IO.Unsafe (unsafePerformIO)
import System.Timeout (timeout)

-- | Starts the engine that is linked into the program, runs the computation
-- with it, and shuts it down, in whatever way the computation ends.
--
-- There is one runtime in a process: a 'withRust' inside of another, or beside
-- it, throws 'AlreadyRunning'. One after the other is fine, and each gets an
-- engine in its first state. Throws 'RtsNotThreaded', 'ConfigInvalid',
-- 'EngineInvalid' and 'OutOfResources' before the computation begins.
--
-- At the end, calls that others still make (in 'RustBridge.RustT.asyncRust',
-- say) get 'ShuttingDown', or their answers where those come in time; casts
-- that were accepted are handled; handlers that run are told that they are
-- cancelled. That takes at most 'shutdownLimit', and is not interruptible.
withRust :: Config -> RustT IO a -> IO a
withRust config action = do
  unless rtsSupportsBoundThreads (throwIO RtsNotThreaded)
  bracket (start config) (stop config) $ \(running, _) ->
    runRustT action (operations running)

operations :: Running -> RustEnv
operations running =
  RustEnv
    { envCall = call running,
      envCallTimeout = callTimeout running,
      envCast = cast running,
      envTryCast = tryCast running,
      envStats = readStats
    }

start :: Config -> IO (Running, Async ())
start config = do
  guardExit
  started <- initialize (encodeConfig config)
  case started of
    Right number -> do
      listener <- async (listen number (tell config))
      pure (Running number (maxMsgLen config), listener)
    Left (status, why) -> throwIO (startFailure status (decodeUtf8With lenientDecode why))
  where
    startFailure status why = case status of
      IsAlreadyRunning -> AlreadyRunning
      BadConfig -> ConfigInvalid why
      BadEngine -> EngineInvalid why
      NoThread -> OutOfResources why
      _ -> InternalError ("unexpected status " <> Text.pack (show status) <> " at init")

-- | Runs masked, in the release of 'bracket'. The listener ends by itself, once
-- it has told what there is to tell; an 'onFailure' that blocks may delay that
-- as long as a handler may delay shutdown.
stop :: Config -> (Running, Async ()) -> IO ()
stop config (running, listener) = do
  stopped <- deinitialize (epoch running)
  case stopped of
    Right left -> when (left > 0) (tell config (HandlersLeftBehind (fromIntegral left)))
    Left status -> throwIO (InternalError ("unexpected status " <> Text.pack (show status) <> " at deinit"))
  void (timeout (max 1 (shutdownLimit config)) (wait listener))
  cancel listener

-- | Nothing that 'onFailure' throws may end the thread that runs it.
tell :: Config -> RustException -> IO ()
tell config failure = handle complain (onFailure config failure)
  where
    complain :: SomeException -> IO ()
    complain thrown = hPutStrLn stderr ("rs-in-hs: onFailure threw: " ++ displayException thrown)

-- | The layout of @rs/runtime/src/config.rs@.
encodeConfig :: Config -> ByteString
encodeConfig config =
  encode
    ( 0x31682d6e692d7372 :: Word64, -- "rs-in-h1"
      number maxMsgLen,
      number queueCapacity,
      number workers,
      number shutdownLimit
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
