{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE RankNTypes #-}

-- | From a slot that is settled to a value.
module RustBridge.Answer
  ( takeAnswer,
    awaitAnswer,
    Restore,
  )
where

import Control.Concurrent.MVar (newEmptyMVar, takeMVar)
import Control.Exception (mask_, onException, throwIO)
import Control.Monad (unless, when)
import Data.IORef (newIORef, readIORef, writeIORef)
import Data.Maybe (isNothing)
import Data.Text (Text)
import qualified Data.Text as Text
import Foreign.Ptr (Ptr)
import RustBridge.Exception (RustException (..))
import RustBridge.Failure (failureOf)
import RustBridge.Foreign
import RustBridge.Message (Running (..), decodeFrom, decodeWithTail)
import RustBridge.Request (Method, methodName)
import RustBridge.Wire (Tail (..), Wire)

-- | Lets exceptions through that were masked.
type Restore = forall a. IO a -> IO a

-- | Decodes the answer, or throws what is there in its place; 'Nothing' where the
-- deadline came first. Lets go of the slot in any case. To be called with
-- exceptions masked: decoding is not.
takeAnswer :: Wire answer => Running -> Restore -> Method -> Out -> Ptr Slot -> IO (Maybe answer)
takeAnswer running restore method out slot = do
  (status, bytes, len) <- readResult out slot
  case status of
    _ | status == Ok || status == OkReferring -> Just <$> releasing (restore (decodeFrom (receiver running) name bytes len))
    OkWithTail -> do
      (found, end, endLen) <- readTail out slot
      -- What has the slot now, and releases it when it is garbage. There is one
      -- reference to the slot, so there is one of these, however often it is asked for.
      kept <- newIORef Nothing
      let keep = mask_ $ readIORef kept >>= maybe newlyKept pure
          newlyKept = do
            memory <- keepTail slot end
            memory <$ writeIORef kept (Just memory)
          release = readIORef kept >>= \memory -> when (isNothing memory) (releaseSlot slot)
          decode = decodeWithTail (receiver running) name (Tail end endLen keep) bytes len
      unless (found == Ok) (releaseSlot slot >> throwIO (unexpected found))
      answer <- restore decode `onException` release
      Just answer <$ release
    TimedOut -> Nothing <$ releaseSlot slot
    _ -> releasing (failureOf (Just name) status bytes len) >>= throwIO
  where
    name = methodName method
    releasing act = (act `onException` releaseSlot slot) <* releaseSlot slot
{-# INLINE takeAnswer #-}

unexpected :: Status -> RustException
unexpected status = InternalError ("unexpected status " <> text status <> " of an answer's tail")
  where
    text = Text.pack . show :: Status -> Text

-- | Waits until a token has answered, interruptibly; what ends the wait otherwise
-- does not end the slot. To be called with exceptions masked.
awaitAnswer :: Ptr Slot -> IO ()
awaitAnswer slot = do
  settled <- newEmptyMVar
  status <- awaitCall slot settled
  case status of
    Wait -> takeMVar settled
    _ -> pure ()
