{-# LANGUAGE RankNTypes #-}

-- | References in messages: what Rust is told of those in a request, and what
-- keeps alive those in an answer.
module RustBridge.Carry
  ( senderTo,
    pretender,
    receiverOf,
    Functions,
    newFunctions,
    functionOf,
    forgetFunction,
    forgetFunctions,
  )
where

import Control.Concurrent.MVar (newEmptyMVar, takeMVar)
import Control.Exception (mask_, onException, throwIO)
import Data.IORef (IORef, atomicModifyIORef', newIORef, readIORef, writeIORef)
import Data.IntMap.Strict (IntMap)
import qualified Data.IntMap.Strict as IntMap
import Data.Word (Word64)
import Foreign.ForeignPtr (touchForeignPtr)
import Foreign.Ptr (Ptr)
import GHC.Clock (getMonotonicTimeNSec)
import RustBridge.Failure (refusal)
import RustBridge.Foreign
import RustBridge.Wire (Handler, Receiver (..), Reference (..), Sender (..), Wire, referenceId)
import System.Timeout (timeout)

-- | The functions that Rust may call, by the numbers that it knows them by. One is
-- here from the moment in which the first message refers to it until nobody in
-- Rust has it.
newtype Functions = Functions (IORef (IntMap Handler))

-- | None yet.
newFunctions :: IO Functions
newFunctions = Functions <$> newIORef IntMap.empty

-- | The one with this number.
functionOf :: Functions -> Word64 -> IO (Maybe Handler)
functionOf (Functions known) number = IntMap.lookup (fromIntegral number) <$> readIORef known

-- | Rust has it no longer.
forgetFunction :: Functions -> Word64 -> IO ()
forgetFunction (Functions known) number =
  atomicModifyIORef' known (\functions -> (IntMap.delete (fromIntegral number) functions, ()))

-- | Rust will call none any more.
forgetFunctions :: Functions -> IO ()
forgetFunctions (Functions known) = writeIORef known IntMap.empty

-- | For what is written to this slot, which holds what it refers to from then on.
-- Whoever lets go of the slot without handing it over lets go of that, too.
senderTo :: Functions -> Epoch -> Ptr Slot -> Sender
senderTo (Functions known) running slot =
  Sender
    { sendReference = \reference -> do
        status <- holdReference slot (referenceId reference)
        touchForeignPtr (referenceMemory reference)
        case status of
          Ok -> pure (referenceId reference)
          _ -> throwIO (refusal status),
      -- It is here before Rust can call it, and before Rust can have let go of it:
      -- until this thread does something with the slot, that holds it.
      sendHandler = \handler -> mask_ $ do
        offered <- offerFunction running slot
        number <- either (throwIO . refusal) pure offered
        atomicModifyIORef' known (\functions -> (IntMap.insert (fromIntegral number) handler functions, ()))
        pure number
    }

-- | For what is written only to see whether it can be.
pretender :: Sender
pretender = Sender {sendReference = pure . referenceId, sendHandler = const (pure 0)}

-- | For what is read from slots, while they are there. Events are read by the
-- function that is given, which decodes what is in a slot and releases it.
receiverOf :: (forall a. Wire a => Ptr Slot -> IO a) -> Receiver
receiverOf takeEvent =
  Receiver
    { receiveReference = \number -> mask_ $ do
        status <- claimReference number
        case status of
          Ok -> flip Reference (closeReference number) <$> forgottenWith number
          _ -> throwIO (refusal status),
      receiveEvent = \limit reference ->
        nextEvent limit (referenceId reference) takeEvent <* touchForeignPtr (referenceMemory reference),
      receiveDropped = \reference -> do
        counted <- droppedEvents (referenceId reference)
        touchForeignPtr (referenceMemory reference)
        either (throwIO . refusal) pure counted
    }

-- | The next event, or the end; 'Nothing' where the limit, in microseconds, comes first.
-- Waits, interruptibly: whoever is killed while it waits has taken no event. Decoding
-- one that was taken is not interrupted.
nextEvent :: Maybe Int -> Word64 -> (Ptr Slot -> IO a) -> IO (Maybe (Maybe a))
nextEvent limit number takeEvent = mask_ $ do
  start <- now
  let left = maybe (pure Nothing) (\micros -> Just . max 0 . (micros -) . subtract start <$> now) limit
      go = look >>= either wait (pure . Just)
      wait arrived = do
        time <- left
        waited <- maybe (fmap Just) timeout time (takeMVar arrived) `onException` forgetReader number
        maybe (Nothing <$ forgetReader number) (const go) waited
  go
  where
    now = fromIntegral . (`div` 1000) <$> getMonotonicTimeNSec :: IO Int
    look = do
      arrived <- newEmptyMVar
      next <- takeNextEvent number arrived
      case next of
        -- It is released there, whatever happens.
        Right slot -> Right . Just <$> takeEvent slot
        Left Wait -> pure (Left arrived)
        Left Ended -> pure (Right Nothing)
        Left status -> throwIO (refusal status)
