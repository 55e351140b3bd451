{-# LANGUAGE OverloadedStrings #-}

-- | What the tests share.
module Harness
  ( Test,
    watchCase,
    running,
    within,
    orFail,
    bytes,
    expect,
    awaits,
    eventually,
    nothingAlive,
    (</>),
  )
where

import Control.Concurrent (yield)
import Control.Monad (unless)
import Data.ByteString (ByteString)
import Data.Text (pack)
import Data.Text.Encoding (encodeUtf8)
import RustBridge
import System.Directory (createDirectory)
import System.FilePath ((</>))
import System.IO.Temp (withSystemTempDirectory)
import System.Mem (performMajorGC)
import System.Timeout (timeout)
import Test.Tasty (TestName, TestTree)
import Test.Tasty.HUnit (Assertion, assertEqual, assertFailure, testCase)
import Watch

-- | A folder with nothing in it but one, "watched", which is.
type Test = FilePath -> Object Folder -> RustT IO ()

-- | A test in a runtime of its own. Nothing may be left when the folder is closed.
watchCase :: TestName -> Test -> TestTree
watchCase name test = testCase name . within . withSystemTempDirectory "watch" $ \temporary -> do
  createDirectory (temporary </> "watched")
  running $ do
    folder <- open (bytes (temporary </> "watched")) 0.02 >>= orFail
    test temporary folder
    closeRust folder
    eventually (liftIO performMajorGC >> nothingAlive <$> rustStats)

-- | With the engine.
running :: RustT IO a -> IO a
running = withRust defaultConfig {services = [watchService]}

-- | Bounds a test: what hangs is a failure.
within :: IO a -> IO a
within action = timeout (60 * 1000 * 1000) action >>= maybe (assertFailure "it hangs") pure

-- | That there is no failure.
orFail :: (MonadIO m, Show e) => Either e a -> m a
orFail = either (liftIO . assertFailure . show) pure

-- | A name, in UTF-8.
bytes :: FilePath -> ByteString
bytes = encodeUtf8 . pack

-- | The next report is of this. A file that is made and then written may have been
-- modified as well, if that took long.
expect :: Stream Report -> Kind -> ByteString -> RustT IO Outcome
expect stream kind path = do
  next <- nextEvent stream
  case next of
    Just (Report (Change _ kind' path') outcome)
      | (kind', path') == (kind, path) -> pure outcome
      | kind' == KindModified -> expect stream kind path
    other -> liftIO (assertFailure ("instead of " <> show (kind, path) <> ": " <> show other))

-- | The next report is of this, and of what has become of it.
awaits :: Stream Report -> Kind -> ByteString -> Outcome -> RustT IO ()
awaits stream kind path outcome = expect stream kind path >>= liftIO . check
  where
    check :: Outcome -> Assertion
    check = assertEqual (show (kind, path)) outcome

-- | Asks again until it is so; bounded by 'within'.
eventually :: MonadIO m => m Bool -> m ()
eventually reached = do
  yes <- reached
  unless yes (liftIO yield >> eventually reached)

-- | Of all that is counted.
nothingAlive :: Stats -> Bool
nothingAlive stats = all ((== 0) . ($ stats)) [subscriptions, callbacks, closures, objects]
