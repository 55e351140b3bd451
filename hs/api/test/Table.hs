{-# LANGUAGE ScopedTypeVariables #-}

-- | What references are ids in, without an engine: a table that counts.
module Table
  ( Table,
    newTable,
    sender,
    receiver,
    written,
    readBack,
    handled,
    closed,
    answering,
  )
where

import Control.Exception (evaluate, throwIO)
import Data.ByteString (ByteString)
import Data.IORef
import qualified Data.Map.Strict as Map
import Data.Store.Core (decodeIOWith, unsafeEncodeWith)
import qualified Data.Text as Text
import Data.Word (Word64)
import Foreign.ForeignPtr (newForeignPtr_)
import Foreign.Ptr (wordPtrToPtr)
import RustBridge.Env (RustEnv (..))
import RustBridge.Exception (RustException (..))
import RustBridge.Wire

data Table = Table
  { handlers :: IORef (Map.Map Word64 Handler),
    closings :: IORef [Word64],
    -- | Encoded, of all streams together.
    events :: IORef [ByteString]
  }

-- | With these events.
newTable :: [ByteString] -> IO Table
newTable sent = Table <$> newIORef Map.empty <*> newIORef [] <*> newIORef sent

-- | Functions get the ids from 1 on.
sender :: Table -> Sender
sender table =
  Sender
    { sendReference = \reference -> do
        gone <- closed table
        if referenceId reference `elem` gone then throwIO ReferenceClosed else pure (referenceId reference),
      sendHandler = \handler -> atomicModifyIORef' (handlers table) $ \known ->
        let number = fromIntegral (Map.size known) + 1
         in (Map.insert number handler known, number)
    }

-- | There is something of every id below 1000. Each stream has dropped as many events
-- as its id says.
receiver :: Table -> Receiver
receiver table =
  Receiver
    { receiveReference = \number -> do
        memory <- newForeignPtr_ (wordPtrToPtr (fromIntegral number))
        if number < 1000
          then pure (Reference memory (modifyIORef (closings table) (number :)))
          else throwIO (PeekException 77 (Text.pack "there is nothing of this id")),
      receiveEvent = \_ _ -> do
        left <- readIORef (events table)
        fmap Just $ case left of
          [] -> pure Nothing
          event : rest -> do
            writeIORef (events table) rest
            Just <$> readBack table event,
      receiveDropped = pure . referenceId
    }

written :: forall a. Wire a => Table -> a -> IO ByteString
written table value = evaluate (unsafeEncodeWith (wirePoke (sender table) value) size)
  where
    size = case wireSize :: Size a of
      ConstSize bytes -> bytes
      VarSize measure -> measure value

readBack :: Wire a => Table -> ByteString -> IO a
readBack table = decodeIOWith (wirePeek (receiver table))

-- | Calls a function that was sent, from bytes to bytes, as Rust would.
handled :: Table -> Word64 -> ByteString -> IO ByteString
handled table number argument = do
  known <- readIORef (handlers table)
  case Map.lookup number known of
    Nothing -> throwIO ReferenceClosed
    Just (Handler function) -> readBack table argument >>= function >>= written table

-- | The ids that were closed, the last one first, as often as they were.
closed :: Table -> IO [Word64]
closed = readIORef . closings

-- | An engine whose calls are all answered by this.
answering :: Table -> (ByteString -> IO ByteString) -> RustEnv
answering table answer =
  RustEnv
    { envCall = \request -> written table request >>= answer >>= readBack table,
      envCallTimeout = unused,
      envCallDirect = unused,
      envCallMany = unused,
      envCast = unused,
      envTryCast = unused,
      envCastMany = unused,
      envStats = error "not used"
    }
  where
    unused :: a
    unused = error "not used"
