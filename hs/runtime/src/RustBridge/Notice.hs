-- | The thread that hears of casts that failed.
module RustBridge.Notice
  ( listen,
  )
where

import Control.Concurrent.MVar (newEmptyMVar, takeMVar)
import Control.Exception (finally, mask_)
import Control.Monad (forM)
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
    receive arrived = mask_ $ do
      notice <- nextNotice running arrived
      forM notice $ \slot -> describe slot `finally` releaseSlot slot

describe :: Ptr Slot -> IO RustException
describe slot = withOut $ \out -> do
  (status, bytes, len) <- readResult out slot
  failureOf Nothing status bytes len
