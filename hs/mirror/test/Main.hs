{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE RankNTypes #-}

-- | Every type there is, through the linked engine, on each path to it.
module Main (main) where

import Control.Exception (throwIO)
import Control.Monad.Trans.Reader (local)
import HandshakeTest (handshakeTests)
import Lens (lensService)
import MethodTest (methodTests)
import Mirror (mirrorService)
import RustBridge
import Test.Tasty (TestTree, defaultMain, testGroup)
import ValueTest (valueTests)

main :: IO ()
main =
  withRust defaultConfig {services = [mirrorService, lensService]} $
    withRunInIO $ \run ->
      defaultMain . testGroup "mirror" $
        [ onPath "queued" run run,
          onPath "direct" run (run . taking (\env -> env {envCall = envCallDirect env})),
          onPath "batch" run (run . taking (\env -> env {envCall = callOne env}))
        ]
  where
    taking change action = RustT (local change (unRustT action))

onPath :: String -> (forall a. RustT IO a -> IO a) -> (forall a. RustT IO a -> IO a) -> TestTree
onPath path queued run = testGroup path [handshakeTests run, methodTests run queued, valueTests run]

callOne :: Call request => RustEnv -> request -> IO (Response request)
callOne env request = do
  answers <- envCallMany env [request]
  case answers of
    [answer] -> either throwIO pure answer
    _ -> fail "another number of answers than requests"
