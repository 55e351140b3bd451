{-# LANGUAGE OverloadedStrings #-}

-- | Bringing files into the engine.
module Load
  ( Loaded (..),
    load,
  )
where

import Complaint (Complain, describe, text)
import Control.Exception (bracket, catch, displayException)
import Control.Monad.IO.Class (liftIO)
import Control.Monad.IO.Unlift (withRunInIO)
import Data.ByteString (ByteString)
import qualified Data.ByteString.Lazy as Lazy
import Data.Word (Word64)
import GHC.Clock (getMonotonicTimeNSec)
import Path (openBody)
import RustBridge (RustException, RustT)
import Search (Added (..), Document (..))
import qualified Search
import Size (largestBody)
import System.IO (hClose, hFileSize)
import System.Posix.ByteString (RawFilePath)

-- | What became of some files. They are put together in any order.
data Loaded = Loaded
  { -- | The places of the documents that the engine has now.
    loadedPlaces :: [Word64],
    -- | Their bytes.
    loadedBytes :: !Word64,
    -- | Their lines.
    loadedLines :: !Word64,
    -- | How long each call took, in nanoseconds.
    loadedLatencies :: [Word64]
  }

instance Semigroup Loaded where
  Loaded places bytes lines' latencies <> Loaded places' bytes' lines'' latencies' =
    Loaded (places <> places') (bytes + bytes') (lines' + lines'') (latencies <> latencies')

instance Monoid Loaded where
  mempty = Loaded [] 0 0 []

-- | Reads a file and adds it at this place, given the largest message in bytes.
-- Whatever is wrong with the file is told, and it is left out.
load :: Complain -> Int -> (Word64, RawFilePath) -> RustT IO Loaded
load complainOf largest (place, path) = withRunInIO $ \run ->
  run (readBody >>= either leaveOut add)
    `catch` (run . leaveOut . describe)
    `catch` (\failed -> run (leaveOut (text (displayException (failed :: RustException)))))
  where
    readBody = liftIO (readAtMost (largestBody largest path) path)
    leaveOut why = mempty <$ liftIO (complainOf path why)
    add body = do
      (added, took) <- timed (Search.add (Document place path body))
      case added of
        AddedStored bytes lines' -> pure (Loaded [place] bytes lines' [took])
        AddedNotUtf8 offset -> do
          left <- leaveOut ("not UTF-8 at byte offset " <> text (show offset))
          pure left {loadedLatencies = [took]}

-- | A file's bytes, if they are not more than this. A file may have more than
-- the system says, or get more, so the limit holds for what is read.
readAtMost :: Int -> RawFilePath -> IO (Either ByteString ByteString)
readAtMost most path = bracket (openBody path) hClose $ \handle -> do
  size <- hFileSize handle
  if size > fromIntegral most
    then pure tooLarge
    else do
      body <- Lazy.hGet handle (most + 1)
      pure (if Lazy.length body > fromIntegral most then tooLarge else Right (Lazy.toStrict body))
  where
    tooLarge = Left ("larger than the " <> limit <> " bytes that fit into a message: raise --max-message")
    limit = text (show (max 0 most))

timed :: RustT IO a -> RustT IO (a, Word64)
timed action = do
  before <- liftIO getMonotonicTimeNSec
  result <- action
  after <- liftIO getMonotonicTimeNSec
  pure (result, after - before)
