{-# LANGUAGE OverloadedStrings #-}

-- | What the search did, in numbers.
module Totals
  ( Totals (..),
    summary,
    percentile,
  )
where

import Data.ByteString.Builder (Builder, stringUtf8)
import Data.List (sort)
import Data.Word (Word64)
import Numeric (showFFloat)

-- | The numbers.
data Totals = Totals
  { -- | Files that were searched.
    files :: Int,
    -- | Files that were to be, and could not.
    leftOut :: Int,
    -- | Bytes in those that were.
    bytes :: Word64,
    -- | Lines in them.
    textLines :: Word64,
    -- | Lines that matched.
    hits :: Int,
    -- | Calls of the runtime.
    calls :: Word64,
    -- | Casts.
    casts :: Word64,
    -- | How long it took to add the files, in nanoseconds.
    addingTook :: Word64,
    -- | How long each call took that adds a file, in nanoseconds.
    addLatencies :: [Word64]
  }

-- | Three lines for people.
summary :: Totals -> Builder
summary totals =
  line
    [ count (files totals) "files",
      count (leftOut totals) "left out",
      count (bytes totals) "bytes",
      count (textLines totals) "lines",
      count (hits totals) "hits"
    ]
    <> line [count (calls totals) "calls", count (casts totals) "casts"]
    <> line
      [ "adding took " <> seconds (addingTook totals),
        stringUtf8 (perSecond (length (addLatencies totals)) (addingTook totals)) <> " calls per second",
        "latency of a call: p50 " <> latency 50 <> ", p99 " <> latency 99
      ]
  where
    line (first : rest) = first <> foldMap (", " <>) rest <> "\n"
    line [] = "\n"
    count number name = stringUtf8 (show number) <> " " <> name
    seconds nanos = fixed 3 (fromIntegral nanos / 1e9) <> " s"
    latency rank = maybe "-" (\nanos -> fixed 3 (fromIntegral nanos / 1e6) <> " ms") (percentile rank (addLatencies totals))

perSecond :: Int -> Word64 -> String
perSecond number nanos = show (round (fromIntegral number * 1e9 / fromIntegral (max 1 nanos) :: Double) :: Int)

fixed :: Int -> Double -> Builder
fixed digits number = stringUtf8 (showFFloat (Just digits) number "")

-- | The least of the values that so many percent of them, 1 to 100, are not
-- above; none of no values.
percentile :: Ord a => Int -> [a] -> Maybe a
percentile _ [] = Nothing
percentile percent values = Just (sort values !! (rank - 1))
  where
    -- Rounded up, so that it is at least 1.
    rank = (percent * length values + 99) `div` 100
