{-# LANGUAGE OverloadedStrings #-}
{-# OPTIONS_GHC -Wno-orphans #-}

-- | Points in time, and how long between them. "RustBridge.Wire" brings these
-- instances with the class.
module RustBridge.Wire.Time () where

import Data.Fixed (Fixed (..))
import Data.Store (Size (..))
import Data.Text (Text)
import Data.Time.Calendar (Day (..))
import Data.Time.Clock
import RustBridge.Wire.Check (notSendable, refuse)
import RustBridge.Wire.Class (Wire (..), wireLength)
import RustBridge.Wire.Integer ()

-- | In both directions the day lies within 'farthest', and the time is at least
-- 0 and less than 86,401 s: a day can end with a leap second.
instance Wire UTCTime where
  wireSize = VarSize $ \(UTCTime day time) ->
    wireLength (toModifiedJulianDay day) + wireLength (diffTimeToPicoseconds time)
  wirePoke sender (UTCTime (ModifiedJulianDay day) time)
    | withinReach day && withinDay picoseconds = wirePoke sender day *> wirePoke sender picoseconds
    | otherwise = notSendable outOfRange
    where
      picoseconds = diffTimeToPicoseconds time
  wirePeek receiver = do
    day <- wirePeek receiver
    picoseconds <- wirePeek receiver
    if withinReach day && withinDay picoseconds
      then pure (UTCTime (ModifiedJulianDay day) (picosecondsToDiffTime picoseconds))
      else refuse (wireLength day + wireLength picoseconds) outOfRange

-- | Of any size and sign.
instance Wire NominalDiffTime where
  wireSize = VarSize (wireLength . toPicoseconds)
  wirePoke sender = wirePoke sender . toPicoseconds
  wirePeek receiver = secondsToNominalDiffTime . MkFixed <$> wirePeek receiver

toPicoseconds :: NominalDiffTime -> Integer
toPicoseconds time = let MkFixed picoseconds = nominalDiffTimeToSeconds time in picoseconds

withinReach, withinDay :: Integer -> Bool
withinReach day = abs day <= farthest
withinDay picoseconds = picoseconds >= 0 && picoseconds < 86401 * 10 ^ (12 :: Int)

-- | In days before and after 1858-11-17, some 270 billion years: as far as
-- Rust's 64-bit seconds reach. Printing a day that is a million digits long
-- would take for ever.
farthest :: Integer
farthest = 10 ^ (14 :: Int)

outOfRange :: Text
outOfRange = "a UTCTime is within 10^14 days of 1858-11-17, and less than 86401 s into its day"
