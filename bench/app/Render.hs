-- | What was found, for people.
module Render
  ( boundsTable,
    costsTable,
    verdicts,
    notes,
    soakTable,
    side,
    amount,
    limit,
    said,
  )
where

import Bench.Bound
import Bench.Memory (Bytes)
import Bench.Quantity
import Bench.Round
import Bench.Soak
import Bench.Statistics
import qualified Data.List.NonEmpty as NonEmpty
import RustBridge (Stats (..))
import Table

-- | The bounds that were measured.
verdicts :: Rounds -> [((Bound, Estimate), Verdict)]
verdicts rounds = [((one, is), judge one is) | one <- bounds, Just is <- [ratio rounds one]]

-- | A line for each bound.
boundsTable :: Rounds -> String
boundsTable rounds = table [ToLeft, ToRight, ToLeft, ToRight, ToRight, ToRight, ToRight, ToLeft] (header : map row (verdicts rounds))
  where
    header = ["operation", "ns, median", "compared with", "ratio", "noise", "bound", "aim", ""]
    row ((one, is), judged) =
      [side (above one), cost rounds (above one), side (below one), amount (middle is), "± " ++ amount (within is)]
        ++ [limit one (bound one), limit one (aim one), said one judged]

-- | A line for everything else that was measured.
costsTable :: Rounds -> String
costsTable rounds = table [ToLeft, ToRight] (["beside them", "ns, median"] : [[side one, cost rounds one] | one <- quantities bounds, not (any (same one . above) bounds)])
  where
    same one other = side one == side other

cost :: Rounds -> Quantity -> String
cost rounds = maybe "" (thousands . round . middle) . found rounds

-- | A bound or an aim, with its sense.
limit :: Bound -> Double -> String
limit one number = (if sense one == AtMost then "≤ " else "≥ ") ++ amount number

-- | What it is called where one place is compared with another.
side :: Quantity -> String
side one = title one ++ (if place one == OnOneProcessor then " *" else "")

-- | A ratio, as exact as it is interesting.
amount :: Double -> String
amount number = decimal (if number < 10 then 2 else 0) number

-- | A verdict in words.
said :: Bound -> Verdict -> String
said _ Reached = "reached"
said _ Holds = "holds"
said one Recorded = "missed; the guard lets " ++ limit one (recorded one) ++ " pass"
said one Broken = "missed, and the guard's " ++ limit one (recorded one) ++ " too"

-- | How to read it.
notes :: Int -> String
notes rounds =
  unlines
    [ "",
      "Of " ++ show rounds ++ " rounds. A ratio is the median of the ratios within a round; the noise is",
      "two standard errors of it. * with all threads on one processor: across two, a",
      "wake-up may have to rouse one that sleeps. Casts include their handling.",
      "Reached is the aim; what holds is the bound.",
      ""
    ]

-- | What the soak has left.
soakTable :: Soak -> String
soakTable found' = table [ToLeft, ToRight, ToRight, ToLeft] (header : ended ++ left)
  where
    calls = callsOf found'
    wanted = expected calls
    -- Of ten million the first one, of one million the first tenth.
    settling = max 1 (length (residents found') `div` 10)
    header = [thousands calls ++ " calls, in " ++ decimal 1 (seconds found') ++ " s", "found", "expected", ""]
    ended =
      [ exact name (field (tally found')) (field wanted)
        | (name, field) <-
            [("answered", answered), ("timed out", timedOut), ("cancelled", cancelled), ("gone astray", astray)]
      ]
    left =
      [ exact "timed out, as the engine counted" (fromIntegral (timeoutsTotal (atEnd found'))) (timedOut wanted),
        ["cancelled under way, as it counted", thousands (fromIntegral (cancellationsTotal (atEnd found'))), "", ""],
        exact "slots left" (fromIntegral (liveSlots (atEnd found'))) 0,
        exact "StablePtrs left" (fromIntegral (stablePtrs (atEnd found'))) 0,
        ["memory after the first tenth, KiB", kibibytes (residents found' NonEmpty.!! (settling - 1)), "", ""],
        ["growth from there, KiB", kibibytes growth, "< " ++ kibibytes growthLimit, verdict (growth < growthLimit)]
      ]
      where
        growth = growthAfter settling found'
    exact name number wanted' = [name, thousands number, thousands wanted', verdict (number == wanted')]

kibibytes :: Bytes -> String
kibibytes = thousands . (`div` 1024)

verdict :: Bool -> String
verdict True = "holds"
verdict False = "does not hold"
