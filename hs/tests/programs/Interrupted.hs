-- | Waits for an answer that never comes, until Ctrl-C.
module Main (main) where

import Control.Concurrent (forkIO)
import Control.Monad (void)
import Faulty.Gate
import Faulty.Requests
import RustBridge
import System.IO (hFlush, stdout)

main :: IO ()
main = withGate . withRust defaultConfig $ do
  -- The test sends the signal once it reads this line, when the handler runs.
  void . liftIO . forkIO $ awaitInside 1 >> putStrLn "waiting" >> hFlush stdout
  void (callRust (Gate True))
  liftIO (putStrLn "answered")
