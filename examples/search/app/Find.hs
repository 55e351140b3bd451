-- | Printing what the engine finds.
module Find
  ( find,
  )
where

import Control.Monad.IO.Class (liftIO)
import Data.ByteString (ByteString)
import Data.Word (Word64)
import Output (putHits)
import RustBridge (RustT, callRust, castRust)
import Search

-- | Prints the hits in the documents at these places (all there are, in
-- ascending order) page by page, and counts them. 'Left' says what is wrong
-- with the pattern.
--
-- Documents whose hits are printed are forgotten. Nobody waits for that, so
-- it is a cast; a reader that takes the hits slowly does not keep all of the
-- documents in memory.
find :: ByteString -> [Word64] -> RustT IO (Either ByteString Int)
find sought = go 0 start
  where
    go count from places = do
      answer <- callRust (Query sought from)
      case answer of
        Left why -> pure (Left why)
        Right (Page hits next) -> do
          liftIO (putHits hits)
          let (done, left) = maybe (places, []) (\position -> span (< positionPlace position) places) next
              count' = count + length hits
          mapM_ (castRust . Forget) done
          count' `seq` maybe (pure (Right count')) (\position -> go count' position left) next
