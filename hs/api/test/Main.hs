-- | The bytes of messages: what Haskell writes, what it refuses to read, and
-- what hostile bytes cannot do.
module Main (main) where

import qualified Damage
import qualified Golden
import qualified Hostile
import qualified Memory
import qualified References
import qualified Refusal
import qualified RoundTrip
import qualified Sums
import Test.Tasty (defaultMain, localOption, mkTimeout, testGroup)

-- | Each test has a minute, which is far more than one needs: what takes longer
-- hangs.
main :: IO ()
main =
  defaultMain . localOption (mkTimeout 60000000) $
    testGroup
      "wire"
      [ RoundTrip.tests,
        Damage.tests,
        Hostile.tests,
        Refusal.tests,
        References.tests,
        Sums.tests,
        Memory.tests,
        Golden.tests
      ]
