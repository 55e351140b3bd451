{-# LANGUAGE OverloadedStrings #-}

-- | What is told of a folder.
module ChangeTest (tests) where

import Control.Monad (forM_)
import Harness
import RustBridge
import System.Directory
import System.IO.Temp (withSystemTempDirectory)
import qualified System.Posix.Directory.ByteString as Posix
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, testCase)
import Watch

tests :: TestTree
tests =
  testGroup
    "changes"
    [ watchCase "created, modified, renamed, removed" . reported $ \temporary stream -> do
        let (one, other) = (temporary </> "watched" </> "one", temporary </> "watched" </> "other")
        liftIO (writeFile one "1")
        awaits stream KindCreated "one" OutcomeSeen
        liftIO (appendFile one "2")
        awaits stream KindModified "one" OutcomeSeen
        liftIO (renameFile one other)
        awaits stream (KindRenamed "one") "other" OutcomeSeen
        liftIO (removeFile other)
        awaits stream KindRemoved "other" OutcomeSeen,
      watchCase "in a folder that is new" . reported $ \temporary stream -> do
        liftIO (createDirectory (temporary </> "watched" </> "new"))
        awaits stream KindCreated "new" OutcomeSeen
        liftIO (writeFile (temporary </> "watched" </> "new" </> "file") "1")
        awaits stream KindCreated "new/file" OutcomeSeen
        liftIO (renameDirectory (temporary </> "watched" </> "new") (temporary </> "watched" </> "old"))
        awaits stream (KindRenamed "new") "old" OutcomeSeen
        liftIO (removeFile (temporary </> "watched" </> "old" </> "file"))
        awaits stream KindRemoved "old/file" OutcomeSeen,
      watchCase "moved in, and out" . reported $ \temporary stream -> do
        liftIO (writeFile (temporary </> "it") "1")
        liftIO (renameFile (temporary </> "it") (temporary </> "watched" </> "it"))
        awaits stream KindCreated "it" OutcomeSeen
        liftIO (renameFile (temporary </> "watched" </> "it") (temporary </> "it"))
        awaits stream KindRemoved "it" OutcomeSeen,
      watchCase "of what is no text" . reported $ \temporary stream -> do
        liftIO (Posix.createDirectory (bytes (temporary </> "watched/") <> "\xff\n") 0o700)
        awaits stream KindCreated "\xff\n" OutcomeSeen,
      watchCase "to read is no change" . reported $ \temporary stream -> do
        liftIO (writeFile (temporary </> "it") "1" >> renameFile (temporary </> "it") (temporary </> "watched" </> "it"))
        awaits stream KindCreated "it" OutcomeSeen
        liftIO (readFile (temporary </> "watched" </> "it") >>= assertEqual "read" "1")
        liftIO (createDirectory (temporary </> "watched" </> "next"))
        awaits stream KindCreated "next" OutcomeSeen,
      testCase "no folder" . within . withSystemTempDirectory "watch" $ \temporary -> running $ do
        let (missing, file) = (temporary </> "missing", temporary </> "file")
        liftIO (writeFile file "")
        none <- open (bytes missing) 0.1
        liftIO (assertBool (show none) (either isMissing (const False) none))
        no <- open (bytes file) 0.1
        liftIO (assertBool (show no) (either isNoFolder (const False) no)),
      testCase "patterns" . within . running $ do
        matches <- matcher ["*.tmp", "[ab]/?"] >>= orFail
        forM_ [("x.tmp", True), ("deep/x.tmp", True), ("a/1", True), ("c/1", False), ("", False)] $ \(path, expected) ->
          applyRust matches path >>= liftIO . assertEqual (show path) expected
        wrong <- matcher ["fine", "[z-a]"]
        liftIO (assertEqual "the one that is wrong" (Left "[z-a]") (either (Left . globErrorGlob) Right wrong))
    ]
  where
    isMissing failure = case failure of WatchErrorMissing {} -> True; _ -> False
    isNoFolder failure = case failure of WatchErrorNoFolder {} -> True; _ -> False

-- | With all that changes.
reported :: (FilePath -> Stream Report -> RustT IO ()) -> Test
reported test temporary folder = withChanges defaultStreamOptions folder (const (pure DecisionReport)) (test temporary)
