{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE TypeApplications #-}

-- | Functions that C calls.
module TrampolineTest (tests) where

import Callers
import Control.Concurrent (forkIO, killThread, myThreadId)
import Control.Concurrent.Async (async, replicateConcurrently_, wait, withAsync)
import Control.Concurrent.MVar
import Control.Exception
import Control.Monad (forM_, replicateM, replicateM_, when)
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.IORef (atomicModifyIORef', newIORef, readIORef)
import Data.Maybe (isJust)
import Data.Word (Word8)
import Faulty.Requests
import Foreign.C.Types (CDouble, CInt, CSize)
import Foreign.Marshal.Utils (fillBytes)
import Foreign.Ptr (FunPtr, Ptr, castPtr, castPtrToFunPtr, nullPtr, plusPtr)
import GHC.Conc (BlockReason (..), ThreadStatus (..), threadStatus)
import Harness
import RustBridge
import RustBridge.Trampoline
import System.Exit (ExitCode (..), exitWith)
import Test.Tasty (TestName, TestTree, testGroup)
import Test.Tasty.HUnit (Assertion, assertBool, assertEqual, testCase)

tests :: TestTree
tests =
  testGroup
    "trampolines"
    [ testGroup
        "C calls, in both orders"
        [ inTime "void -> void" $ do
            visits <- newIORef (0 :: Int)
            withTrampoline @(IO ()) (atomicModifyIORef' visits (\n -> (n + 1, ()))) $ \t -> do
              callVisit (trampolineFunction t) (trampolineContext t)
              callVisit (trampolineFunctionContextFirst t) (trampolineContext t)
              readIORef visits >>= assertEqual "visits" 2
              fine t,
          inTime "void -> int" . withTrampoline @(IO CInt) (pure 42) $ \t -> do
            callAsk (trampolineFunction t) (trampolineContext t) >>= assertEqual "last" 42
            callAsk (trampolineFunctionContextFirst t) (trampolineContext t) >>= assertEqual "first" 42
            fine t,
          inTime "int -> int" . withTrampoline @(CInt -> IO CInt) (pure . negate) $ \t ->
            forM_ [0, 1, -1, maxBound] $ \n -> do
              callCount (trampolineFunction t) (trampolineContext t) n >>= assertEqual "last" (negate n)
              callCountFirst (trampolineFunctionContextFirst t) (trampolineContext t) n >>= assertEqual "first" (negate n)
              fine t,
          inTime "double -> double" . withTrampoline @(CDouble -> IO CDouble) (pure . (/ 2)) $ \t -> do
            callReal (trampolineFunction t) (trampolineContext t) 2.5 >>= assertEqual "last" 1.25
            callRealFirst (trampolineFunctionContextFirst t) (trampolineContext t) 2.5 >>= assertEqual "first" 1.25
            fine t,
          inTime "(double, double) -> double" . withTrampoline @(CDouble -> CDouble -> IO CDouble) (\x y -> pure (x - y)) $ \t -> do
            callReal2 (trampolineFunction t) (trampolineContext t) 2.5 3 >>= assertEqual "last" (-0.5)
            callReal2First (trampolineFunctionContextFirst t) (trampolineContext t) 2.5 3 >>= assertEqual "first" (-0.5)
            fine t,
          inTime "bytes -> int" $ do
            kept <- newEmptyMVar
            withTrampoline @(ByteString -> IO CInt) (\bytes -> sumOf bytes <$ putMVar kept bytes) $ \t -> do
              forM_ ["", "a", ByteString.replicate 1000 3] $ \bytes -> do
                withC bytes (callBytes (trampolineFunction t) (trampolineContext t)) >>= assertEqual "last" (sumOf bytes)
                takeMVar kept >>= assertEqual "it may keep them" bytes
                withC bytes (callBytesFirst (trampolineFunctionContextFirst t) (trampolineContext t)) >>= assertEqual "first" (sumOf bytes)
                takeMVar kept >>= assertEqual "it may keep them" bytes
              callBytes (trampolineFunction t) (trampolineContext t) nullPtr 0 >>= assertEqual "null" 0
              takeMVar kept >>= assertEqual "none" ByteString.empty
              fine t
        ],
      testGroup
        "C gets the default, and the owner the exception, where the function"
        [ inTime "throws" $ do
            withTrampoline @(IO ()) (throwIO (Unlike 1)) $ \t -> do
              callVisit (trampolineFunction t) (trampolineContext t)
              failed (Unlike 1) t
            withTrampoline @(IO CInt) (throwIO (Unlike 2)) $ \t -> do
              callAsk (trampolineFunction t) (trampolineContext t) >>= assertEqual "void -> int" 0
              failed (Unlike 2) t
            withTrampoline @(CInt -> IO CInt) (throwIO . Unlike) $ \t -> do
              callCountFirst (trampolineFunctionContextFirst t) (trampolineContext t) 3 >>= assertEqual "int -> int" 0
              callCount (trampolineFunction t) (trampolineContext t) 4 >>= assertEqual "int -> int" 0
              failed (Unlike 4) t
            withTrampoline @(CDouble -> IO CDouble) (throwIO . Unlike . round) $ \t -> do
              callReal (trampolineFunction t) (trampolineContext t) 5 >>= assertEqual "double -> double" 0
              failed (Unlike 5) t
            withTrampoline @(CDouble -> CDouble -> IO CDouble) (\_ y -> throwIO (Unlike (round y))) $ \t -> do
              callReal2 (trampolineFunction t) (trampolineContext t) 5 6 >>= assertEqual "two doubles" 0
              failed (Unlike 6) t
            withTrampoline @(ByteString -> IO CInt) (throwIO . Unlike . sumOf) $ \t -> do
              withC "\7" (callBytes (trampolineFunction t) (trampolineContext t)) >>= assertEqual "bytes" 0
              failed (Unlike 7) t,
          inTime "answers what throws when it is looked at" $ do
            withTrampoline @(CInt -> IO CInt) (pure . throw . Unlike) $ \t -> do
              callCount (trampolineFunction t) (trampolineContext t) 1 >>= assertEqual "an int" 0
              failed (Unlike 1) t
            withTrampoline @(IO ()) (pure (throw (Unlike 2))) $ \t -> do
              callVisit (trampolineFunction t) (trampolineContext t)
              failed (Unlike 2) t,
          inTime "is none" . withTrampoline @(IO CInt) (throw (Unlike 1)) $ \t -> do
            callAsk (trampolineFunction t) (trampolineContext t) >>= assertEqual "the default" 0
            failed (Unlike 1) t,
          inTime "exits" . withTrampoline @(IO CInt) (exitWith (ExitFailure 3)) $ \t -> do
            callAsk (trampolineFunction t) (trampolineContext t) >>= assertEqual "the default" 0
            failed (ExitFailure 3) t,
          inTime "is killed" $ do
            inside <- newEmptyMVar
            withTrampoline @(IO CInt) (myThreadId >>= putMVar inside >> newEmptyMVar >>= takeMVar) $ \t ->
              withAsync (callAsk (trampolineFunction t) (trampolineContext t)) $ \calling -> do
                takeMVar inside >>= killThread
                wait calling >>= assertEqual "the default" 0
                failed ThreadKilled t,
          inTime "throws while others want it killed" . withTrampoline @(IO CInt) throwAmongKillers $ \t ->
            replicateM_ 10 $ do
              callAsk (trampolineFunction t) (trampolineContext t) >>= assertEqual "the default" 0
              trampolineError t >>= assertBool "an exception" . isJust,
          inTime "would get bytes that are none" . withTrampoline @(ByteString -> IO CInt) (pure . const 1) $ \t -> do
            callBytes (trampolineFunction t) (trampolineContext t) nullPtr 1 >>= assertEqual "null" 0
            failed (NoBytes nullPtr 1) t
            let somewhere = nullPtr `plusPtr` 16
            callBytesFirst (trampolineFunctionContextFirst t) (trampolineContext t) somewhere maxBound >>= assertEqual "too long" 0
            failed (NoBytes somewhere maxBound) t
        ],
      inTime "it goes on after a failure" . withTrampoline @(CInt -> IO CInt) refuseOdd $ \t -> do
        forM_ [1 .. 9] $ \n ->
          callCount (trampolineFunction t) (trampolineContext t) n >>= assertEqual "the answer" (if odd n then 0 else n)
        failed (Unlike 9) t,
      inTime "C calls after the scope has ended" $ do
        calls <- newMVar (0 :: Int)
        let called :: a -> IO a
            called answer = answer <$ modifyMVar_ calls (pure . succ)
        withEnded @(IO ()) (called ()) $ \function _ context -> callVisit function context
        withEnded @(IO CInt) (called 1) $ \function _ context -> callAsk function context >>= assertEqual "void -> int" 0
        withEnded @(CInt -> IO CInt) called $ \function first context -> do
          callCount function context 7 >>= assertEqual "int -> int" 0
          callCountFirst first context 7 >>= assertEqual "int -> int" 0
          callCountOnThreads function context 2 3 >>= assertEqual "on other threads" 0
          callCount function nullPtr 7 >>= assertEqual "null" 0
        withEnded @(CDouble -> IO CDouble) called $ \function _ context -> callReal function context 7 >>= assertEqual "double" 0
        withEnded @(CDouble -> CDouble -> IO CDouble) (const called) $ \_ first context ->
          callReal2First first context 7 8 >>= assertEqual "two doubles" 0
        withEnded @(ByteString -> IO CInt) (called . sumOf) $ \function _ context ->
          withC "bytes" (callBytes function context) >>= assertEqual "bytes" 0
        readMVar calls >>= assertEqual "calls of a function" 0,
      inTime "one signature does not answer for another" $
        withTrampoline @(IO CInt) (pure 1) $ \asks -> withTrampoline @(CInt -> IO CInt) pure $ \counts -> do
          callAsk (trampolineFunction asks) (trampolineContext counts) >>= assertEqual "the default" 0
          callCount (trampolineFunction counts) (trampolineContext asks) 7 >>= assertEqual "the default" 0,
      inTime "the scope ends while a call runs" $ do
        inside <- newEmptyMVar
        go <- newEmptyMVar
        (running, again) <- withTrampoline @(CInt -> IO CInt) (\n -> putMVar inside () >> readMVar go >> pure (n + 1)) $ \t -> do
          let call = callCountOnThreads (trampolineFunction t) (trampolineContext t) 8 1
          running <- async call
          replicateM_ 8 (takeMVar inside)
          pure (running, call)
        -- Not on this thread, which could not be interrupted if it hung.
        async again >>= wait >>= assertEqual "later calls find it ended" 0
        putMVar go ()
        wait running >>= assertEqual "those that ran have their answers" (8 * 2),
      inTime "8 threads of C at once" . withTrampoline @(CInt -> IO CInt) (pure . (* 2)) $ \t -> do
        callCountOnThreads (trampolineFunction t) (trampolineContext t) 8 2000 >>= assertEqual "their sum" (8 * 2000 * 2001)
        fine t,
      inTime "8 threads of C, while scopes begin and end and functions throw" . replicateM_ 20 $ do
        calls <- newIORef (0 :: Int)
        hundred <- newEmptyMVar
        let counted :: CInt -> IO CInt
            counted n = do
              made <- atomicModifyIORef' calls (\made -> (made + 1, made + 1))
              when (made == 100) (putMVar hundred ())
              refuseOdd n
        running <- withTrampoline counted $ \t -> do
          running <- async (callCountOnThreads (trampolineFunction t) (trampolineContext t) 8 500)
          takeMVar hundred
          pure running
        sumUpTo <- wait running
        assertBool "some of the answers" (sumUpTo >= 0 && sumUpTo <= 8 * 250 * 251),
      inTime "a function of C within another" . withTrampoline @(CInt -> IO CInt) nested $ \t ->
        callCount (trampolineFunction t) (trampolineContext t) 20 >>= assertEqual "the depth" 20,
      rustCase "1,000 made and ended, and none is left" $ do
        liftIO . replicateConcurrently_ 4 . replicateM_ 250 $
          withTrampoline @(CInt -> IO CInt) pure $ \t ->
            callCount (trampolineFunction t) (trampolineContext t) 7 >>= assertEqual "the answer" 7
        before <- rustStats
        inside <- withRunInIO $ \run -> withTrampoline @(IO ()) (pure ()) (const (run rustStats))
        liftIO (assertEqual "the count, and within a scope" (0, 1) (trampolines before, trampolines inside)),
      rustCase "C calls a closure of Rust" $ do
        (function, context) <- callRust (KeepTrampoline ())
        let count = castPtrToFunPtr (nullPtr `plusPtr` fromIntegral function) :: FunPtr (CInt -> Ptr () -> IO CInt)
            closure = nullPtr `plusPtr` fromIntegral context
        stats <- rustStats
        liftIO $ do
          assertEqual "it is counted" 1 (trampolines stats)
          callCount count closure 41 >>= assertEqual "the answer" 42
          callCountOnThreads count closure 8 1000 >>= assertEqual "on threads" (8 * (500 * 1001 + 1000))
          callCount count closure (-1) >>= assertEqual "the default" 0
        failure <- callRust (DropTrampoline ())
        liftIO $ do
          assertEqual "its panic" (Just "-1 is negative") failure
          callCount count closure 41 >>= assertEqual "it is gone" 0
    ]

inTime :: TestName -> Assertion -> TestTree
inTime name = testCase name . within

-- | What the functions of the tests throw.
newtype Unlike = Unlike CInt
  deriving (Eq, Show)

instance Exception Unlike

refuseOdd :: CInt -> IO CInt
refuseOdd n = if odd n then throwIO (Unlike n) else pure n

-- | No call has failed.
fine :: Trampoline f -> Assertion
fine t = trampolineError t >>= assertEqual "an error" Nothing . fmap show

-- | The last call that failed has failed with this, which is told once.
failed :: (Exception e, Eq e) => e -> Trampoline f -> Assertion
failed expected t = do
  thrown <- trampolineError t
  assertEqual "its error" (Just (Just expected)) (fromException <$> thrown)
  fine t

-- | The functions and the context of a trampoline whose scope has ended. Another
-- has begun by then.
withEnded ::
  Signature f => f -> (FunPtr (ContextLast f) -> FunPtr (ContextFirst f) -> Ptr () -> Assertion) -> Assertion
withEnded f use = do
  (function, first, context) <- withTrampoline f $ \t ->
    pure (trampolineFunction t, trampolineFunctionContextFirst t, trampolineContext t)
  withTrampoline f (const (use function first context))

sumOf :: ByteString -> CInt
sumOf = ByteString.foldl' (\total byte -> total + fromIntegral byte) 0

-- | Bytes in memory of C's, which has something else in it afterwards.
withC :: ByteString -> (Ptr Word8 -> CSize -> IO a) -> IO a
withC bytes use = ByteString.useAsCStringLen bytes $ \(start, len) ->
  use (castPtr start) (fromIntegral len) <* fillBytes start 0xff len

-- | Throws at the moment when several exceptions wait for its thread to take them.
throwAmongKillers :: IO CInt
throwAmongKillers = mask_ $ do
  thread <- myThreadId
  killers <- replicateM 5 (forkIO (killThread thread))
  forM_ killers $ \each -> eventually ((== ThreadBlocked BlockedOnException) <$> threadStatus each)
  throwIO (Unlike 1)

-- | Has C call a function that does, and so on.
nested :: CInt -> IO CInt
nested 0 = pure 0
nested depth = withTrampoline nested $ \t ->
  succ <$> callCount (trampolineFunction t) (trampolineContext t) (depth - 1)
