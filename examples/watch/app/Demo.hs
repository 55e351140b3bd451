{-# LANGUAGE OverloadedStrings #-}

-- | What the program does without arguments.
module Demo
  ( demo,
  )
where

import Conduit (ConduitT, await, mapM_C, runConduit, (.|))
import Control.Exception (throwIO)
import Control.Monad (forM_)
import Control.Monad.Trans.Class (lift)
import Data.ByteString.Builder (Builder, stringUtf8, word64Dec)
import Data.Time (getCurrentTimeZone)
import Line (line, say)
import Options (Options (..))
import RustBridge
import Session (session)
import System.FilePath ((</>))
import System.IO (stdout)
import System.IO.Temp (withSystemTempDirectory)
import System.Process (CreateProcess (cwd), readCreateProcess, shell)
import Tally (countReport, newTally, noting, summary)
import Watch

-- | Changes files in a temporary folder, and shows what is seen and decided.
demo :: IO ()
demo = withSystemTempDirectory "watch" $ \temporary -> do
  let (folder, copies) = (temporary </> "watched", temporary </> "mirror")
      options = Options folder (Just copies) ["*.tmp"] ["enough"] Nothing 0.05
  _ <- sh temporary "mkdir watched"
  say stdout introduction
  tally <- newTally
  zone <- getCurrentTimeZone
  let see report = liftIO (say stdout (line zone report) >> countReport tally report)
  rust <- withRust defaultConfig {services = [watchService]} $ do
    session options (troubled . noting tally) $ \source ->
      runConduit (source .| (play folder see >> mapM_C see))
    askRust
  copied <- sh copies "find . -type f"
  say stdout ("\nin the mirror: " <> stringUtf8 (unwords (lines copied)))
  summary tally >>= say stdout . stringUtf8
  stats <- runRustT rustStats rust
  say stdout ("alive in Rust at the end: " <> alive stats)

introduction :: Builder
introduction =
  "Rust watches a folder, and a Haskell function decides what becomes of each change: what is\n\
  \called *.tmp is ignored, at \"trouble\" it throws, \"enough\" is the last, all else is copied.\n"

-- | Each of these is one change that is reported, and maybe one that is ignored.
play :: FilePath -> (Report -> RustT IO ()) -> ConduitT Report o (RustT IO) ()
play folder see = forM_ commands $ \command -> do
  liftIO (say stdout ("$ " <> stringUtf8 command) <* sh folder command)
  await >>= mapM_ (lift . see)
  where
    commands =
      [ "echo hello > notes.txt",
        "echo world >> notes.txt",
        "touch scratch.tmp; mv notes.txt ideas.txt",
        "mkdir drafts",
        "echo once upon a time > drafts/story.txt",
        "touch trouble",
        "rm ideas.txt",
        "touch enough"
      ]

-- | Throws at one of them.
troubled :: (Change -> IO Decision) -> Change -> IO Decision
troubled decide change
  | changePath change == "trouble" = throwIO (userError "I do not know what to do with this")
  | otherwise = decide change

sh :: FilePath -> String -> IO String
sh folder command = readCreateProcess (shell command) {cwd = Just folder} ""

-- | What is there of all that is counted.
alive :: Stats -> Builder
alive stats = foldr1 (\one others -> one <> ", " <> others) [word64Dec (of' stats) <> " " <> name | (of', name) <- counters]
  where
    counters =
      [(subscriptions, "subscriptions"), (callbacks, "callbacks"), (closures, "closures"), (objects, "objects"), (liveSlots, "slots"), (stablePtrs, "StablePtrs")]
