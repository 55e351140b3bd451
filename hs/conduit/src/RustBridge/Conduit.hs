-- | Streams of Rust's as sources of conduit.
--
-- > withChanges defaultStreamOptions folder $ \stream ->
-- >   runConduit $ sourceStream stream .| takeC 10 .| mapM_C (liftIO . print)
--
-- 1. The source takes an event when the one downstream asks for it, and none ahead.
--    What is not taken waits in the stream's queue, as the subscriber's
--    'StreamOptions' say.
-- 2. It ends when the stream does. What 'nextEvent' throws, at the end of a stream
--    that failed for instance, goes through the pipeline and out of it. Downstream
--    has had all events from before.
-- 3. It closes nothing: the scope of the subscription does, @withChanges@ here. A
--    pipeline that ends early leaves the other events in the stream, for another
--    one to go on with. A source that is used after the scope throws
--    'RustBridge.Exception.ReferenceClosed'.
-- 4. Several may take from the same stream, in several threads too: each event goes
--    to one of them. Waiting is interruptible.
--
-- So this is wrong, because the source leaves the scope:
--
-- > source <- withChanges options folder (pure . sourceStream)
-- > runConduit (source .| sinkNull)   -- throws ReferenceClosed
module RustBridge.Conduit
  ( sourceStream,
  )
where

import Control.Monad.IO.Class (MonadIO)
import Data.Conduit (ConduitT, yield)
import RustBridge.Reference (Stream, nextEvent)

-- | The events, in order, until there are no more.
sourceStream :: MonadIO m => Stream a -> ConduitT i a m ()
sourceStream stream = nextEvent stream >>= maybe (pure ()) (\event -> yield event >> sourceStream stream)
