-- | The command line.
module Options
  ( Options (..),
    getOptions,
  )
where

import Control.Monad (join)
import Data.ByteString (ByteString)
import Options.Applicative
import Path (argumentBytes)
import RustBridge (Config (..), defaultConfig)
import System.Posix.ByteString (RawFilePath)

-- | What the user asked for.
data Options = Options
  { -- | The regular expression, as the user wrote it: bytes, which the engine
    -- will take for UTF-8.
    soughtPattern :: ByteString,
    -- | The files and folders to search, in this order.
    givenPaths :: [RawFilePath],
    -- | The largest message to the engine and from it, in bytes, which bounds
    -- the files that can be searched.
    maxMessage :: Int,
    -- | How many files are read and added at once.
    jobs :: Int
  }

-- | Reads the command line. Ends the program where it makes no sense (with exit
-- code 2), or asks for help.
getOptions :: IO Options
getOptions = join (customExecParser (prefs showHelpOnEmpty) parser)
  where
    parser = info (options <**> helper) (failureCode 2 <> progDesc description <> footer codes)
    description =
      "Print the lines of files, and of the files in folders, that match a regular expression, \
      \as path:line:column: text. Lines and columns are counted from 1, columns in bytes. \
      \Symbolic links are followed where they are given as PATH, but not where they are met in a folder."
    codes = "Exit code: 0 if a line matched, 1 if none did, 2 if the search could not be made."

options :: Parser (IO Options)
options =
  build
    <$> strArgument (metavar "PATTERN" <> help "A regular expression in the syntax of Rust's crate regex")
    <*> some (strArgument (metavar "PATH..." <> help "Files and folders"))
    <*> number
      "max-message"
      "BYTES"
      (maxMsgLen defaultConfig)
      "The largest message to the engine; files that do not fit into one are left out"
    <*> number "jobs" "COUNT" 64 "How many files are read and added at once"
  where
    build sought paths message count =
      Options <$> argumentBytes sought <*> traverse argumentBytes paths <*> pure message <*> pure count

number :: String -> String -> Int -> String -> Parser Int
number name unit usual about =
  option positive (long name <> metavar unit <> value usual <> showDefault <> help about)
  where
    positive = do
      given <- auto
      if given >= 1 then pure given else readerError "at least 1 is needed"
