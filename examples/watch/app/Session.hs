-- | Watching: from the options to a source of reports.
module Session
  ( Decide,
    session,
  )
where

import Conduit (ConduitT, takeC, (.|))
import Control.Exception (Exception, bracket, throwIO)
import Data.ByteString (ByteString)
import Options (Options (..))
import Path (bytesOf)
import RustBridge
import RustBridge.Conduit (sourceStream)
import Watch

-- | What decides on changes.
type Decide = Change -> IO Decision

-- | Runs the computation with the reports. What decides is made of the options,
-- and may be changed. At the end, whichever it is, nothing is left of it in Rust.
session :: Options -> (Decide -> Decide) -> (ConduitT () Report (RustT IO) () -> RustT IO a) -> RustT IO a
session options change use = do
  path <- liftIO (bytesOf (watched options))
  opened (open path (settle options)) $ \folder ->
    opened (matcher (ignored options)) $ \ignores ->
      opened (matcher (final options)) $ \ends ->
        following folder $ \decided -> withRunInIO $ \run -> do
          let decide = change (run . decideBy (applyRust ignores) (applyRust ends) decided)
          run . withChanges defaultStreamOptions folder decide $ \stream ->
            use (limit (sourceStream stream))
  where
    limit source = maybe source ((source .|) . takeC) (count options)
    following folder next = case mirrored options of
      Nothing -> next DecisionReport
      Just path -> do
        name <- liftIO (bytesOf path)
        opened (mirror folder name) (next . DecisionCopy)

-- | By what is to be ignored, what is the last, and what to do with all else.
decideBy :: (ByteString -> RustT IO Bool) -> (ByteString -> RustT IO Bool) -> Decision -> Change -> RustT IO Decision
decideBy _ _ other (Change _ KindMissed _) = pure other
decideBy ignores ends other (Change _ _ path) = do
  isIgnored <- ignores path
  isLast <- ends path
  pure (if isLast then DecisionStop else if isIgnored then DecisionIgnore else other)

-- | Closes it in the end. Throws what is said where it cannot be had.
opened :: (Exception e, Closeable r) => RustT IO (Either e r) -> (r -> RustT IO a) -> RustT IO a
opened get use = withRunInIO $ \run -> bracket (run get >>= either throwIO pure) closeRust (run . use)
