-- | Forks while workers are waking callers: in the children nothing hangs, and
-- everything says that there is no runtime.
module Main (main) where

import Control.Concurrent.Async (replicateConcurrently_)
import Control.Exception (try)
import Control.Monad (forever, replicateM_, unless)
import Faulty.Requests
import RustBridge
import System.Exit (ExitCode (..), exitFailure)
import System.Posix.Process (ProcessStatus (..), forkProcess, getProcessStatus)

main :: IO ()
main = withRust defaultConfig {workers = 2} $ do
  env <- askRust
  withAsyncRust (withRunInIO $ \run -> replicateConcurrently_ 16 (run (forever (callRust (Echo mempty))))) $ \_ ->
    replicateM_ 50 $ do
      child <- liftIO (forkProcess (inChild env))
      status <- liftIO (getProcessStatus True False child)
      unless (status == Just (Exited ExitSuccess)) (liftIO (print status >> exitFailure))

inChild :: RustEnv -> IO ()
inChild env = do
  called <- try (runRustT (callRust (Echo mempty)) env)
  started <- try (withRust defaultConfig (pure ()))
  unless (either (== NotRunning) (const False) called && either (== ProcessForked) (const False) started) exitFailure
