{-# LANGUAGE NumericUnderscores #-}
module Main (main) where
import Bench.Noop (noop)
import Bench.Request
import Control.Concurrent
import Control.Concurrent.Async (replicateConcurrently_)
import Control.Monad
import GHC.Clock (getMonotonicTimeNSec)
import RustBridge
import System.Environment
import System.Mem

main :: IO ()
main = runInUnboundThread $ do
  [mode, n', count', spin'] <- getArgs
  let n = read n' :: Int
      count = read count' :: Int
      spin = read spin' :: Int
      record = Echo 1 2.5 True
  withRust defaultConfig {queueCapacity = 2048, spinLimit = spin} $ withRunInIO $ \run -> do
    when (mode == "pin") $ run (callRust (Pin True))
    let go = case mode of
          "direct" -> replicateM_ count (run (callRustDirect record))
          "many" -> replicateM_ (count `div` 1000) (run (callRustMany (replicate 1000 record)))
          "casts" -> replicateM_ (count `div` 1000) (run (castRustMany (replicate 1000 (Tick 1)))) >> void (run (callRust Ticks))
          "noop" -> replicateM_ count noop
          "timeout" -> replicateM_ count (run (callRustTimeout 1000000 record))
          "cast" -> replicateM_ count (run (castRust (Tick 1))) >> void (run (callRust Ticks))
          _ -> replicateM_ count (run (callRust record))
    forM_ [1 .. 3 :: Int] $ \_ -> do
      performMajorGC
      a <- getAllocationCounter
      t0 <- getMonotonicTimeNSec
      if n == 1 then go else replicateConcurrently_ n go
      t1 <- getMonotonicTimeNSec
      b <- getAllocationCounter
      print (fromIntegral (t1 - t0) / fromIntegral (n * count) :: Double, (a - b) `div` fromIntegral count)
