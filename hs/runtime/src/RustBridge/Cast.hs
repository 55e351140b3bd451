{-# LANGUAGE RankNTypes #-}
{-# LANGUAGE ScopedTypeVariables #-}

-- | A cast's way: encode, submit, and where the queue is full, wait for room.
module RustBridge.Cast
  ( cast,
    tryCast,
    submit,
    waitForRoom,
  )
where

import Control.Concurrent.MVar (newEmptyMVar, takeMVar)
import Control.Exception (finally, mask)
import Control.Monad (void, when)
import Data.Proxy (Proxy (..))
import Foreign.Ptr (Ptr)
import RustBridge.Answer (Restore)
import RustBridge.Carry (senderTo)
import RustBridge.Foreign
import RustBridge.Message (Running (..), checkedSize, encodeInto, notEncodable, refused)
import RustBridge.Request (Cast (..), Method, methodCarries, methodId)
import RustBridge.Small (isSmall)
import RustBridge.Wire (noSender)

-- | See 'RustBridge.RustT.castRust'.
cast :: forall message. Cast message => Running -> message -> IO ()
cast running message = do
  let method = castMethod (Proxy :: Proxy message)
  len <- checkedSize running method message
  sent <- if isSmall len && not (methodCarries method) then sendNow running message len else pure Full
  when (sent == Full) . void $ sendInSlot running message len (waitForRoom running)

-- | See 'RustBridge.RustT.tryCastRust'.
tryCast :: forall message. Cast message => Running -> message -> IO Bool
tryCast running message = do
  let method = castMethod (Proxy :: Proxy message)
  len <- checkedSize running method message
  (== Ok) <$> if isSmall len && not (methodCarries method) then sendNow running message len else sendInSlot running message len (const (pure Full))

-- | A small message, of so many bytes, needs no slot of this thread's: 'Ok', or
-- 'Full'.
sendNow :: forall message. Cast message => Running -> message -> Int -> IO Status
sendNow running message len = do
  let method = castMethod (Proxy :: Proxy message)
  status <- withExchange len 0 $ \exchange -> do
    notEncodable method (encodeInto noSender method message len (body exchange))
    sendSmall (epoch running) (methodId method) exchange
  if status == Ok || status == Full then pure status else refused running method len status

-- | One that is large, or has to wait: 'Ok', or what the action gives.
sendInSlot :: forall message. Cast message => Running -> message -> Int -> (Ptr Slot -> IO Status) -> IO Status
sendInSlot running message len whenFull = do
  let method = castMethod (Proxy :: Proxy message)
  withOut $ \out -> mask $ \restore -> do
    made <- newRequest out (epoch running) CastKind (methodId method) len noTimeout
    (slot, memory) <- either (refused running method len) pure made
    let sender = senderTo (functions running) (epoch running) slot
    submit restore running method len slot (notEncodable method (encodeInto sender method message len memory)) whenFull

-- | Fills the slot and hands it over. Most casts find room at once and need no
-- MVar; the action is for those that do not. The result is 'Ok', or the action's
-- 'Full'. Lets go of the slot: one that was taken goes on by itself.
submit :: Restore -> Running -> Method -> Int -> Ptr Slot -> IO () -> (Ptr Slot -> IO Status) -> IO Status
submit restore running method len slot fill whenFull =
  flip finally (releaseSlot slot) $ do
    restore fill
    status <- submitCast (epoch running) slot Nothing
    end <- if status == Full then whenFull slot else pure status
    if end == Ok || end == Full then pure end else refused running method len end
{-# INLINE submit #-}

-- | Waits, interruptibly, until the queue has taken a cast.
waitForRoom :: Running -> Ptr Slot -> IO Status
waitForRoom running slot = do
  room <- newEmptyMVar
  status <- submitCast (epoch running) slot (Just room)
  case status of
    Wait -> takeMVar room >> castAccepted slot
    _ -> pure status
