-- | Everything that a program needs to talk to an engine that somebody else
-- has started: all of this package.
module RustBridge.Api
  ( -- * Requests
    module RustBridge.Request,

    -- * Calling
    module RustBridge.RustT,
    RustEnv (..),

    -- * Objects, functions and streams
    module RustBridge.Reference,

    -- * What can go wrong
    module RustBridge.Exception,

    -- * What both sides agree about
    Wire (..),
    Service (..),

    -- * Configuration and statistics
    module RustBridge.Config,
    module RustBridge.Stats,
  )
where

import RustBridge.Config
import RustBridge.Env (RustEnv (..))
import RustBridge.Exception
import RustBridge.Reference
import RustBridge.Request
import RustBridge.RustT
import RustBridge.Service (Service (..))
import RustBridge.Stats
import RustBridge.Wire (Wire (..))
