{-# LANGUAGE ScopedTypeVariables #-}

-- | A cast's way: encode, submit, and where the queue is full, wait for room.
module RustBridge.Cast
  ( cast,
    tryCast,
  )
where

import Control.Concurrent.MVar (newEmptyMVar, takeMVar)
import Control.Exception (throwIO)
import Control.Monad (void)
import Data.Proxy (Proxy (..))
import Foreign.Ptr (Ptr)
import RustBridge.Failure (refusal)
import RustBridge.Foreign
import RustBridge.Message (Running (..), withRequest)
import RustBridge.Request (Cast (..))

-- | See 'RustBridge.RustT.castRust'.
cast :: Cast message => Running -> message -> IO ()
cast running message = void (send running message waitForRoom)
  where
    waitForRoom slot = do
      room <- newEmptyMVar
      status <- submitCast (epoch running) slot (Just room)
      case status of
        Wait -> takeMVar room >> castAccepted slot
        _ -> pure status

-- | See 'RustBridge.RustT.tryCastRust'.
tryCast :: Cast message => Running -> message -> IO Bool
tryCast running message = (== Ok) <$> send running message (const (pure Full))

-- | Most casts find room at once and need no MVar; the action is for those that
-- do not. The result is 'Ok', or the action's 'Full'.
send :: forall message. Cast message => Running -> message -> (Ptr Slot -> IO Status) -> IO Status
send running message whenFull =
  withRequest running CastKind (castMethod (Proxy :: Proxy message)) noTimeout message $ \slot -> do
    status <- submitCast (epoch running) slot Nothing
    end <- if status == Full then whenFull slot else pure status
    if end == Ok || end == Full then pure end else throwIO (refusal end)
