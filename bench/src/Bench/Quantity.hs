{-# LANGUAGE NumericUnderscores #-}

-- | What bounds compare: one number of nanoseconds for each round.
module Bench.Quantity
  ( Quantity (..),
    Where (..),
    sequential,
    concurrent,
    roundTrips,
    hops,
    safeNoop,
    twoCopies,
    callersAtOnce,
  )
where

import Bench.Candidate
import Bench.Floor
import Bench.Load
import Bench.World
import qualified Data.ByteString as ByteString

-- | Nanoseconds per request, as measured once, shortly.
data Quantity = Quantity
  { title :: String,
    place :: Where,
    -- | Nothing where this world does not have the candidate.
    measureIn :: World -> Maybe (IO Double)
  }

-- | Where the threads are while it is measured. What a wake-up costs changes
-- tenfold with that; see docs/decisions/0008-wake-ups-in-one-place.md.
data Where = OnOneProcessor | Anywhere
  deriving (Eq, Show)

-- | One caller, that does it so many times.
sequential :: Where -> String -> Int -> Quantity
sequential place' called count =
  Quantity (called ++ ", one caller") place' (fmap (perRequest 1 count) . named called)

-- | As many callers at once as 'callersAtOnce' says, that do it so many times
-- each.
concurrent :: String -> Int -> Quantity
concurrent called each =
  Quantity (called ++ ", " ++ show callersAtOnce ++ " callers") Anywhere (fmap (perRequest callersAtOnce each) . named called)

-- | How many callers 'concurrent' has.
callersAtOnce :: Int
callersAtOnce = 64

-- | A mebibyte there and back, so many times.
roundTrips :: String -> Int -> Quantity
roundTrips called count = Quantity (called ++ ", 1 MiB there and back") Anywhere $ \world -> do
  way <- named called world
  pure (perRequestOf (maybe (pure ()) ($ ByteString.replicate mebibyte 7) . echoBytes) 1 count way)

-- | Two flume hops.
hops :: Where -> Quantity
hops place' = Quantity "two flume hops, within Rust" place' (\world -> Just (twoHops (floors world) 300))

-- | A @safe@ import that does nothing.
safeNoop :: Quantity
safeNoop = Quantity "safe import that does nothing" Anywhere $ \world ->
  Just (nanoseconds 100_000 (safeNoops (floors world) 100_000))

-- | A mebibyte copied twice.
twoCopies :: Quantity
twoCopies = Quantity "two copies of 1 MiB, within Rust" Anywhere (\world -> Just ((2 *) <$> copies (floors world) mebibyte 40))

mebibyte :: Int
mebibyte = 1024 * 1024
