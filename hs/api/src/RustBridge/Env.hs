{-# LANGUAGE RankNTypes #-}

-- | The record of what its holder may do.
module RustBridge.Env
  ( RustEnv (..),
  )
where

import RustBridge.Exception (RustException)
import RustBridge.Request (Call (..), Cast)
import RustBridge.Stats (Stats)

-- | The operations of a running engine, as plain functions: whoever holds the
-- record can do exactly this, and no foreign import is needed to hold it.
-- "RustBridge.RustT" has the same operations for use in a monad, and says what
-- each of them does.
data RustEnv = RustEnv
  { envCall :: forall request. Call request => request -> IO (Response request),
    envCallTimeout :: forall request. Call request => Int -> request -> IO (Maybe (Response request)),
    envCallDirect :: forall request. Call request => request -> IO (Response request),
    envCallMany :: forall request. Call request => [request] -> IO [Either RustException (Response request)],
    envCast :: forall message. Cast message => message -> IO (),
    envTryCast :: forall message. Cast message => message -> IO Bool,
    envCastMany :: forall message. Cast message => [message] -> IO (),
    envStats :: IO Stats
  }
