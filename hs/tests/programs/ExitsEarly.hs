-- | Main returns while a runtime is running in a thread that nobody waits for:
-- the runtime system exits, and the worker answers a call after that. A put
-- would then abort the process.
module Main (main) where

import Control.Concurrent (forkIO, yield)
import Control.Concurrent.Async (concurrently_)
import Control.Concurrent.MVar (newEmptyMVar, putMVar, takeMVar)
import Control.Monad (unless, void)
import Faulty.Gate
import Faulty.Requests
import RustBridge

main :: IO ()
main = do
  started <- newEmptyMVar
  void . forkIO . withRust defaultConfig $
    withRunInIO $ \run -> do
      run askRust >>= putMVar started
      concurrently_ (run (callRust (Gate False))) (run (callRust (Gate False)))
  env <- takeMVar started
  awaitInside 1
  let awaitQueued = do
        stats <- envStats env
        unless (callsQueued stats == 1) (yield >> awaitQueued)
  awaitQueued
  openGateAtExit
