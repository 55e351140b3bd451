{-# LANGUAGE OverloadedStrings #-}

-- | Answers that are read where Rust has them.
module LargeTest (tests) where

import Control.Exception (evaluate)
import Control.Monad (forM_, void)
import qualified Data.ByteString as ByteString
import qualified Data.Text as Text
import qualified Data.Vector.Storable as Vector
import Faulty.Requests
import Harness
import RustBridge
import System.Mem (performMajorGC)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual)

tests :: TestTree
tests =
  testGroup
    "large answers"
    [ onEach
        [Queued, Direct, Batch]
        [ rustCase "bytes of all sizes about the threshold" $
            forM_ [16383, 16384, 16385, 1000000] $ \size -> do
              let bytes = ByteString.replicate size 7
              big <- callRust (Big (fromIntegral size))
              liftIO (assertEqual "the bytes" bytes big)
              maybeBig <- callRust (MaybeBig (fromIntegral size))
              liftIO (assertEqual "the same, within a Maybe" (Just bytes) maybeBig)
              labelled <- callRust (Labelled bytes)
              liftIO (assertEqual "the same, beside a number" (fromIntegral size, bytes) labelled)
              freed,
          rustCase "no bytes" $ do
            none <- callRust (MaybeBig 0)
            liftIO (assertEqual "nothing" Nothing none),
          rustCase "texts, of success and failure" $ do
            let text = Text.replicate 20000 "\233\8364"
            back <- callRust (TextBack text)
            liftIO (assertEqual "the text" (Right text) back)
            reproach <- callRust (TextBack "")
            liftIO (assertEqual "the reproach" (Left (Text.replicate 10000 "it is empty")) reproach),
          rustCase "numbers, as a vector and as a list" $ do
            vector <- callRust (NumbersUpTo 100000)
            liftIO (assertEqual "the vector" (Vector.generate 100000 fromIntegral) vector)
            list <- callRust (NumbersAsList 100000)
            liftIO (assertEqual "the list" (map fromIntegral [0 .. 99999 :: Int]) list)
            liftIO (void (evaluate (Vector.sum vector)))
            freed
        ],
      rustCase "what is kept is counted, and stays after the runtime has ended" $ do
        big <- callRust (Big 1000000)
        stats <- rustStats
        liftIO (assertEqual "bytes and slots" (1000000, 1) (lentBytes stats, liveSlots stats))
        half <- liftIO (evaluate (ByteString.take 10 big))
        liftIO performMajorGC
        still <- rustStats
        liftIO (assertEqual "a part keeps all" 1000000 (lentBytes still))
        liftIO (assertEqual "the part" (ByteString.replicate 10 7) half)
        freed,
      rustCase "garbage is collected in time" $ do
        -- 4 GiB in all, of which the collector sees some kilobytes.
        most <- highest 0 (4000 :: Int)
        liftIO (assertBool ("bytes lent at once: " ++ show most) (most < 512 * 1024 * 1024))
        freed
    ]
  where
    highest most 0 = pure most
    highest most left = do
      big <- callRust (Big 1048576)
      liftIO (assertEqual "its length" 1048576 (ByteString.length big))
      stats <- rustStats
      highest (max most (lentBytes stats)) (left - 1)

-- | Everything was given back when it was garbage.
freed :: Test
freed = eventually $ do
  liftIO performMajorGC
  (== 0) . lentBytes <$> rustStats
