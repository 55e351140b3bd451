-- | The engine, through its generated module, with files of a temporary folder;
-- and the program from the outside.
module Main (main) where

import qualified ChangeTest
import qualified DecisionTest
import qualified ProgramTest
import qualified ScopeTest
import System.Environment (getArgs, withArgs)
import Test.Tasty (defaultMain, testGroup)

-- | One after the other: there is one runtime in a process.
main :: IO ()
main = do
  arguments <- getArgs
  withArgs ("--num-threads=1" : arguments) . defaultMain $
    testGroup "watch" [ChangeTest.tests, DecisionTest.tests, ScopeTest.tests, ProgramTest.tests]
