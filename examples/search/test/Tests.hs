-- | The program from the outside: the built executable, run on files made for
-- it and on the sources of this repository.
module Main (main) where

import Files (filesTests)
import GHC.IO.Encoding (mkTextEncoding, setFileSystemEncoding, setForeignEncoding)
import Grep (grepTests)
import Interrupt (interruptTests)
import Limit (limitTests)
import Rank (rankTests)
import Terminal (terminalTests)
import Test.Tasty (defaultMain, testGroup)

main :: IO ()
main = do
  -- Arguments and names are UTF-8, or bytes that are not, in any locale. The
  -- package process takes its encoding of arguments from the one or the other.
  utf8OrBytes <- mkTextEncoding "UTF-8//ROUNDTRIP"
  setFileSystemEncoding utf8OrBytes
  setForeignEncoding utf8OrBytes
  defaultMain $
    testGroup "search" [grepTests, filesTests, limitTests, interruptTests, terminalTests, rankTests]
