{-# LANGUAGE OverloadedStrings #-}

-- | What is easily overlooked.
module CornerTest (tests) where

import qualified Both
import Control.Concurrent
import Control.Exception
import Data.Maybe (isJust)
import Data.Word (Word64)
import Harness
import RustBridge
import System.Timeout (timeout)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual)

tests :: TestTree
tests =
  testGroup
    "corners"
    [ rustCase "a reader whose time is over has taken no event" $ do
        let count = 20000 :: Word64
        got <- Both.withCount defaultStreamOptions {streamCapacity = 1} 0 count $ \stream ->
          withRunInIO $ \run -> do
            let go found timeouts = do
                  next <- run (nextEventTimeout 20 stream)
                  case next of
                    Nothing -> go found (timeouts + 1 :: Int)
                    Just (Just event) -> go (event : found) timeouts
                    Just Nothing -> pure (reverse found, timeouts)
            go [] 0
        liftIO (putStrLn ("timeouts: " ++ show (snd got) ++ ", got " ++ show (length (fst got))))
        liftIO (assertEqual "all events" [0 .. count - 1] (fst got)),
      rustCase "of a batch, only the request with the closed reference fails" $ do
        open <- Both.book "open"
        closed <- Both.book "closed"
        closeRust closed
        answers <- callRustMany [Both.TitleRequest open, Both.TitleRequest closed]
        liftIO (assertEqual "answers" [Right "open", Left ReferenceClosed] answers),
      rustCaseWith "what an exception says may be without end" defaultConfig {shutdownLimit = 2000000} $ do
        ended <- Both.askWithin 200000 (const (throwIO Endless)) 1
        liftIO (assertEqual "the deadline" (either (const True) (const False) ended) True)
        -- The thread has been cancelled: it is to let go of the function.
        done <- liftIO . timeout 3000000 =<< toIO' (awaitStats ((== 0) . callbacks))
        liftIO (assertBool "the thread that runs the function cannot be interrupted" (done == Just ())),
      rustCaseWith "a function that can never return throws, as everywhere" defaultConfig $ do
        ended <- withRunInIO $ \run -> timeout 5000000 (run (Both.ask (const (newEmptyMVar >>= takeMVar)) 1))
        liftIO (assertBool "it hangs" (isJust ended)),
      rustCaseWith "a message of an exception has a limit" defaultConfig {maxMsgLen = 65536} $ do
        ended <- Both.ask (const (throwIO (userError (replicate 2000000 'x')))) 1
        liftIO $ case ended of
          Left reply -> assertBool "its length" (length (show reply) < 60000)
          Right _ -> pure (),
      rustCase "a chain has as many turns as the queue has places" $ do
        let chain turns = do
              failed <- liftIO newEmptyMVar
              _ <- withRunInIO $ \run ->
                let turn 0 = 0 <$ tryPutMVar failed ""
                    turn left = run (Both.ask turn (left - 1)) >>= either (\why -> 0 <$ tryPutMVar failed (Both.noReplyName why)) pure
                 in turn turns
              liftIO (takeMVar failed)
        within' <- chain 256
        beyond <- chain 257
        liftIO (assertEqual "how they end" ("", "Full") (within', beyond))
    ]
  where
    toIO' act = withRunInIO $ \run -> pure (run act)

data Endless = Endless
  deriving (Show)

instance Exception Endless where
  displayException _ = let go n = if n < (0 :: Integer) then "" else go (n + 1) in go 0
