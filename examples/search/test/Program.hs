{-# LANGUAGE OverloadedStrings #-}

-- | Running the program, and what came of it.
module Program
  ( Run (..),
    run,
    runIn,
    process,
    Hit (..),
    hitsOf,
    complaintsOf,
    withTree,
  )
where

import Data.ByteString (ByteString)
import qualified Data.ByteString.Char8 as Bytes
import qualified Data.ByteString.Lazy as Lazy
import Data.List (isPrefixOf)
import Data.Text (Text)
import Data.Text.Encoding (encodeUtf8)
import System.Directory (createDirectoryIfMissing)
import System.Environment (getEnvironment, getExecutablePath)
import System.FilePath (takeDirectory, (</>))
import System.IO.Temp (withSystemTempDirectory)
import System.Process.Typed
import Test.Tasty.HUnit (assertFailure)

-- | What the program left.
data Run = Run {code :: ExitCode, out :: ByteString, err :: ByteString}
  deriving (Eq, Show)

-- | Runs it with these arguments in a folder.
run :: FilePath -> [String] -> IO Run
run = runIn "C.UTF-8"

-- | The same in a locale.
runIn :: String -> FilePath -> [String] -> IO Run
runIn locale folder arguments = do
  configured <- process locale folder arguments
  (exit, stdout', stderr') <- readProcess configured
  pure (Run exit (Lazy.toStrict stdout') (Lazy.toStrict stderr'))

-- | How to start it.
process :: String -> FilePath -> [String] -> IO (ProcessConfig () () ())
process locale folder arguments = do
  environment <- getEnvironment
  self <- getExecutablePath
  let others = filter (not . isPrefixOf "LC_" . fst) environment
  pure . setWorkingDir folder . setEnv (("LC_ALL", locale) : others) $ proc (beside self) arguments

-- | Where the program is, seen from this one. A package with a @Setup@ of its
-- own is built as a whole, with a folder for each part, and then cabal 3.4 does
-- not put its programs on the path of its tests.
beside :: FilePath -> FilePath
beside self = takeDirectory (takeDirectory self) </> "search" </> "search"

-- | A line of the output: path, line, column, text.
data Hit = Hit {path :: ByteString, line, column :: Int, text :: ByteString}
  deriving (Eq, Show)

-- | The output's lines; no path in these tests has a colon.
hitsOf :: Run -> IO [Hit]
hitsOf = traverse parse . Bytes.lines . out
  where
    parse whole = maybe (assertFailure ("not a hit: " <> show whole)) pure $ do
      (path', rest) <- cut ":" whole
      (line', rest') <- cut ":" rest
      (column', text') <- cut ": " rest'
      Hit path' <$> number line' <*> number column' <*> pure text'
    cut at bytes = case Bytes.breakSubstring at bytes of
      (before, after)
        | Bytes.null after -> Nothing
        | otherwise -> Just (before, Bytes.drop (Bytes.length at) after)
    number bytes = do
      (value, "") <- Bytes.readInt bytes
      Just value

-- | The lines on stderr that are not totals.
complaintsOf :: Run -> [ByteString]
complaintsOf = filter ("search: " `Bytes.isPrefixOf`) . Bytes.lines . err

-- | A folder, which exists meanwhile, with these files.
withTree :: [(FilePath, Text)] -> (FilePath -> IO a) -> IO a
withTree files action = withSystemTempDirectory "search" $ \folder -> do
  mapM_ (write folder) files
  action folder
  where
    write folder (name, body) = do
      createDirectoryIfMissing True (takeDirectory (folder </> name))
      Bytes.writeFile (folder </> name) (encodeUtf8 body)
