-- | What the program is asked for.
module Options
  ( Options (..),
    parseOptions,
  )
where

import Options.Applicative

-- | Parts of it can be left out.
data Options = Options
  { short :: Bool,
    guard :: Bool,
    out :: Maybe FilePath,
    server :: Maybe FilePath
  }

-- | From the command line.
parseOptions :: IO Options
parseOptions = execParser (info (options <**> helper) (progDesc "Measures rs-in-hs against other ways to have Rust do something"))

options :: Parser Options
options =
  Options
    <$> switch (long "short" <> help "Fewer rounds, and a soak of a million calls: some 20 seconds")
    <*> switch (long "guard" <> help "Only the bounds, shortly; fail if one is worse than recorded by more than the noise")
    <*> optional (strOption (long "out" <> metavar "DIRECTORY" <> help "Write performance/figures.json and the table of performance.md there"))
    <*> optional (strOption (long "server" <> metavar "PROGRAM" <> help "The built bench-server, to be compared with a process of its own"))
