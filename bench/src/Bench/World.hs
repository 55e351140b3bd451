-- | Everything that is measured, started.
module Bench.World
  ( World (..),
    withWorld,
    named,
  )
where

import Bench.ByHand (byHand)
import Bench.Candidate (Candidate (..))
import Bench.Floor (Floor, floorsOf)
import Bench.Plain (withPlain)
import Bench.Process (withProcess)
import Bench.Queued (queued)
import Bench.Request (Count (..), Pin (..))
import Bench.Worker (withWorker)
import Control.Concurrent (setNumCapabilities)
import Control.Exception (bracket_)
import Data.List (find)
import Data.Word (Word64)
import RustBridge

-- | All of it runs in this process, but for one candidate.
data World = World
  { candidates :: [Candidate],
    floors :: Floor,
    -- | Keeps all threads of the process on one processor for as long as the
    -- action takes: see bench/engine/src/pin.rs.
    pinned :: IO () -> IO (),
    -- | Counts what the Rust half allocates, from now on or no more; gives the
    -- allocations and bytes so far.
    counting :: Bool -> IO (Word64, Word64)
  }

-- | Starts it with so many capabilities, and the server that is this program,
-- if there is one.
withWorld :: Int -> Maybe FilePath -> (World -> IO a) -> IO a
withWorld capabilities server act = do
  setNumCapabilities capabilities
  withPlain $ \plain ->
    withWorker $ \worker ->
      maybe ($ []) withServer server $ \process ->
        withRust defaultConfig {maxMsgLen = 64 * 1024 * 1024} $ do
          ours <- queued
          floors' <- floorsOf
          withRunInIO $ \run ->
            act
              World
                { candidates = ours ++ [plain, byHand, worker] ++ process,
                  floors = floors',
                  pinned = bracket_ (run (callRust (Pin True))) (run (callRust (Pin False))),
                  counting = run . callRust . Count
                }
  where
    withServer program next = withProcess program (next . pure)

-- | The candidate of this name, if this world has it.
named :: String -> World -> Maybe Candidate
named wanted = find ((== wanted) . name) . candidates
