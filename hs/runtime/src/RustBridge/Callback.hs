{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE RankNTypes #-}
{-# LANGUAGE ScopedTypeVariables #-}

-- | Haskell functions that Rust calls.
--
-- One thread takes what Rust wants done, and starts a thread for each call: so none
-- waits for another, and what Rust takes back is cancelled like any thread.
module RustBridge.Callback
  ( Calls,
    newCalls,
    serveCalls,
    awaitCalls,
  )
where

import Control.Concurrent (ThreadId, forkIO, forkIOWithUnmask, mkWeakThreadId, throwTo)
import Control.Concurrent.Async (AsyncCancelled (..))
import Control.Concurrent.MVar (newEmptyMVar, putMVar, readMVar, takeMVar)
import Control.Exception (SomeException (..), bracket, displayException, evaluate, finally, throwIO, try)
import Control.Monad (unless)
import Data.ByteString (ByteString)
import Data.IntMap.Strict (IntMap)
import qualified Data.IntMap.Strict as IntMap
import qualified Data.Text as Text
import Data.Text.Encoding (encodeUtf8)
import Data.Typeable (typeOf)
import Data.Word (Word8)
import Foreign.Ptr (Ptr)
import GHC.Conc (TVar, atomically, newTVarIO, readTVar, retry, writeTVar)
import RustBridge.Carry (forgetFunction, forgetFunctions, functionOf, senderTo)
import RustBridge.Exception (Direction (..), RustException (..))
import RustBridge.Failure (refusal)
import RustBridge.Foreign
import RustBridge.Message (Running (..), decodeFrom, encodeInto, notEncodable, sizeOf)
import RustBridge.Request (Method, methodName)
import RustBridge.Wire (Handler (..), Wire)
import System.Mem.Weak (Weak, deRefWeak)

-- | Whether more may come, and the threads that run functions now, by the numbers of
-- their calls.
--
-- By weak references, or a function that waits for what nobody can give it would
-- wait for ever: who refers to a thread keeps it from being told.
newtype Calls = Calls (TVar (Bool, IntMap (Weak ThreadId)))

-- | None yet.
newCalls :: IO Calls
newCalls = Calls <$> newTVarIO (True, IntMap.empty)

-- | Does what Rust wants done, until it shuts down; then cancels what is left. To be
-- called with exceptions masked, by a thread that nobody else knows.
serveCalls :: Running -> Calls -> IO ()
serveCalls running calls = go `finally` end
  where
    go = do
      arrived <- newEmptyMVar
      next <- takeSummons (epoch running) arrived
      case next of
        Right summons -> serve running calls summons >> go
        Left Wait -> takeMVar arrived >> go
        Left _ -> pure ()
    end = do
      left <- change calls (\(_, threads) -> ((False, threads), threads))
      mapM_ cancelThread left
      forgetFunctions (functions running)

-- | Waits, interruptibly, until Rust has shut down and the last function has ended.
awaitCalls :: Calls -> IO ()
awaitCalls (Calls threads) = atomically $ do
  (isOpen, left) <- readTVar threads
  unless (not isOpen && IntMap.null left) retry

serve :: Running -> Calls -> Summons -> IO ()
serve running calls summons = case summons of
  RunFunction number function call bytes len -> do
    handler <- functionOf (functions running) function
    -- Known by its number before it can end.
    known <- newEmptyMVar
    started <- forkIOWithUnmask $ \unmask ->
      (readMVar known >> run running unmask handler call bytes len)
        `finally` (dismissCall call >> change calls (\(open, threads) -> ((open, IntMap.delete (fromIntegral number) threads), ())))
    thread <- mkWeakThreadId started
    change calls (\(open, threads) -> ((open, IntMap.insert (fromIntegral number) thread threads), ()))
    putMVar known ()
  CancelCall number -> do
    thread <- change calls (\state@(_, threads) -> (state, IntMap.lookup (fromIntegral number) threads))
    mapM_ cancelThread thread
  ForgetFunction function -> forgetFunction (functions running) function

-- | Does not wait until it has heard of it, which may be never.
cancelThread :: Weak ThreadId -> IO ()
cancelThread thread = deRefWeak thread >>= mapM_ (\alive -> forkIO (throwTo alive AsyncCancelled))

change :: Calls -> ((Bool, IntMap (Weak ThreadId)) -> ((Bool, IntMap (Weak ThreadId)), a)) -> IO a
change (Calls threads) step = atomically $ do
  (state, result) <- step <$> readTVar threads
  result <$ writeTVar threads state

-- | Reads the argument, runs the function, and says how it has ended. Nothing gets
-- out of here.
run :: Running -> (forall a. IO a -> IO a) -> Maybe Handler -> Ptr Invocation -> Ptr Word8 -> Int -> IO ()
run running unmask handler call bytes len = do
  ended <- try . unmask $ case handler of
    Just (Handler function) -> do
      argument <- decodeFrom (receiver running) (methodName callback) bytes len
      result <- function argument
      answer running call result
    Nothing -> throwIO (InternalError "Rust calls a function that it does not have")
  case ended of
    Right () -> pure ()
    Left thrown -> do
      -- The message is the user's code, too, and may take as long. Where that is
      -- cancelled, nobody waits for it.
      told <- try (unmask (described (min longestMessage (messageLimit running)) thrown))
      either (\(SomeException _) -> pure ()) (uncurry (throwCall call)) told

-- | Evaluates the result and writes it, into memory of Rust's own.
answer :: Wire result => Running -> Ptr Invocation -> result -> IO ()
answer running call result = do
  len <- evaluate (sizeOf result)
  withOut $ \out ->
    bracket (newRequest out (epoch running) CallKind 0 len noTimeout >>= either (throwIO . notTaken len) pure) (releaseSlot . fst) $
      \(slot, memory) -> do
        notEncodable callback (encodeInto (senderTo (functions running) (epoch running) slot) callback result len memory)
        answerCall call slot
  where
    notTaken len TooLarge = MessageTooLarge Request (methodName callback) len (messageLimit running)
    notTaken _ status = refusal status

-- | What failures name.
callback :: Method
callback = "a Haskell function"

-- | An exception's type and message. What the message throws in turn is no news, and
-- it may have no end.
described :: Int -> SomeException -> IO (ByteString, ByteString)
described most (SomeException exception) = do
  message <- try (evaluate (encodeUtf8 (Text.pack (cut (displayException exception)))))
  pure (encodeUtf8 (shown exception), either (\(_ :: SomeException) -> "its message throws, too") id message)
  where
    shown = Text.pack . show . typeOf
    cut text = case splitAt most text of
      (_, "") -> text
      (start, _) -> start <> "\8230"

-- | In characters.
longestMessage :: Int
longestMessage = 10000
