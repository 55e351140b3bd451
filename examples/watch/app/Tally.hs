-- | How many changes there were, and what became of them.
module Tally
  ( Tally,
    newTally,
    countReport,
    noting,
    summary,
  )
where

import Control.Monad (when)
import Data.IORef (IORef, atomicModifyIORef', newIORef, readIORef)
import Data.List (intercalate)
import qualified Data.Map.Strict as Map
import Data.Word (Word64)
import Line (word)
import Watch

-- | Counts by words.
newtype Tally = Tally (IORef (Map.Map String Word64))

-- | All zero.
newTally :: IO Tally
newTally = Tally <$> newIORef Map.empty

-- | Any thread may count.
add :: Tally -> Word64 -> String -> IO ()
add (Tally counts) number what = atomicModifyIORef' counts (\now -> (Map.insertWith (+) what number now, ()))

-- | One more.
countReport :: Tally -> Report -> IO ()
countReport tally (Report change outcome) = do
  add tally 1 "changes"
  add tally 1 (word (changeKind change))
  case outcome of
    OutcomeSeen -> pure ()
    OutcomeCopied bytes -> add tally 1 "mirrored" >> add tally bytes "bytes copied"
    OutcomeFailed _ -> add tally 1 "failed"

-- | The same decisions, but those of which there will be no report are counted.
noting :: Tally -> (Change -> IO Decision) -> Change -> IO Decision
noting tally decide change = do
  decision <- decide change
  when (decision == DecisionIgnore) (add tally 1 "ignored")
  pure decision

-- | A line for people.
summary :: Tally -> IO String
summary (Tally counts) = do
  now <- readIORef counts
  let of' what = show (Map.findWithDefault 0 what now) <> " " <> what
      those = filter (`Map.member` now)
  pure . intercalate "; " . filter (not . null) $
    [ of' "changes" <> foldMap (": " <>) (listed of' (those ["created", "modified", "renamed", "removed", "missed"])),
      concat (listed of' (those ["mirrored", "bytes copied", "failed", "ignored"]))
    ]
  where
    listed of' what = [intercalate ", " (map of' what) | not (null what)]
