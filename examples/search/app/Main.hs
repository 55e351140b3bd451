-- | Search files by regular expression: read by Haskell, many at once, searched
-- by a Rust engine in the same process.
module Main (main) where

import Complaint (complain, complainOf, text)
import Control.Exception (displayException, handle)
import Data.List (sort)
import Data.Word (Word64)
import Descriptor (put)
import Find (find)
import GHC.Clock (getMonotonicTimeNSec)
import GHC.Conc (getNumCapabilities)
import Load (Loaded (..), load)
import Options (Options (..), getOptions)
import Pool (foldConcurrently)
import Progress (withProgress)
import RustBridge
import Search (PatternError, searchService)
import System.Exit (ExitCode (..), exitWith)
import System.Posix.ByteString (RawFilePath, stdError)
import Totals
import Walk (walk)

main :: IO ()
main = do
  options <- getOptions
  cores <- getNumCapabilities
  exitWith =<< handle failed (withRust (config options cores) (search options))
  where
    -- The order in which calls and casts are handled does not matter here, so
    -- there can be several workers.
    config options cores = defaultConfig {maxMsgLen = maxMessage options, workers = cores, services = [searchService]}
    failed :: RustException -> IO ExitCode
    failed failure = ExitFailure 2 <$ complain (text (displayException failure))

-- | From the files to the totals.
search :: Options -> RustT IO ExitCode
search options = do
  -- In the engine that is still empty: a pattern that is none shall be told
  -- before all files are read.
  checked <- find (soughtPattern options) []
  case checked of
    Left why -> malformed why
    Right _ -> do
      paths <- liftIO (walk complainOf (givenPaths options))
      (loaded, took) <- add options paths
      found <- find (soughtPattern options) (sort (loadedPlaces loaded))
      either malformed (finish paths loaded took) found
  where
    malformed why = ExitFailure 2 <$ liftIO (complain (text (displayException (why :: PatternError))))
    finish paths loaded took count = do
      stats <- rustStats
      let searched = length (loadedPlaces loaded)
      liftIO . put stdError . summary $
        Totals
          { files = searched,
            leftOut = length paths - searched,
            bytes = loadedBytes loaded,
            textLines = loadedLines loaded,
            hits = count,
            calls = callsTotal stats,
            casts = castsTotal stats,
            addingTook = took,
            addLatencies = loadedLatencies loaded
          }
      pure (if count > 0 then ExitSuccess else ExitFailure 1)

-- | Adds the files, each at its place in the list, and says how long that took,
-- in nanoseconds.
add :: Options -> [RawFilePath] -> RustT IO (Loaded, Word64)
add options paths = withRunInIO $ \run -> do
  before <- getMonotonicTimeNSec
  loaded <- withProgress (length paths) $ \tick ->
    foldConcurrently
      (jobs options)
      (\file -> run (load complainOf (maxMessage options) file) <* tick)
      (zip [0 ..] paths)
  after <- getMonotonicTimeNSec
  pure (loaded, after - before)
