{-# LANGUAGE NumericUnderscores #-}

-- | Measures rs-in-hs and prints what it found.
module Main (main) where

import Bench.Allocation
import Bench.Bound
import Bench.Load (Samples, newSamples)
import Bench.Round
import Bench.Soak
import Bench.Sweep
import Bench.World
import Control.Monad (forM, unless, when)
import Data.Maybe (isNothing)
import Figures
import Markdown
import Options
import Progress
import Render
import System.Directory (doesFileExist, makeAbsolute)
import System.Exit (die, exitFailure)
import System.IO (hPutStrLn, stderr)

main :: IO ()
main = do
  wanted <- parseOptions
  program <- traverse existing (server wanted)
  measured <- withProgress $ \write ->
    withWorld 2 Nothing (measureRounds (roundsOf wanted) (\number -> write ("bounds, round " ++ show number ++ " of " ++ show (roundsOf wanted))))
  putStr (boundsTable measured)
  unless (guard wanted) $ do
    putStr ('\n' : costsTable measured)
    putStr (notes (roundsOf wanted))
    soaked <- withProgress $ \write -> do
      write "soak"
      soak (soakOf wanted) (\done -> write ("soak: " ++ show (done `div` 1000) ++ ",000 calls of " ++ show (soakOf wanted `div` 1000) ++ ",000"))
    putStr (soakTable soaked)
    maybe (pure ()) (publish wanted program measured soaked) (out wanted)
  when (guard wanted && any (fails . snd) (verdicts measured)) exitFailure

-- | A program that is named is there.
existing :: FilePath -> IO FilePath
existing path = do
  there <- doesFileExist path
  unless there (die ("bench: there is no server at " ++ path ++ "; build it with: cargo build --release -p bench-server"))
  makeAbsolute path

-- | Measures what the pictures are of, and writes it all.
publish :: Options -> Maybe FilePath -> Rounds -> Soak -> FilePath -> IO ()
publish wanted program measured soaked folder = do
  when (isNothing program) $ hPutStrLn stderr "bench: no --server, so a process of its own is not among what is compared"
  samples <- newSamples
  (cells, payloads, allocations) <- withProgress $ \write -> do
    cells <- forM (conditionsOf wanted) $ \(count, conditions) ->
      withWorld count program $ \world -> concat <$> mapM (sweep write samples world) conditions
    write "allocations"
    allocations <- withWorld 2 program (measureAllocation 4096)
    payloads <- withWorld 2 program $ \world ->
      forM (payloadsOf wanted) $ \len -> do
        write ("payload of " ++ show len ++ " bytes")
        sweepPayloads (payloadSpan wanted) samples len world
    pure (concat cells, concat payloads, allocations)
  built' <- builtWith
  let figures = Figures built' (short wanted) measured cells payloads allocations soaked
  writeFigures folder figures
  writeMarkdown folder figures
  where
    sweep :: (String -> IO ()) -> Samples -> World -> Condition -> IO [Cell]
    sweep write samples world how = do
      write (show (callers how) ++ " callers, " ++ show (capabilities how) ++ " capabilities" ++ (if busy how then ", busy" else ""))
      sweepCallers (callersSpan wanted how) samples how world

-- | Few seconds in all, so that one disturbance is in a few rounds only.
roundsOf :: Options -> Int
roundsOf wanted
  | guard wanted = 31
  | short wanted = 25
  | otherwise = 61

soakOf :: Options -> Int
soakOf wanted
  | short wanted = 1_000_000
  | otherwise = 10_000_000

-- | By the number of capabilities. Where they are busy a caller has its turn only
-- every some tens of milliseconds, so there are not so many callers.
conditionsOf :: Options -> [(Int, [Condition])]
conditionsOf wanted
  | short wanted = [(2, [Condition 2 count False | count <- [1, 64]])]
  | otherwise =
    [ (count, [Condition count many False | many <- [1, 4, 16, 64, 256, 1024]] ++ [Condition count many True | many <- [1, 64]])
      | count <- [1, 2]
    ]

payloadsOf :: Options -> [Int]
payloadsOf wanted
  | short wanted = filter (<= 1024 * 1024) payloadSizes
  | otherwise = payloadSizes

-- | Fewer rounds where capabilities are busy: what has its turn so rarely takes
-- far longer than it should.
callersSpan :: Options -> Condition -> Span
callersSpan wanted how
  | short wanted = Span 2 30_000_000
  | busy how = Span 3 100_000_000
  | otherwise = Span 5 100_000_000

payloadSpan :: Options -> Span
payloadSpan wanted
  | short wanted = Span 3 10_000_000
  | otherwise = Span 7 50_000_000
