{-# LANGUAGE ExistentialQuantification #-}
{-# LANGUAGE OverloadedStrings #-}

-- | What is in @golden.txt@. A comment says what a group is in Rust where it is
-- not obvious; the types of our own are in "Types".
module Samples
  ( Sample (..),
    samples,
  )
where

import Data.Bifunctor (first)
import Data.ByteString (ByteString)
import Data.Fixed (Fixed (..))
import Data.Int (Int16, Int32, Int64, Int8)
import Data.List.NonEmpty (NonEmpty (..))
import qualified Data.Map.Strict as Map
import qualified Data.Set as Set
import Data.Store (Store, encode)
import Data.Text (Text)
import Data.Time.Calendar (fromGregorian)
import Data.Time.Clock (NominalDiffTime, UTCTime (..), picosecondsToDiffTime, secondsToNominalDiffTime)
import Data.Vector.Storable (Vector)
import qualified Data.Vector.Storable as Vector
import Data.WideWord (Int128, Word128)
import Data.Word (Word16, Word32, Word64, Word8)
import Numeric.Natural (Natural)
import RustBridge.Wire (Wire)
import Stored
import Types

-- | A label, a value, and the bytes that @store@ writes of it.
data Sample = forall a. (Eq a, Show a, Wire a) => Sample String a ByteString

samples :: [Sample]
samples = concat [numbers, floats, texts, standard, tuples, collections, integers, times, own]

plain :: (Eq a, Show a, Wire a, Store a) => String -> a -> Sample
plain label value = Sample label value (encode value)

-- | Of which @store@ is given something else.
like :: (Eq a, Show a, Wire a, Store b) => (a -> b) -> String -> a -> Sample
like stored label value = Sample label value (encode (stored value))

numbers :: [Sample]
numbers =
  [ plain "u8/0" (0 :: Word8),
    plain "u8/max" (maxBound :: Word8),
    plain "u16/0" (0 :: Word16),
    plain "u16/max" (maxBound :: Word16),
    plain "u32/0" (0 :: Word32),
    plain "u32/max" (maxBound :: Word32),
    plain "u64/0" (0 :: Word64),
    -- 0x0102030405060708
    plain "u64/order" (0x0102030405060708 :: Word64),
    plain "u64/max" (maxBound :: Word64),
    plain "i8/min" (minBound :: Int8),
    plain "i8/-1" (-1 :: Int8),
    plain "i8/max" (maxBound :: Int8),
    plain "i16/min" (minBound :: Int16),
    plain "i16/-1" (-1 :: Int16),
    plain "i16/max" (maxBound :: Int16),
    plain "i32/min" (minBound :: Int32),
    plain "i32/-1" (-1 :: Int32),
    plain "i32/max" (maxBound :: Int32),
    plain "i64/min" (minBound :: Int64),
    plain "i64/-1" (-1 :: Int64),
    plain "i64/max" (maxBound :: Int64),
    -- usize and isize, of 64 bits
    plain "usize/max" (maxBound :: Word),
    plain "isize/min" (minBound :: Int),
    like storedWord128 "u128/0" (0 :: Word128),
    -- 0x0102030405060708090a0b0c0d0e0f10
    like storedWord128 "u128/order" (0x0102030405060708090a0b0c0d0e0f10 :: Word128),
    like storedWord128 "u128/max" (maxBound :: Word128),
    like storedInt128 "i128/min" (minBound :: Int128),
    like storedInt128 "i128/-1" (-1 :: Int128),
    like storedInt128 "i128/0" (0 :: Int128),
    like storedInt128 "i128/max" (maxBound :: Int128)
  ]

-- | The smallest is the least above 0: @f32::from_bits(1)@, @f64::from_bits(1)@.
floats :: [Sample]
floats =
  [ plain "f32/0" (0 :: Float),
    plain "f32/-1.5" (-1.5 :: Float),
    plain "f32/inf" (1 / 0 :: Float),
    plain "f32/smallest" (encodeFloat 1 (-149) :: Float),
    plain "f64/0" (0 :: Double),
    plain "f64/-1.5" (-1.5 :: Double),
    plain "f64/inf" (1 / 0 :: Double),
    plain "f64/smallest" (encodeFloat 1 (-1074) :: Double)
  ]

texts :: [Sample]
texts =
  [ plain "char/A" 'A',
    -- U+FC
    plain "char/umlaut" '\xfc',
    -- U+D7FF and U+E000
    plain "char/before-surrogates" '\xd7ff',
    plain "char/after-surrogates" '\xe000',
    -- char::MAX
    plain "char/max" (maxBound :: Char),
    -- String
    text "text/empty" "",
    -- "a\0b"
    text "text/nul" "a\0b",
    -- "ümläut😀", in which ü is U+FC and ä is U+E4
    text "text/mixed" "\xfcml\xe4ut\x1f600",
    -- Vec<u8>
    plain "bytes/empty" ("" :: ByteString),
    -- [0x00, 0xff, 0x80, 0x7f]
    plain "bytes/four" ("\x00\xff\x80\x7f" :: ByteString)
  ]
  where
    text = like storedText

standard :: [Sample]
standard =
  [ plain "bool/false" False,
    plain "bool/true" True,
    plain "unit" (),
    -- Option<u32>
    plain "option/none" (Nothing :: Maybe Word32),
    -- Some(7)
    plain "option/some" (Just 7 :: Maybe Word32),
    -- Some(None), an Option<Option<u8>>
    plain "option/some-none" (Just Nothing :: Maybe (Maybe Word8)),
    -- Ok(7), a Result<u32, String>
    result "result/ok" (Right 7),
    -- Err("no"), of the same type
    result "result/err" (Left "no")
  ]
  where
    result :: String -> Either Text Word32 -> Sample
    result = like (first storedText)

-- | Of @(u8, u16, u32, u64, i8, i16, i32)@, the first two to seven, but with a
-- @String@ in the one of three.
tuples :: [Sample]
tuples =
  [ plain "tuple/2" (a, b),
    -- (1u8, "two", true)
    like (\(x', y', z') -> (x', storedText y', z')) "tuple/3" (a, "two" :: Text, True),
    plain "tuple/4" (a, b, c, d),
    plain "tuple/5" (a, b, c, d, e),
    plain "tuple/6" (a, b, c, d, e, f),
    -- (1, 2, 3, 4, -5, -6, -7)
    plain "tuple/7" (a, b, c, d, e, f, g)
  ]
  where
    (a, b, c, d, e, f, g) = (1, 2, 3, 4, -5, -6, -7) :: (Word8, Word16, Word32, Word64, Int8, Int16, Int32)

collections :: [Sample]
collections =
  [ -- Vec<u16>
    plain "list/empty" ([] :: [Word16]),
    -- [1, 2, 65535]
    plain "list/u16" ([1, 2, 65535] :: [Word16]),
    -- ["", "ä", "bc"], a Vec<String>
    like (map storedText) "list/text" ["" :: Text, "\xe4", "bc"],
    -- [[], [true, false]], a Vec<Vec<bool>>
    plain "list/list" [[], [True, False]],
    -- 1, then [2, 3]: in Rust (u8, Vec<u8>)
    plain "nonempty/three" (1 :| [2, 3] :: NonEmpty Word8),
    -- BTreeMap<String, u32>
    entries "map/empty" [],
    -- {"a": 1, "b": 2, "ä": 3}
    entries "map/three" [("a", 1), ("b", 2), ("\xe4", 3)],
    -- BTreeSet<u32>
    plain "set/empty" (Set.empty :: Set.Set Word32),
    -- {1, 256, 65536}
    plain "set/three" (Set.fromList [1, 256, 65536 :: Word32]),
    -- Vec<f64>
    plain "vector/empty" (Vector.empty :: Vector Double),
    -- [0.0, -1.5, inf]
    plain "vector/f64" (Vector.fromList [0, -1.5, 1 / 0 :: Double])
  ]
  where
    entries :: String -> [(Text, Word32)] -> Sample
    entries label = like (Map.mapKeys storedText) label . Map.fromList

-- | Labels are values; @^@ is a power.
integers :: [Sample]
integers =
  [ whole "integer/0" 0,
    whole "integer/-1" (-1),
    whole "integer/2^63-1" (2 ^ i63 - 1),
    whole "integer/2^63" (2 ^ i63),
    whole "integer/-2^63" (-(2 ^ i63)),
    whole "integer/-2^63-1" (-(2 ^ i63) - 1),
    whole "integer/2^64" (2 ^ i64),
    whole "integer/-2^64" (-(2 ^ i64)),
    whole "integer/10^40" (10 ^ i40),
    whole "integer/-10^40" (-(10 ^ i40)),
    natural "natural/0" 0,
    natural "natural/2^63-1" (2 ^ i63 - 1),
    natural "natural/2^63" (2 ^ i63),
    natural "natural/2^64-1" (2 ^ i64 - 1),
    natural "natural/2^64" (2 ^ i64),
    natural "natural/10^40" (10 ^ i40)
  ]
  where
    (i40, i63, i64) = (40, 63, 64) :: (Int, Int, Int)
    whole :: String -> Integer -> Sample
    whole = plain
    natural :: String -> Natural -> Sample
    natural = plain

-- | Points in time in UTC, and durations.
times :: [Sample]
times =
  [ -- 1970-01-01T00:00:00
    plain "time/1970" (UTCTime (fromGregorian 1970 1 1) 0),
    -- 2026-11-21T12:00:00.123456789
    plain "time/2026" (UTCTime (fromGregorian 2026 11 21) (picosecondsToDiffTime 43200123456789000)),
    -- 1900-01-01T00:00:00
    plain "time/1900" (UTCTime (fromGregorian 1900 1 1) 0),
    -- 0001-01-01T00:00:00
    plain "time/0001" (UTCTime (fromGregorian 1 1 1) 0),
    plain "duration/0" (0 :: NominalDiffTime),
    -- 1.5 s
    plain "duration/1.5s" (seconds 1500000000000),
    -- 10^9 s
    plain "duration/10^9s" (seconds 1000000000000000000000)
  ]
  where
    seconds = secondsToNominalDiffTime . MkFixed

own :: [Sample]
own =
  [ -- Person { name: "Ada", age: 36, nicknames: ["A", "ä"], home: Some(Point { x: -1, y: 2 }), height: Metres(1.65) }
    like (fmap storedText) "record/full" (Person ("Ada" :: Text) 36 ["A", "\xe4"] (Just (Point (-1) 2)) (Metres 1.65)),
    -- Person { name: "", age: 0, nicknames: [], home: None, height: Metres(0.0) }
    like (fmap storedText) "record/empty" (Person ("" :: Text) 0 [] Nothing (Metres 0)),
    -- Metres(2.5)
    plain "newtype/metres" (Metres 2.5),
    -- Shape::Empty
    shape "enum/unit" Empty,
    -- Shape::Circle(7)
    shape "enum/newtype" (Circle 7),
    -- Shape::Line(Point { x: 1, y: -1 }, Point { x: 2, y: -2 })
    shape "enum/tuple" (Line (Point 1 (-1)) (Point 2 (-2))),
    -- Shape::Box { width: 5, height: 6 }
    shape "enum/record" (Box 5 6),
    -- Shape::Label("ä")
    shape "enum/text" (Label "\xe4"),
    -- Only::Only
    plain "single/unit" Only,
    -- Single::Single(7, true)
    plain "single/fields" (Single 7 True),
    -- Tree::Leaf
    plain "tree/leaf" Leaf,
    -- Node(Node(Leaf, 1, Leaf), 2, Node(Leaf, 3, Leaf))
    plain "tree/three" (Node (Node Leaf 1 Leaf) 2 (Node Leaf 3 Leaf)),
    -- Page { items: [1, 2], next: Some(3) }, a Page<u16>
    plain "page/u16" (Page [1, 2 :: Word16] (Just 3)),
    -- Page { items: ["one", "two"], next: None }, a Page<String>
    like (fmap storedText) "page/text" (Page ["one", "two" :: Text] Nothing),
    -- 0b101
    plain "flags/u8" (Modes 5),
    -- 0x80000001
    plain "flags/u32" (Rights 0x80000001)
  ]
  where
    shape :: String -> Shape Text -> Sample
    shape = like (fmap storedText)
