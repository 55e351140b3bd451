{-# LANGUAGE DerivingStrategies #-}
{-# LANGUAGE GeneralizedNewtypeDeriving #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE TypeFamilies #-}

-- | Functions of Rust's that Haskell calls.
module ClosureTest (tests) where

import qualified Both
import Control.Concurrent.Async (cancel, replicateConcurrently, replicateConcurrently_, wait, withAsync)
import Control.Concurrent.Chan (newChan, readChan, writeChan)
import Control.Exception (try)
import Control.Monad (forM_, replicateM, replicateM_)
import Data.Int (Int64)
import Faulty.Gate
import Harness
import RustBridge
import System.Mem (performMajorGC)
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit (assertBool, assertEqual, assertFailure, testCase)

tests :: TestTree
tests =
  testGroup
    "closures"
    [ rustCase "applied" $ do
        add <- Both.adder 2
        forM_ [-5 .. 5] $ \number -> applyRust add number `gives` (number + 2)
        liftIO (assertBool "it is itself" (add == add && show add /= "")),
      rustCase "many" $ do
        adds <- Both.adders 100
        mapM (`applyRust` 1) adds `gives` [1 .. 100],
      rustCase "that give an object, and take some" $ do
        printer <- Both.printer
        books <- mapM (applyRust printer) ["Emma", "Persuasion"]
        mapM Both.title books `gives` ["Emma", "Persuasion"]
        choose <- Both.chooser
        chosen <- applyRust choose books
        maybe (liftIO (assertFailure "there is none")) (\book -> Both.title book `gives` "Persuasion") chosen
        none <- applyRust choose []
        liftIO (assertEqual "of none" Nothing none)
        mapM_ closeRust books
        failsWith ReferenceClosed (applyRust choose books),
      rustCase "in a batch, each by itself" $ do
        adds <- Both.adders 100
        closeRust (adds !! 49)
        summed <- callRustMany [Apply add 1 | add <- adds]
        liftIO (assertEqual "the sums" [if number == 50 then Left ReferenceClosed else Right number | number <- [1 .. 100]] summed),
      rustCase "closed" $ do
        add <- Both.adder 2
        other <- Both.adder 3
        closeRust add
        closeRust add
        failsWith ReferenceClosed (applyRust add 1)
        failsWith ReferenceClosed (callRustTimeout 1000000 (Apply add 1))
        failsWith ReferenceClosed (callRustDirect (Apply add 1))
        awaitStats ((== 1) . closures)
        applyRust other 1 `gives` 4,
      rustCase "that panic" $ do
        panicking <- Both.panicking
        before <- rustStats
        replicateM_ 10 (failsAs isPanic (applyRust panicking ()))
        after <- rustStats
        liftIO (assertEqual "panics counted" 10 (panicsTotal after - panicsTotal before)),
      gateCase "that are too slow" defaultConfig $ do
        waiting <- Both.waiting
        -- Long enough to begin, on a busy machine too.
        callRustTimeout 300000 (Apply waiting ()) `gives` Nothing
        liftIO (awaitCancelled 1),
      notOn [Direct] . gateCase "whose caller goes" defaultConfig $ do
        waiting <- Both.waiting
        caller <- asyncRust (applyRust waiting ())
        liftIO (awaitInside 1 >> cancel caller >> awaitCancelled 1),
      gateCase "that run twice at once" defaultConfig {workers = 2} $ do
        waiting <- Both.waiting
        withAsyncRust (applyRust waiting ()) $ \one ->
          withAsyncRust (applyRust waiting ()) $ \two ->
            liftIO (awaitInside 2 >> openGate >> waitFor False one >> waitFor False two),
      gateCase "closed while they run: the call ends well" defaultConfig $ do
        waiting <- Both.waiting
        withAsyncRust (applyRust waiting ()) $ \running -> do
          liftIO (awaitInside 1)
          closeRust waiting
          stats <- rustStats
          liftIO (assertEqual "it is there" 1 (closures stats))
          liftIO (openGate >> waitFor False running)
        awaitStats ((== 0) . closures),
      rustCaseWith "64 call one while it is closed" defaultConfig {workers = 2} . replicateM_ 20 $ do
        add <- Both.adder 2
        failures <- withRunInIO $ \run -> do
          began <- newChan
          let use = do
                result <- try (run (applyRust add 1))
                either (\failure -> pure [failure | failure /= ReferenceClosed]) next result
              next result = do
                assertEqual "the sum" 3 result
                writeChan began ()
                use
          withAsync (replicateConcurrently 64 use) $ \users -> do
            replicateM_ 100 (readChan began)
            run (closeRust add)
            wait users
        liftIO (assertEqual "no other failure" [] (concat failures)),
      rustCase "freed once each" $ do
        before <- Both.freed
        ones <- replicateM 100 Both.counted
        forM_ (take 50 ones) $ \one ->
          withRunInIO $ \run -> replicateConcurrently_ 4 (run (closeRust one))
        awaitStats ((== 50) . closures)
        applyRust (last ones) () `gives` (before + 50)
        -- The others are garbage.
        eventually (liftIO performMajorGC >> (== 0) . closures <$> rustStats)
        Both.freed `gives` (before + 100),
      testCase "freed by the end of withRust, and called after it" . within $ do
        (before, one, env) <- withRust defaultConfig ((,,) <$> Both.freed <*> Both.counted <*> askRust)
        failsWith NotRunning (runRustT (applyRust one ()) env)
        withRust defaultConfig $ do
          Both.freed `gives` (before + 1)
          failsWith ReferenceClosed (applyRust one ())
          closeRust one
          settled,
      testCase "that run when withRust ends" . within . withGate $ do
        caller <- withRust defaultConfig $ do
          waiting <- Both.waiting
          caller <- asyncRust (applyRust waiting ())
          caller <$ liftIO (awaitInside 1)
        waitFor True caller
        withRust defaultConfig settled,
      rustCase "that are none" $ do
        add <- Both.adder 1
        failsAs isNotDecodable (callRust (NoArgument add))
        book <- Both.book "Emma"
        failsAs isNotDecodable (callRust (NoArgument book))
    ]
  where
    isPanic (RustPanic "rs-in-hs.apply" _ "in a closure") = pure ()
    isPanic other = assertFailure (show other)
    isNotDecodable (NotDecodable Request "rs-in-hs.apply" _) = pure ()
    isNotDecodable other = assertFailure (show other)

-- | The request to call something with nothing at all.
newtype NoArgument a = NoArgument a
  deriving newtype (Wire)

instance Wire a => Call (NoArgument a) where
  type Response (NoArgument a) = Int64
  callMethod _ = carrying "rs-in-hs.apply"
