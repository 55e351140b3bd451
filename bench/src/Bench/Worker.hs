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
import Data.ByteString (ByteString)

-- | A request, and where its answer goes.
data Job
  = EchoJob !Echo !(MVar Echo)
  | BytesJob !ByteString !(MVar ByteString)

-- | Runs the worker for as long as the action takes. It has nothing to encode:
-- what it gets and gives are values of the same heap.
withWorker :: (Candidate -> IO a) -> IO a
withWorker act = do
  jobs <- newEmptyMVar
  withAsync (forever (takeMVar jobs >>= work)) $ \_ ->
    act . candidate "Haskell thread" $
      Caller
        { echo = ask jobs EchoJob record >>= checked record,
          echoBytes = Just $ \bytes -> ask jobs BytesJob bytes >>= checkedLength bytes
        }

work :: Job -> IO ()
work (EchoJob request answer) = putMVar answer request
work (BytesJob request answer) = putMVar answer request

ask :: MVar Job -> (a -> MVar a -> Job) -> a -> IO a
ask jobs job request = do
  answer <- newEmptyMVar
  putMVar jobs (job request answer)
  takeMVar answer
