-- | The thread that hears of casts that failed.
module RustBridge.Notice
  ( listen,
  )
where

import Control.Concurrent.MVar (newEmptyMVar, takeMVar)
import Control.Exception (mask, onException)
import Foreign.Ptr (Ptr)
import RustBridge.Exception (RustException)
import RustBridge.Failure (failureOf)
import RustBridge.Foreign

-- | Hands each notice to the action, until shutdown, and those that came until
-- then.
listen :: Epoch -> (RustException -> IO ()) -> IO ()
listen running tell = do
  arrived <- newEmptyMVar
  next <- receive arrived
  case next of
    Right failure -> tell failure >> listen running tell
    Left Wait -> takeMVar arrived >> listen running tell
    Left _ -> pure ()
  where
    receive arrived = mask $ \restore -> do
      notice <- nextNotice running arrived
      case notice of
        Left status -> pure (Left status)
        Right slot -> do
          failure <- restore (describe slot) `onException` releaseSlot slot
          releaseSlot slot
          pure (Right failure)

describe :: Ptr Slot -> IO RustException
describe slot = do
  (status, bytes, len) <- readResult slot
  failureOf Nothing status bytes len
