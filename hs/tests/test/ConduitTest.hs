-- | Streams as sources of conduit.
module ConduitTest (tests) where

import qualified Both
import Conduit (await, foldMapMC, mapMC, runConduit, sinkList, sinkNull, takeC, (.|))
import Control.Exception (ErrorCall (..), throwIO, try)
import Data.IORef (modifyIORef, newIORef, readIORef)
import qualified Data.Text as Text
import Harness
import RustBridge
import RustBridge.Conduit (sourceStream)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertEqual)

tests :: TestTree
tests =
  testGroup
    "conduit"
    [ rustCase "all events, in order" $ do
        taken <- Both.withCount few 1 1001 $ \stream -> runConduit (sourceStream stream .| sinkList)
        liftIO (assertEqual "events" [1 .. 1000] taken),
      rustCase "those that nobody took are there for the next" $ do
        (first, later) <- Both.withCount few 1 11 $ \stream -> do
          first <- runConduit (sourceStream stream .| takeC 3 .| sinkList)
          later <- runConduit (sourceStream stream .| sinkList)
          pure (first, later)
        liftIO (assertEqual "events" ([1 .. 3], [4 .. 10]) (first, later)),
      rustCase "a stream without an end stops with its scope" $ do
        first <- Both.withEndless few $ \stream -> runConduit (sourceStream stream .| await)
        liftIO (assertEqual "event" (Just 0) first),
      rustCase "objects" $ do
        titles <- Both.withShelf few 3 $ \stream ->
          runConduit (sourceStream stream .| mapMC (\book -> Both.title book <* closeRust book) .| sinkList)
        liftIO (assertEqual "titles" (map Text.pack ["0", "1", "2"]) titles),
      rustCase "a failure comes after the events before it" $ do
        seen <- liftIO (newIORef [])
        failsWith (StreamFailed (Text.pack "the well is dry")) . Both.withFailing few $ \stream ->
          runConduit (sourceStream stream .| foldMapMC (\event -> liftIO (modifyIORef seen (event :))))
        before <- liftIO (readIORef seen)
        liftIO (assertEqual "events" [1] before),
      rustCase "what the pipeline throws closes the stream" $ do
        thrown <- withRunInIO $ \run ->
          try . run . Both.withEndless few $ \stream ->
            runConduit (sourceStream stream .| foldMapMC (\_ -> liftIO (throwIO (ErrorCall "enough"))))
        liftIO (assertEqual "the exception" (Left (ErrorCall "enough")) (thrown :: Either ErrorCall ())),
      rustCase "not outside of the scope" $ do
        source <- Both.withCount few 1 11 (pure . sourceStream)
        failsWith ReferenceClosed (runConduit (source .| sinkNull))
    ]
  where
    few = StreamOptions 4 WaitForRoom
