{-# LANGUAGE OverloadedStrings #-}

-- | When watching ends, and what is lost.
module ScopeTest (tests) where

import Control.Concurrent.MVar
import Control.Exception (try)
import Control.Monad (forM_, replicateM, when)
import Data.IORef (atomicModifyIORef', newIORef, readIORef)
import Harness
import RustBridge
import System.Directory
import System.IO.Temp (withSystemTempDirectory)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, testCase)
import Watch

tests :: TestTree
tests =
  testGroup
    "scopes"
    [ watchCase "who leaves is not asked any more" $ \temporary folder -> do
        asked <- liftIO (newIORef [])
        let note change = DecisionReport <$ atomicModifyIORef' asked (\paths -> (changePath change : paths, ()))
        withChanges defaultStreamOptions folder note $ \stream -> do
          make temporary ["1"]
          awaits stream KindCreated "1" OutcomeSeen
        eventually ((== 0) . callbacks <$> rustStats)
        withChanges defaultStreamOptions folder report $ \stream -> do
          make temporary ["2"]
          awaits stream KindCreated "2" OutcomeSeen
        liftIO (readIORef asked >>= assertEqual "asked" ["1"]),
      watchCase "to close the folder ends its streams" $ \_ folder ->
        withChanges defaultStreamOptions folder report $ \stream -> do
          closeRust folder
          nextEvent stream >>= liftIO . assertEqual "the end" Nothing,
      watchCase "a thousand changes at once, where sixteen have room" $ \temporary folder -> do
        before <- eventsDropped <$> rustStats
        (count, lastOne) <- liftIO ((,) <$> newIORef (0 :: Int) <*> newEmptyMVar)
        let decide _ = do
              decided <- atomicModifyIORef' count (\so -> (so + 1, so + 1))
              when (decided == 1000) (putMVar lastOne ())
              pure DecisionReport
        withChanges (StreamOptions 16 DropOldest) folder decide $ \stream -> do
          let names = map (tail . show) [1000 .. 1999 :: Int]
          make temporary names
          liftIO (takeMVar lastOne)
          eventually ((== 984) <$> droppedEvents stream)
          left <- replicateM 16 (nextEvent stream)
          liftIO (assertEqual "those left" (map (Just . bytes) (drop 984 names)) (map (fmap (changePath . reportChange)) left))
        after <- eventsDropped <$> rustStats
        liftIO (assertEqual "counted" 984 (after - before)),
      watchCase "the folder is removed" $ \temporary folder -> do
        isGone folder (removeDirectory (temporary </> "watched"))
        -- And for who comes later.
        isGone folder (pure ()),
      watchCase "the folder is removed, and another is in its place" $ \temporary folder ->
        isGone folder (removeDirectory (temporary </> "watched") >> createDirectory (temporary </> "watched")),
      watchCase "the folder is moved" $ \temporary folder ->
        isGone folder (renameDirectory (temporary </> "watched") (temporary </> "elsewhere")),
      testCase "the folder above is moved" . within . withSystemTempDirectory "watch" $ \temporary -> running $ do
        liftIO (createDirectoryIfMissing True (temporary </> "above" </> "watched"))
        folder <- open (bytes (temporary </> "above" </> "watched")) 0.02 >>= orFail
        liftIO (renameDirectory (temporary </> "above") (temporary </> "elsewhere"))
        failsAsGone . withChanges defaultStreamOptions folder report $ \stream -> do
          -- Nobody is told before something changes in it.
          liftIO (createDirectory (temporary </> "elsewhere" </> "watched" </> "1"))
          awaits stream KindCreated "1" OutcomeSeen
          nextEvent stream,
      testCase "all is alive at the end" . within . withSystemTempDirectory "watch" $ \temporary -> do
        createDirectory (temporary </> "watched")
        begun <- newEmptyMVar
        never <- newEmptyMVar
        (rust, folder, copies, matches) <- running $ do
          folder <- open (bytes (temporary </> "watched")) 0.02 >>= orFail
          copies <- mirror folder (bytes (temporary </> "mirror")) >>= orFail
          matches <- matcher ["*"] >>= orFail
          _ <- asyncRust . withChanges defaultStreamOptions folder (\_ -> putMVar begun () >> takeMVar never) $ nextEvent
          eventually ((== 1) . subscriptions <$> rustStats)
          make temporary ["1"]
          liftIO (takeMVar begun)
          stats <- rustStats
          liftIO (assertEqual "alive" [1, 1, 1, 2] (map ($ stats) [subscriptions, callbacks, closures, objects]))
          rust <- askRust
          pure (rust, folder, copies, matches)
        stats <- runRustT rustStats rust
        assertBool (show stats) (nothingAlive stats)
        -- They were no garbage.
        closeRust folder >> closeRust copies >> closeRust matches
        putMVar never DecisionIgnore
    ]
  where
    report = const (pure DecisionReport)
    make temporary names = liftIO (forM_ names (createDirectory . ((temporary </> "watched") </>)))

-- | Streams fail then.
isGone :: Object Folder -> IO () -> RustT IO ()
isGone folder act =
  failsAsGone . withChanges defaultStreamOptions folder (const (pure DecisionReport)) $ \stream ->
    liftIO act >> nextEvent stream

failsAsGone :: RustT IO (Maybe Report) -> RustT IO ()
failsAsGone action = withRunInIO $ \run -> do
  end <- try (run action)
  assertEqual "the end" (Left (StreamFailed "the folder is gone")) end
