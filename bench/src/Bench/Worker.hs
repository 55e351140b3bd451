-- | A Haskell thread behind an MVar: what the same costs without leaving Haskell.
module Bench.Worker
  ( withWorker,
  )
where

import Bench.Candidate
import Bench.Request (Echo)
import Control.Concurrent.Async (withAsync)
import Control.Concurrent.MVar (MVar, newEmptyMVar, putMVar, takeMVar)
import Control.Monad (forever)

-- | A request, and where its answer goes.
data Job = Job !Echo !(MVar Echo)

-- | Runs the worker for as long as the action takes. It has nothing to encode:
-- what it gets and gives are values of the same heap. So bytes would cost what
-- the record does, however many.
withWorker :: (Candidate -> IO a) -> IO a
withWorker act = do
  jobs <- newEmptyMVar
  withAsync (forever (takeMVar jobs >>= work)) $ \_ ->
    act (candidate "Haskell thread" (Caller {echo = ask jobs record >>= checked record, echoBytes = Nothing}))

work :: Job -> IO ()
work (Job request answer) = putMVar answer request

ask :: MVar Job -> Echo -> IO Echo
ask jobs request = do
  answer <- newEmptyMVar
  putMVar jobs (Job request answer)
  takeMVar answer
