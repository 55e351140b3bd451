-- | Everything that a program needs to talk to an engine that somebody else
-- has started: all of this package.
module RustBridge.Api
  ( -- * Requests
    module RustBridge.Request,

    -- * Calling
    module RustBridge.RustT,
    RustEnv (..),

    -- * What can go wrong
    module RustBridge.Exception,

    -- * Configuration and statistics
    module RustBridge.Config,
    module RustBridge.Stats,
  )
where

import RustBridge.Config
import RustBridge.Env (RustEnv (..))
import RustBridge.Exception
import RustBridge.Request
import RustBridge.RustT
import RustBridge.Stats
