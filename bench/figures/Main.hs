-- | Measures rs-in-hs and prints what it found.
module Main (main) where

import Bench.Figure
import Bench.Round
import Bench.Soak
import Control.Concurrent (runInUnboundThread)
import Control.Monad (forM)
import qualified Data.List.NonEmpty as NonEmpty
import Progress
import RustBridge (Stats (..), defaultConfig, liftIO, withRust)
import Table

main :: IO ()
main = runInUnboundThread $ do
  found <- withProgress $ \write ->
    withRust defaultConfig . forM [1 .. rounds] $ \number -> do
      liftIO (write ("round " ++ show number ++ " of " ++ show rounds))
      measureRound
  putStr (costs (figures found))
  putStr notes
  soaked <- withProgress $ \write -> do
    write "a million calls: the first tenth"
    soak (\done -> write ("a million calls: " ++ show done ++ " tenths done"))
  putStr (remains soaked)

-- | Some seconds in all, so that one disturbance is in a few rounds only.
rounds :: Int
rounds = 45

costs :: [Figure] -> String
costs found = table [ToLeft, ToRight, ToRight, ToLeft, ToRight, ToRight, ToRight, ToLeft] (header : map row found)
  where
    header = ["operation", "ns, median", "at best", "compared with", "ratio", "at best", "expected", ""]
    row figure =
      [operation figure, whole (nanoseconds figure), whole (atBest figure)]
        ++ maybe ["", "", "", "", ""] columns (comparison figure)
    columns compared =
      [base compared, decimal 2 (ratio compared), decimal 2 (ratioAtBest compared), "< " ++ decimal 0 (limit compared), verdict (holds compared)]
    whole = thousands . round

notes :: String
notes =
  unlines
    [ "",
      "Of " ++ show rounds ++ " rounds. A ratio is the median of the ratios within a round, and is what the",
      "expectation is about; at best is the ratio of the fastest rounds.",
      "Two hops and the call of one caller have all threads on one processor. Across two,",
      "each wake-up may have to rouse a processor that sleeps: so on any processor.",
      "Casts include their handling: thousands of them through a queue of hundreds,",
      "and at the end a call that is handled after them all.",
      ""
    ]

remains :: Soak -> String
remains found = table [ToLeft, ToRight, ToRight, ToLeft] (header : ended ++ left)
  where
    header = ["a million calls, in " ++ decimal 1 (seconds found) ++ " s", "found", "expected", ""]
    ended =
      [ exact name (field (tally found)) (field expected)
        | (name, field) <-
            [("answered", answered), ("timed out", timedOut), ("cancelled", cancelled), ("gone astray", astray)]
      ]
    left =
      [ exact "timed out, as the engine counted" (fromIntegral (timeoutsTotal (atEnd found))) (timedOut expected),
        ["cancelled under way, as it counted", thousands (fromIntegral (cancellationsTotal (atEnd found))), "", ""],
        exact "slots left" (fromIntegral (liveSlots (atEnd found))) 0,
        exact "StablePtrs left" (fromIntegral (stablePtrs (atEnd found))) 0,
        ["memory after the first tenth, KiB", kibibytes (NonEmpty.head (residents found)), "", ""],
        ["growth from there, KiB", kibibytes (growth found), "< " ++ kibibytes growthLimit, verdict (growth found < growthLimit)]
      ]
    exact name number wanted = [name, thousands number, thousands wanted, verdict (number == wanted)]
    kibibytes = thousands . (`div` 1024)

verdict :: Bool -> String
verdict True = "holds"
verdict False = "does not hold"
