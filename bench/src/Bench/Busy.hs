-- | Work for all capabilities.
module Bench.Busy
  ( withBusy,
  )
where

import Control.Concurrent (forkOnWithUnmask, getNumCapabilities, killThread)
import Control.Exception (bracket, evaluate)
import Control.Monad (forM)

-- | While the action runs, a thread on each capability computes and allocates,
-- without end.
withBusy :: IO a -> IO a
withBusy act = bracket start (mapM_ killThread) (const act)
  where
    start = do
      count <- getNumCapabilities
      forM [0 .. count - 1] $ \capability -> forkOnWithUnmask capability (\unmask -> unmask (work 0))

work :: Int -> IO ()
work number = do
  digits <- evaluate (length (concatMap show [number .. number + 100]))
  work (number + digits)
