-- | What goes wrong, through GHC and the linked library.
module Main (main) where

import qualified BatchTest
import qualified CallTest
import qualified CallbackTest
import qualified CancelTest
import qualified CastTest
import qualified ClosureTest
import qualified ConduitTest
import qualified CornerTest
import qualified DirectTest
import qualified FailureTest
import Harness (Path (..), onEach)
import qualified LargeTest
import qualified LifeTest
import qualified ObjectTest
import qualified OwnershipTest
import qualified ProgramTest
import qualified StreamTest
import System.Environment (getArgs, withArgs)
import Test.Tasty (defaultMain, testGroup)
import qualified TrampolineTest
import qualified TypeTest

-- | One after the other: there is one runtime in a process.
main :: IO ()
main = do
  arguments <- getArgs
  withArgs ("--num-threads=1" : arguments) . defaultMain $
    testGroup
      "faults"
      [ onEach [Queued, Direct, Batch] [CallTest.tests, FailureTest.tests, ObjectTest.tests, ClosureTest.tests, CallbackTest.tests],
        onEach [Queued, Batch] [CastTest.tests, CancelTest.tests, LifeTest.tests],
        ConduitTest.tests,
        StreamTest.tests,
        OwnershipTest.tests,
        DirectTest.tests,
        BatchTest.tests,
        LargeTest.tests,
        TypeTest.tests,
        TrampolineTest.tests,
        ProgramTest.tests,
        CornerTest.tests
      ]
