-- | The command line.
module Options
  ( Options (..),
    getOptions,
  )
where

import Data.Text (Text)
import Data.Time.Clock (NominalDiffTime)
import Options.Applicative

-- | What the user asked for.
data Options = Options
  { -- | The folder to watch.
    watched :: FilePath,
    -- | Where changes are copied to.
    mirrored :: Maybe FilePath,
    -- | Patterns of what is ignored.
    ignored :: [Text],
    -- | Patterns of what is the last.
    final :: [Text],
    -- | After how many reports to end.
    count :: Maybe Int,
    -- | How old a change is when it is told.
    settle :: NominalDiffTime
  }

-- | Reads the command line; 'Nothing' for a demonstration. Ends the program where
-- it makes no sense (with exit code 2), or asks for help.
getOptions :: IO (Maybe Options)
getOptions = execParser (info (optional options <**> helper) (failureCode 2 <> progDesc description <> footer codes))
  where
    description =
      "Watch FOLDER with all that is in it, and print a line for each change. Without arguments: a demonstration in \
      \a temporary folder. Patterns are matched against paths in the folder; * stands for any characters, also for /."
    codes = "Ends by Ctrl-C, with a summary. Exit code: 0, or 1 if the folder could not be watched, or is gone."

options :: Parser Options
options =
  Options
    <$> strArgument (metavar "FOLDER")
    <*> optional (strOption (long "mirror" <> metavar "FOLDER" <> help "Copy there what changes, and remove what is removed"))
    <*> globs "ignore" "Say nothing of what matches"
    <*> globs "until" "End after a change of what matches"
    <*> optional (option positive (long "count" <> metavar "N" <> help "End after so many changes"))
    <*> fmap ((/ 1000) . fromIntegral) (option positive settling)
  where
    globs name about = many (strOption (long name <> metavar "GLOB" <> help (about <> "; can be given several times")))
    settling = long "settle" <> metavar "MILLISECONDS" <> value 100 <> showDefault <> help "How old a change is when it is told"

positive :: ReadM Int
positive = do
  given <- auto
  if given >= 1 then pure given else readerError "at least 1 is needed"
