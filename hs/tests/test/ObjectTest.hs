{-# LANGUAGE OverloadedStrings #-}

-- | Objects of Rust's that Haskell holds.
module ObjectTest (tests) where

import qualified Both
import Control.Monad (replicateM)
import Harness
import RustBridge
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, assertFailure)

tests :: TestTree
tests =
  testGroup
    "objects"
    [ rustCase "there and back" $ do
        book <- Both.book "Emma"
        title <- Both.title book
        liftIO (assertEqual "its title" "Emma" title)
        Both.read book
        again <- Both.again book
        reads' <- Both.reads again
        liftIO (assertEqual "the same book" 1 reads')
        closeRust book
        failsWith ReferenceClosed (Both.title book)
        still <- Both.title again
        liftIO (assertEqual "another reference" "Emma" still)
        closeRust again,
      rustCase "in other data" $ do
        titled <- Both.titled "Persuasion"
        case titled of
          Right book -> do
            title <- Both.title book
            liftIO (assertEqual "its title" "Persuasion" title)
            closeRust book
          Left failure -> liftIO (assertFailure (show failure))
        none <- Both.titled ""
        liftIO (assertBool "there is none" (either (const True) (const False) none)),
      rustCase "a function" $ do
        answer <- Both.ask (pure . (+ 1)) 41
        liftIO (assertEqual "its result" (Right 42) answer)
        add <- Both.adder 2
        five <- applyRust add 3
        liftIO (assertEqual "applied" 5 five)
        closeRust add
        counted <- Both.withCount defaultStreamOptions 1 4 $ \stream -> replicateM 4 (nextEvent stream)
        liftIO (assertEqual "events" [Just 1, Just 2, Just 3, Nothing] counted)
    ]
