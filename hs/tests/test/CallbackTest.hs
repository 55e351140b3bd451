{-# LANGUAGE DeriveAnyClass #-}
{-# LANGUAGE DeriveGeneric #-}
{-# LANGUAGE DerivingStrategies #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE TypeFamilies #-}

-- | Haskell functions that Rust calls.
module CallbackTest (tests) where

import qualified Both
import Control.Applicative ((<|>))
import Control.Concurrent (forkIO, killThread, myThreadId, threadDelay, yield)
import Control.Concurrent.Async (AsyncCancelled (..), cancel, replicateConcurrently, replicateConcurrently_, wait)
import Control.Concurrent.MVar
import Control.Exception
import Control.Monad (forM_, forever, replicateM, replicateM_)
import Data.IORef (atomicModifyIORef', mkWeakIORef, newIORef, readIORef)
import Data.Proxy (Proxy (..))
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Word (Word64)
import Faulty.Gate
import GHC.Generics (Generic)
import Harness
import RustBridge
import System.Exit (exitSuccess)
import System.Mem (performMajorGC)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, assertFailure, testCase)

tests :: TestTree
tests =
  testGroup
    "callbacks"
    [ testGroup "that return" returning,
      testGroup "that throw" throwing,
      testGroup "that never return" endless,
      testGroup "that are slow" slow,
      testGroup "that call Rust in turn" chains,
      testGroup "that Rust keeps" kept
    ]

returning :: [TestTree]
returning =
  [ rustCase "a result" $ do
      Both.ask (pure . (+ 1)) 41 `gives` Right 42
      Both.askWithin 10000000 (pure . (+ 1)) 41 `gives` Right 42
      Both.askTimeout 10000000 (pure . (+ 1)) 41 `gives` Just (Right 42),
    rustCase "a result for a future" $
      Both.askLater (pure . (+ 1)) 41 `gives` Right 42,
    rustCase "many times" $ do
      called <- liftIO (newIORef (0 :: Int))
      let count number = number * 2 <$ atomicModifyIORef' called (\calls -> (calls + 1, ()))
      forM_ [1 .. 1000] $ \number -> Both.ask count number `gives` Right (2 * number)
      liftIO (readIORef called) `gives` 1000,
    rustCase "in a batch, a function for each" $ do
      answers <- callRustMany [Both.AskRequest (pure . (+ number)) number | number <- [1 .. 1000]]
      liftIO (assertEqual "the answers" [Right (Right (2 * number)) | number <- [1 .. 1000]] answers),
    rustCase "to 8 threads of Rust's" $
      Both.askOften (<$ yield) 8 100 `gives` Right (8 * sum [0 .. 99]),
    rustCase "unmasked, on threads of their own" $ do
      seen <- liftIO newEmptyMVar
      own <- liftIO myThreadId
      found <- replicateM 10 $ do
        Both.ask (\number -> number <$ (((,) <$> getMaskingState <*> myThreadId) >>= putMVar seen)) 1 `gives` Right 1
        liftIO (takeMVar seen)
      liftIO (assertEqual "unmasked" (replicate 10 Unmasked) (map fst found))
      liftIO (assertBool "another thread" (own `notElem` map snd found)),
    rustCase "of a whole service" $ do
      let judge =
            Both.Judge
              { Both.judgeApprove = pure . (== 7),
                Both.judgeName = \(number, name) -> pure (name <> Text.pack (show number)),
                Both.judgeNotes = [pure note | note <- [" one", " two"]]
              }
      Both.judge judge 7 `gives` Right "case7 one two"
      Both.judge judge 8 `gives` Right "refused"
      Both.judge judge {Both.judgeNotes = [pure " one", throwIO (ErrorCall "no note")]} 7
        `hasNoReply` ("Thrown", ["ErrorCall", "no note"]),
    rustCase "objects, and take some" $
      withRunInIO $ \run -> do
        run (Both.show (run . Both.title) "Emma" `gives` Right "Emma")
        run (Both.fetch (run . Both.book) "Emma" `gives` Right "Emma")
        -- What a function is given is its to keep.
        shown <- newEmptyMVar
        run (Both.show (\book -> "seen" <$ putMVar shown book) "Emma" `gives` Right "seen")
        book <- takeMVar shown
        run (Both.title book `gives` "Emma")
        run (Both.fetch (const (pure book)) "" `gives` Right "Emma")
        closeRust book
        run (Both.fetch (const (pure book)) "" `hasNoReply` ("Thrown", ["RustException", "closed"])),
    rustCase "to nobody: the handler panics with the function in its hands" . replicateM_ 10 $
      failsAs isDropped (Both.dropIt pure)
  ]
  where
    isDropped (RustPanic "Both.drop_it" _ "it is dropped") = pure ()
    isDropped other = assertFailure (show other)

throwing :: [TestTree]
throwing =
  [ throws "an IOException" (throwIO (userError "no way")) ("Thrown", ["IOException", "no way"]),
    throws "an ErrorCall" (throwIO (ErrorCall "no way")) ("Thrown", ["ErrorCall", "no way"]),
    throws "an exception of the program's own" (throwIO (Custom 7)) ("Thrown", ["Custom", "the custom is 7"]),
    throws "ExitSuccess" exitSuccess ("Thrown", ["ExitCode", "ExitSuccess"]),
    throws "an asynchronous exception, as any other" (throwIO UserInterrupt) ("Thrown", ["AsyncException", "user interrupt"]),
    throws "an asynchronous exception that it sends itself" (myThreadId >>= killThread >> pure 1) ("Thrown", ["AsyncException", "thread killed"]),
    throws "an asynchronous exception that another sends it" (myThreadId >>= \thread -> forkIO (throwTo thread (Custom 7)) >> sleeping) ("Thrown", ["Custom"]),
    throws "later, when its result is looked at" (pure (throw Overflow)) ("Thrown", ["ArithException", "overflow"]),
    throws "with a message that throws" (throwIO Mute) ("Thrown", ["Mute", "its message throws"]),
    throws "with a message in other letters" (throwIO (userError "\1081\8364\128512")) ("Thrown", ["\1081\8364\128512"]),
    throws "with no message" (throwIO (ErrorCall "")) ("Thrown", ["ErrorCall"]),
    throws "with a message without an end" (throwIO Endless) ("Thrown", ["Endless", "on and on", "\8230"]),
    rustCaseWith "with a result over the limit" defaultConfig {maxMsgLen = 1000} $
      Both.show (const (pure (Text.replicate 1000 "a"))) "Emma"
        `hasNoReply` ("Thrown", ["RustException", "over the limit of 1000"]),
    rustCase "with a result that has no encoding" $
      callRust (AskOther (\number -> pure (if number == (1 :: Word64) then '\xd800' else 'a')) 1) `hasNoReply` ("Thrown", ["RustException", "cannot be encoded"]),
    rustCase "with a result that is none to Rust" $
      callRust (AskOther (\number -> pure (number :: Word64, number)) 1) `hasNoReply` ("Undecodable", []),
    rustCase "with an argument that is none to Haskell" $
      callRust (AskOther (\argument -> pure (argument :: Bool)) 7) `hasNoReply` ("Thrown", ["RustException", "cannot be decoded"]),
    rustCase "to a future" $
      Both.askLater (const (throwIO (Custom 7))) 1 `hasNoReply` ("Thrown", ["Custom", "the custom is 7"])
  ]
  where
    throws what function expected = rustCase what $ do
      replicateM_ 3 (Both.ask (const function) 1 `hasNoReply` expected)
      Both.ask (pure . (+ 1)) 41 `gives` Right 42

endless :: [TestTree]
endless =
  [ rustCase "until their own deadline" . expires $ \limit function ->
      Both.askWithin (fromIntegral limit) function 1 `hasNoReply` ("TimedOut", []),
    rustCase "and compute, until their own deadline" $ do
      ended <- liftIO newEmptyMVar
      let compute number = evaluate (computing number) `onException` putMVar ended ()
      Both.askWithin 200000 compute 1 `hasNoReply` ("TimedOut", [])
      liftIO (takeMVar ended),
    rustCase "and compute a result, until their own deadline" $
      Both.askWithin 20000 (pure . computing) 1 `hasNoReply` ("TimedOut", []),
    rustCase "in the message of their exception, until their own deadline" $
      Both.askWithin 20000 (const (throwIO Pondering)) 1 `hasNoReply` ("TimedOut", []),
    rustCase "until the deadline of the call" . expires $ \limit function ->
      Both.askTimeout limit function 1 `gives` Nothing,
    rustCase "until the deadline of the call, as a future" . expires $ \limit function ->
      Both.askLaterTimeout limit function 1 `gives` Nothing,
    notOn [Direct] . rustCase "until the caller goes" $
      forM_ [Both.ask, Both.askLater] $ \asks -> do
        (function, begun, ended) <- liftIO neverEnding
        caller <- asyncRust (asks function 1)
        liftIO (begun >> cancel caller >> ended),
    gateCase "until the future is dropped" defaultConfig $ do
      (function, begun, ended) <- liftIO neverEnding
      withAsyncRust (Both.askAndLeaveAtGate function 1) $ \asking ->
        liftIO (begun >> openGate >> ended >> wait asking),
    rustCase "or have not begun, when the future is dropped" $
      replicateM_ 100 (Both.askAndLeave (const sleeping) 1),
    rustCase "and do not obey" $ do
      release <- liftIO newEmptyMVar
      ended <- liftIO newEmptyMVar
      let stubborn number = uninterruptibleMask_ (number <$ readMVar release) `finally` putMVar ended ()
      Both.askWithin 20000 stubborn 1 `hasNoReply` ("TimedOut", [])
      liftIO (putMVar release () >> takeMVar ended),
    testCase "until the end of withRust" . within $ do
      (function, begun, ended) <- neverEnding
      caller <- withRust defaultConfig $ do
        caller <- asyncRust (Both.ask function 1)
        caller <$ liftIO begun
      answered <- try (wait caller)
      case answered of
        Right (Left reply) -> assertEqual "why" "ShuttingDown" (Both.noReplyName reply)
        Left failure -> assertEqual "why" ShuttingDown failure
        Right (Right result) -> assertFailure (show result)
      ended
      withRust defaultConfig settled,
    testCase "and do not obey at the end of withRust" . within $ do
      release <- newEmptyMVar
      begun <- newEmptyMVar
      _ <- withRust defaultConfig {shutdownLimit = 50 * 1000} $ do
        caller <- asyncRust (Both.ask (\number -> uninterruptibleMask_ (putMVar begun () >> number <$ readMVar release)) 1)
        caller <$ liftIO (takeMVar begun)
      putMVar release ()
      withRust defaultConfig settled
  ]

slow :: [TestTree]
slow =
  [ rustCase "delay no other call, with one worker" $
      withRunInIO $ \run -> do
        release <- newEmptyMVar
        begun <- newEmptyMVar
        let wait' number = putMVar begun () >> number <$ readMVar release
        run . withAsyncRust (liftIO (replicateConcurrently 16 (run (Both.ask wait' 42)))) $ \asking -> do
          liftIO (replicateM_ 16 (takeMVar begun))
          replicateM_ 100 $ do
            book <- Both.book "Emma"
            Both.title book `gives` "Emma"
            Both.ask (pure . (+ 1)) 1 `gives` Right 2
          liftIO (putMVar release () >> waitFor (replicate 16 (Right 42)) asking),
    rustCaseWith "are refused beyond as many as the queue has places" defaultConfig {queueCapacity = 2, workers = 2} $ do
      release <- liftIO newEmptyMVar
      begun <- liftIO newEmptyMVar
      let wait' number = putMVar begun () >> number <$ readMVar release
      withAsyncRust (Both.askOften wait' 2 1) $ \asking -> do
        liftIO (replicateM_ 2 (takeMVar begun))
        Both.ask pure 1 `hasNoReply` ("Full", ["queueCapacity"])
        Both.askLater pure 1 `hasNoReply` ("Full", ["queueCapacity"])
        liftIO (putMVar release () >> waitFor (Right 0) asking)
      Both.ask pure 1 `gives` Right 1,
    rustCase "may not hold up a nonblocking call" $ do
      Both.keepFunction pure
      Both.callKeptNonblockingDirect 1 `hasNoReply` ("WouldBlock", ["nonblocking"])
      callRustTimeout (-1) (Both.CallKeptNonblockingRequest 1) `gives` Just (Right 1)
      Both.askNonblockingDirect pure 1 `hasNoReply` ("WouldBlock", ["nonblocking"])
      Both.clear
  ]

chains :: [TestTree]
chains =
  [ rustCase "100 deep, through one worker" $
      chain [Both.ask] 100 `gives` Right 100,
    rustCase "100 deep, as futures" $
      chain [Both.askLater] 100 `gives` Right 100,
    rustCase "100 deep, on all paths in turn" $
      chain [Both.ask, direct, Both.askLater, batch, limited] 100 `gives` Right 100,
    rustCase "100 deep, four times at once" $
      withRunInIO $ \run ->
        replicateConcurrently_ 4 (run (chain [Both.ask, direct] 50 `gives` Right 50)),
    rustCase "without an end" $ do
      failure <- liftIO (newIORef Nothing)
      let note asks function number = do
            result <- asks function number
            let first before = (before <|> either (Just . Both.noReplyName) (const Nothing) result, ())
            result <$ liftIO (atomicModifyIORef' failure first)
      -- What is thrown at the end goes through all of them.
      chain [note Both.ask] maxBound `hasNoReply` ("Thrown", ["NoReply"])
      liftIO (readIORef failure) `gives` Just "Full"
      Both.ask pure 1 `gives` Right 1,
    rustCase "with closures of Rust's" $
      withRunInIO $ \run -> do
        add <- run (Both.adder 1)
        run (Both.ask (fmap fromIntegral . run . applyRust add . fromIntegral) 41 `gives` Right 42),
    rustCase "and read a stream" $
      withRunInIO $ \run -> do
        let total number = run . Both.withCount defaultStreamOptions 0 number $ \stream ->
              let go sum' = nextEvent stream >>= maybe (pure sum') (go . (+ sum')) in go 0
        run (Both.ask total 101 `gives` Right 5050)
  ]
  where
    direct function = callRustDirect . Both.AskRequest function
    batch function number = do
      answers <- callRustMany [Both.AskRequest function number]
      either (liftIO . throwIO) pure (head answers)
    limited = Both.askWithin 30000000

kept :: [TestTree]
kept =
  [ rustCase "called later, by others" $ do
      Both.keepFunction (pure . (+ 1))
      replicateM_ 10 (Both.callKept 41 `gives` Right 42)
      withRunInIO $ \run -> replicateConcurrently_ 16 (run (Both.callKept 1 `gives` Right 2))
      stats <- rustStats
      liftIO (assertEqual "it is there" 1 (callbacks stats))
      Both.keepFunction (pure . (+ 2))
      Both.callKept 40 `gives` Right 42
      awaitStats ((== 1) . callbacks)
      Both.clear
      awaitStats ((== 0) . callbacks),
    rustCase "are garbage once Rust lets go" $ do
      forgotten <- liftIO newEmptyMVar
      liftIO performMajorGC
      keepCounter forgotten
      Both.callKept 5 `gives` Right 5
      replicateM_ 3 (liftIO performMajorGC)
      Both.callKept 6 `gives` Right 11
      Both.clear
      eventually (liftIO (performMajorGC >> not <$> isEmptyMVar forgotten)),
    rustCase "let go of while they run" $
      withRunInIO $ \run -> do
        release <- newEmptyMVar
        begun <- newEmptyMVar
        run (Both.keepFunction (\number -> putMVar begun () >> number <$ readMVar release))
        run . withAsyncRust (Both.callKept 42) $ \calling -> do
          liftIO (takeMVar begun)
          Both.clear
          stats <- rustStats
          liftIO (assertEqual "it is there" 1 (callbacks stats))
          liftIO (putMVar release () >> waitFor (Right 42) calling)
        run (awaitStats ((== 0) . callbacks)),
    testCase "until the end of withRust" . within $ do
      withRust defaultConfig (Both.keepFunction pure)
      withRust defaultConfig settled,
    testCase "beyond the end of withRust" . within $ do
      withRust defaultConfig (Both.bequeath pure)
      withRust defaultConfig $ do
        Both.callBequest 1 `hasNoReply` ("ShuttingDown", [])
        Both.ask pure 1 `gives` Right 1
        Both.dropBequest
        settled
  ]
  where
    keepCounter forgotten = do
      total <- liftIO (newIORef 0)
      _ <- liftIO (mkWeakIORef total (putMVar forgotten ()))
      Both.keepFunction (\number -> atomicModifyIORef' total (\before -> (before + number, before + number)))

-- | Functions that call each other through Rust, so deep, by these ways in turn: the
-- depth that was reached.
chain :: [(Word64 -> IO Word64) -> Word64 -> RustT IO (Either Both.NoReply Word64)] -> Word64 -> RustT IO (Either Both.NoReply Word64)
chain ways depth = withRunInIO $ \run ->
  let go (way : others) left = way (deeper others) left
      go [] _ = liftIO (fail "there is no other way")
      deeper _ 0 = pure 0
      deeper others left = run (go others (left - 1)) >>= either throwIO (pure . (+ 1))
   in run (go (cycle ways) depth)

-- | Without an end, and with allocations: GHC interrupts nothing else.
computing :: Word64 -> Word64
computing number = fromIntegral (length (concatMap show [number ..]))
{-# NOINLINE computing #-}

sleeping :: IO Word64
sleeping = forever (threadDelay 1000000)

-- | A function that never returns; waits until it has begun, and until it was
-- cancelled.
neverEnding :: IO (Word64 -> IO Word64, IO (), IO ())
neverEnding = do
  (function, begun, ended) <- recorded
  pure (function, takeMVar begun, takeMVar ended)

recorded :: IO (Word64 -> IO Word64, MVar (), MVar ())
recorded = do
  begun <- newEmptyMVar
  ended <- newEmptyMVar
  let function _ = (putMVar begun () >> sleeping) `catch` \AsyncCancelled -> putMVar ended () >> throwIO AsyncCancelled
  pure (function, begun, ended)

-- | A limit, in microseconds, ends a function that never returns: one of the limits
-- within which it begins.
expires :: (Int -> (Word64 -> IO Word64) -> Test) -> Test
expires act = go 1000
  where
    go limit = do
      (function, begun, ended) <- liftIO recorded
      act limit function
      hasBegun <- liftIO (tryTakeMVar begun)
      if hasBegun == Just () then liftIO (takeMVar ended) else go (2 * limit)

-- | There is no reply, by an error of this name, whose message has these parts.
hasNoReply :: (MonadIO m, Show a) => m (Either Both.NoReply a) -> (Text, [Text]) -> m ()
hasNoReply action (name, parts) = do
  result <- action
  liftIO $ case result of
    Left reply -> do
      assertEqual "the error" name (Both.noReplyName reply)
      forM_ parts $ \part ->
        assertBool (Text.unpack (Text.take 1000 (Both.noReplyWhy reply))) (part `Text.isInfixOf` Both.noReplyWhy reply)
    Right reply -> assertFailure (show reply)

newtype Custom = Custom Int deriving stock (Show)

instance Exception Custom where
  displayException (Custom number) = "the custom is " <> show number

data Mute = Mute deriving stock (Show)

instance Exception Mute where
  displayException Mute = throw Overflow

data Endless = Endless deriving stock (Show)

instance Exception Endless where
  displayException Endless = cycle "on and on, "

data Pondering = Pondering deriving stock (Show)

instance Exception Pondering where
  displayException Pondering = show (computing 0)

-- | The request to ask a function, of types that the engine's is not of.
data AskOther a b = AskOther !(a -> IO b) !Word64
  deriving stock (Generic)
  deriving anyclass (Wire)

instance (Wire a, Wire b) => Call (AskOther a b) where
  type Response (AskOther a b) = Either Both.NoReply Word64
  callMethod _ = callMethod (Proxy :: Proxy Both.AskRequest)
