-- | The table of @performance.md@.
module Markdown
  ( writeMarkdown,
  )
where

import Bench.Allocation
import Bench.Bound
import Bench.Histogram
import Bench.Quantity
import Bench.Round
import Bench.Soak
import Bench.Statistics
import Bench.Sweep
import Data.List (intercalate, nub)
import Figures
import Render
import System.FilePath ((</>))
import System.IO
import Table

-- | Replaces what is between the markers of @performance.md@ in this folder.
writeMarkdown :: FilePath -> Figures -> IO ()
writeMarkdown folder figures = do
  before' <- readUtf8 path
  case breakAt begin (lines before') of
    Just (before, rest) | Just (_, after) <- breakAt end rest -> write (before ++ [begin] ++ body ++ [end] ++ after)
    _ -> fail (path ++ " has no lines " ++ begin ++ " and " ++ end ++ ", between which the tables go")
  where
    path = folder </> "performance.md"
    begin = "<!-- figures -->"
    end = "<!-- end -->"
    body = [""] ++ intercalate [""] [boundRows figures, callerRows figures, memoryRows figures, [soakLine (ofSoak figures)]] ++ [""]
    breakAt line text = case break (== line) text of
      (before, _ : after) -> Just (before, after)
      _ -> Nothing
    write text = withFile path WriteMode $ \file -> hSetEncoding file utf8 >> hPutStr file (unlines text)

readUtf8 :: FilePath -> IO String
readUtf8 path = withFile path ReadMode $ \file -> do
  hSetEncoding file utf8
  text <- hGetContents file
  length text `seq` pure text

row :: [String] -> String
row cells = "| " ++ intercalate " | " cells ++ " |"

rows :: [String] -> [[String]] -> [String]
rows header body = row header : ("|---|" ++ concatMap (const "--:|") (drop 1 header)) : map row body

boundRows :: Figures -> [String]
boundRows figures =
  rows
    ["", "ns", "compared with", "ratio", "bound", "aim", ""]
    [ [side' (above one), cost (above one), side' (below one), amount (middle is) ++ " ± " ++ amount (within is)]
        ++ [limit one (bound one), amount (aim one), said one verdict]
      | ((one, is), verdict) <- verdicts (ofBounds figures)
    ]
  where
    side' one = title one ++ (if place one == OnOneProcessor then " ¹" else "")
    cost one = maybe "" (thousands . round . middle) (found (ofBounds figures) one)

-- | Medians and tails, of one caller and of many.
callerRows :: Figures -> [String]
callerRows figures =
  rows
    ("µs" : concat [[show count ++ (if count == 1 then " caller: p50" else " callers: p50"), "p99", "p99.9", "requests/s"] | count <- counts])
    [name : concat [concat [cells one | one <- chosen, candidateName one == name, callers (condition one) == count] | count <- counts] | name <- nub (map candidateName chosen)]
  where
    counts = [1, 64 :: Int]
    chosen = [one | one <- ofCallers figures, capabilities (condition one) == 2, not (busy (condition one))]
    cells one = [micros part one | part <- [0.5, 0.99, 0.999]] ++ [thousands (round (middle (rate one)))]
    micros part one = let value = percentile part (seen one) / 1000 in decimal (if value < 10 then 2 else 0) value

memoryRows :: Figures -> [String]
memoryRows figures =
  rows
    ["for a request", "bytes in Haskell", "allocations in Rust", "bytes in Rust"]
    [ [allocatingCandidate one, thousands (round (haskellBytes one)), decimal 1 (rustAllocations one), thousands (round (rustBytes one))]
      | one <- ofMemory figures
    ]

soakLine :: Soak -> String
soakLine soaked =
  thousands (callsOf soaked)
    ++ " calls in "
    ++ decimal 0 (seconds soaked)
    ++ " s, a tenth of them timed out or cancelled: after the first tenth the memory grew by "
    ++ thousands (growthAfter (max 1 (length (residents soaked) `div` 10)) soaked `div` 1024)
    ++ " KiB."
