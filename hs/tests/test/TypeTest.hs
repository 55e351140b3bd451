{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE OverloadedStrings #-}
{-# OPTIONS_GHC -fdefer-type-errors -Wno-deferred-type-errors #-}

-- | What the types allow, and what they do not.
module TypeTest (tests) where

import Control.Exception (TypeError (..), evaluate, try)
import Control.Monad.Except (runExceptT, throwError)
import Control.Monad.Reader (ask, local, runReaderT)
import Control.Monad.State.Strict (execStateT, get, modify, put)
import Control.Monad.Writer.Strict (runWriterT, tell)
import Data.List (isInfixOf)
import Data.Word (Word64)
import Faulty.Requests
import Harness
import RustBridge
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, assertFailure, testCase)

tests :: TestTree
tests =
  testGroup
    "types"
    [ testCase "a response of another type does not compile" $ do
        -- Compiled with -fdefer-type-errors: the error comes when it is run.
        result <- try (evaluate wrong)
        case result of
          Left (TypeError message) -> assertBool message ("Couldn't match type" `isInfixOf` message)
          Right _ -> assertFailure "it compiled",
      rustCase "under the usual transformers" $ do
        result <- runExceptT . flip runReaderT (40 :: Word64) . flip execStateT (0 :: Word64) $ do
          castRust (Note 2)
          noted <- callRust (Notes ())
          base <- ask
          put (base + sum noted)
          _ <- get
          modify id
        liftIO (assertEqual "the state" (Right 42) (result :: Either () Word64)),
      testCase "over the usual transformers" . within $ do
        (result, written) <- withRustOver
        assertEqual "reader, state, writer and error below RustT" (Right 42, ["told"]) (result, written)
    ]

wrong :: RustT IO Word64
wrong = callRust (Echo "bytes")

-- | The instances that RustT lifts.
withRustOver :: IO (Either String Word64, [String])
withRustOver = withRust defaultConfig $ do
  env <- askRust
  liftIO . runWriterT . runExceptT . flip runReaderT (1 :: Word64) . flip runRustT env $ do
    tell ["told"]
    noted <- castRust (Note 40) >> callRust (Notes ())
    two <- local (+ 1) ask
    if null noted then throwError "lost" else pure (sum noted + two)
