-- | What goes wrong, through GHC and the linked library.
module Main (main) where

import qualified CallTest
import qualified CancelTest
import qualified CastTest
import qualified FailureTest
import qualified LifeTest
import qualified ProgramTest
import System.Environment (getArgs, withArgs)
import Test.Tasty (defaultMain, testGroup)
import qualified TypeTest

-- | One after the other: there is one runtime in a process.
main :: IO ()
main = do
  arguments <- getArgs
  withArgs ("--num-threads=1" : arguments) . defaultMain $
    testGroup
      "faults"
      [ CallTest.tests,
        CastTest.tests,
        FailureTest.tests,
        CancelTest.tests,
        LifeTest.tests,
        TypeTest.tests,
        ProgramTest.tests
      ]
