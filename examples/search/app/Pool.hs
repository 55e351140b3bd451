{-# LANGUAGE BangPatterns #-}

-- | Many things at once, but not too many.
module Pool
  ( foldConcurrently,
  )
where

import Control.Concurrent.Async (replicateConcurrently)
import Control.Monad.IO.Unlift (MonadUnliftIO, withRunInIO)
import Data.IORef (atomicModifyIORef', newIORef)

-- | Does this with every item, in as many threads as are given, and puts the
-- results together in any order. What one thread throws ends the others.
foldConcurrently :: (MonadUnliftIO m, Monoid b) => Int -> (a -> m b) -> [a] -> m b
foldConcurrently threads act items = withRunInIO $ \run -> do
  left <- newIORef items
  let take' [] = ([], Nothing)
      take' (item : rest) = (rest, Just item)
      worker !total = do
        next <- atomicModifyIORef' left take'
        case next of
          Nothing -> pure total
          -- The one new result on the left: appending to a list of thousands
          -- would copy it.
          Just item -> run (act item) >>= \result -> worker (result <> total)
  mconcat <$> replicateConcurrently threads (worker mempty)
