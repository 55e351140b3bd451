{-# LANGUAGE OverloadedStrings #-}

-- | What is decided on changes.
module DecisionTest (tests) where

import Control.Concurrent.MVar
import Control.Exception (ErrorCall (..), onException, throwIO)
import Control.Monad (forM_, replicateM)
import Harness
import RustBridge
import System.Directory
import System.Posix.Files (createNamedPipe)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual)
import Watch

tests :: TestTree
tests =
  testGroup
    "decisions"
    [ watchCase "to copy" $ \temporary folder -> do
        copies <- mirror folder (bytes (temporary </> "mirror")) >>= orFail
        withChanges defaultStreamOptions folder (const (pure (DecisionCopy copies))) $ \stream -> do
          let from name = temporary </> "watched" </> name
              to name = temporary </> "mirror" </> name
          -- Moved in: all is there when it is told.
          liftIO (createDirectory (temporary </> "tree") >> writeFile (temporary </> "tree" </> "leaf") "green")
          liftIO (renameDirectory (temporary </> "tree") (from "tree"))
          awaits stream KindCreated "tree" (OutcomeCopied 5)
          liftIO (readFile (to "tree/leaf") >>= assertEqual "the copy" "green")
          liftIO (renameDirectory (from "tree") (from "bush"))
          awaits stream (KindRenamed "tree") "bush" (OutcomeCopied 5)
          liftIO (listDirectory (to ".") >>= assertEqual "of its new name only" ["bush"])
          liftIO (removeFile (from "bush/leaf"))
          awaits stream KindRemoved "bush/leaf" (OutcomeCopied 0)
          liftIO (listDirectory (to "bush") >>= assertEqual "removed" [])
          liftIO (createNamedPipe (from "pipe") 0o600)
          awaits stream KindCreated "pipe" (OutcomeFailed "neither a file nor a folder")
        closeRust copies,
      watchCase "to copy into itself" $ \temporary folder -> do
        inside <- mirror folder (bytes (temporary </> "watched" </> "mirror"))
        case inside of
          Left WatchErrorInside {} -> pure ()
          other -> orFail other >>= closeRust
        liftIO (doesDirectoryExist (temporary </> "watched" </> "mirror") >>= assertEqual "made" False),
      watchCase "to ignore, by a function of Rust's" $ \temporary folder -> do
        ignores <- matcher ["*.tmp"] >>= orFail
        decide <- withRunInIO $ \run -> pure $ \change -> do
          ignored <- run (applyRust ignores (changePath change))
          pure (if ignored then DecisionIgnore else DecisionReport)
        withChanges defaultStreamOptions folder decide $ \stream -> do
          make temporary ["1.tmp", "2", "3.tmp", "4"]
          awaits stream KindCreated "2" OutcomeSeen
          awaits stream KindCreated "4" OutcomeSeen
        closeRust ignores,
      watchCase "to stop" $ \temporary folder -> do
        let decide change = pure (if changePath change == "last" then DecisionStop else DecisionReport)
        withChanges defaultStreamOptions folder decide $ \stream -> do
          make temporary ["first", "last", "later"]
          awaits stream KindCreated "first" OutcomeSeen
          awaits stream KindCreated "last" OutcomeSeen
          ends <- replicateM 2 (nextEvent stream)
          liftIO (assertEqual "after that" [Nothing, Nothing] ends),
      watchCase "one that throws" $ \temporary folder -> do
        let decide change = if changePath change == "bad" then throwIO (ErrorCall "no idea") else pure DecisionReport
        withChanges defaultStreamOptions folder decide $ \stream -> do
          make temporary ["bad", "good"]
          awaits stream KindCreated "bad" (OutcomeFailed "the Haskell function threw ErrorCall: no idea")
          awaits stream KindCreated "good" OutcomeSeen,
      watchCase "a slow one holds up nobody else" $ \temporary folder -> do
        (begun, may) <- liftIO ((,) <$> newEmptyMVar <*> newEmptyMVar)
        let slow _ = putMVar begun () >> takeMVar may
        withChanges defaultStreamOptions folder slow $ \held ->
          withChanges defaultStreamOptions folder (const (pure DecisionReport)) $ \free -> do
            make temporary ["1", "2"]
            liftIO (takeMVar begun)
            forM_ ["1", "2"] $ \name -> awaits free KindCreated name OutcomeSeen
            liftIO (putMVar may DecisionReport)
            awaits held KindCreated "1" OutcomeSeen
            liftIO (takeMVar begun >> putMVar may DecisionStop)
            awaits held KindCreated "2" OutcomeSeen,
      watchCase "one that is not needed any more is interrupted" $ \temporary folder -> do
        (begun, ended) <- liftIO ((,) <$> newEmptyMVar <*> newEmptyMVar)
        never <- liftIO newEmptyMVar
        let stuck _ = putMVar begun () >> takeMVar never `onException` putMVar ended ()
        withChanges defaultStreamOptions folder stuck $ \_ -> do
          make temporary ["1"]
          liftIO (takeMVar begun)
          alive <- callbacks <$> rustStats
          liftIO (assertBool "it is held" (alive == 1))
        liftIO (takeMVar ended >> putMVar never DecisionReport)
    ]

-- | Makes folders: each is one change.
make :: FilePath -> [FilePath] -> RustT IO ()
make temporary names = liftIO (forM_ names (createDirectory . ((temporary </> "watched") </>)))
