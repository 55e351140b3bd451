-- | Numbers and tables for people.
module Table
  ( Align (..),
    table,
    thousands,
    decimal,
  )
where

import Data.List (dropWhileEnd, intercalate, transpose)
import Numeric (showFFloat)

-- | Where a column's text stands.
data Align = ToLeft | ToRight

-- | Rows of cells as lines of text, each column as wide as its widest cell.
table :: [Align] -> [[String]] -> String
table aligns rows = unlines [dropWhileEnd (== ' ') (intercalate "  " (zipWith3 cell aligns widths row)) | row <- rows]
  where
    widths = map (maximum . map length) (transpose rows)
    cell ToLeft width text = text ++ padding width text
    cell ToRight width text = padding width text ++ text
    padding width text = replicate (width - length text) ' '

-- | A whole number with commas between thousands.
thousands :: Int -> String
thousands number
  | number < 0 = '-' : thousands (negate number)
  | otherwise = reverse (intercalate "," (groups (reverse (show number))))
  where
    groups digits = case splitAt 3 digits of
      (few, "") -> [few]
      (three, more) -> three : groups more

-- | With so many digits after the point.
decimal :: Int -> Double -> String
decimal digits number = showFFloat (Just digits) number ""
