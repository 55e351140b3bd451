-- | Run a Rust engine inside a Haskell program.
--
-- > import RustBridge
-- >
-- > main :: IO ()
-- > main = withRust defaultConfig $ do
-- >   castRust (Add 40)
-- >   castRust (Add 2)
-- >   total <- callRust Total
-- >   liftIO (print total)
--
-- "RustBridge.RustT" says what holds for every operation.
module RustBridge
  ( -- * Running an engine
    withRust,

    -- * Everything else
    module RustBridge.Api,
  )
where

import RustBridge.Api
import RustBridge.Runtime (withRust)
