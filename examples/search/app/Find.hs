-- | Printing what the engine finds.
module Find
  ( find,
  )
where

import Control.Monad.IO.Class (liftIO)
import Data.ByteString (ByteString)
import Data.Word (Word64)
import Output (putHits)
import RustBridge (RustT)
import Search (Page (..), PatternError, Position (..), Query (..), forget)
import qualified Search

-- | Prints the hits in the documents at these places (all there are, in
-- ascending order) page by page, and counts them. 'Left' says what is wrong
-- with the pattern.
--
-- Documents whose hits are printed are forgotten. Nobody waits for that, so
-- it is a cast; a reader that takes the hits slowly does not keep all of the
-- documents in memory.
find :: ByteString -> [Word64] -> RustT IO (Either PatternError Int)
find sought = go 0 Nothing
  where
    go count from places = do
      answer <- Search.find (Query sought from)
      case answer of
        Left why -> pure (Left why)
        Right (Page hits next) -> do
          liftIO (putHits hits)
          let (done, left) = maybe (places, []) (\position -> span (< positionPlace position) places) next
              count' = count + length hits
          mapM_ forget done
          count' `seq` maybe (pure (Right count')) (\position -> go count' (Just position) left) next
