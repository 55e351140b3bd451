{-# LANGUAGE AllowAmbiguousTypes #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE ScopedTypeVariables #-}
{-# LANGUAGE TypeApplications #-}

-- | Bytes that somebody chose to do harm: each is refused for what is wrong
-- with it, where it is, and before much is allocated.
module Hostile (tests) where

import Control.Exception (evaluate)
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.Int (Int64)
import Data.List (isInfixOf)
import Data.List.NonEmpty (NonEmpty)
import Data.Map.Strict (Map)
import qualified Data.Map.Strict as Map
import Data.Set (Set)
import qualified Data.Set as Set
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Time.Clock (UTCTime)
import Data.Vector.Storable (Vector)
import Data.Word (Word16, Word32, Word64, Word8)
import Memory (allocatedBy)
import Numeric.Natural (Natural)
import RustBridge.Wire
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit
import Types

tests :: TestTree
tests =
  testGroup
    "hostile"
    [ testGroup "counts" counts,
      testGroup "tags" tags,
      testGroup "texts" texts,
      testGroup "integers" integers,
      testGroup "times" times,
      testGroup "keys" keys
    ]

-- | Is refused, at so many bytes before the end, with these words.
refused :: forall a. (Wire a, Show a) => String -> [ByteString] -> Int -> String -> TestTree
refused label parts place words' = testCase label $ do
  bytes <- evaluate (ByteString.concat parts)
  (result, allocated) <- allocatedBy (evaluate (decodeWire bytes :: Either PeekException a))
  case result of
    Right value -> assertFailure ("it is read as " <> show value)
    Left (PeekException left why) -> do
      assertBool (Text.unpack why) (words' `isInfixOf` Text.unpack why)
      assertEqual "bytes before the end" place left
  assertBool ("allocated " <> show allocated) (allocated < 65536 + 4 * ByteString.length bytes)

counts :: [TestTree]
counts =
  concat
    [ claim @ByteString "ByteString" "bytes",
      claim @Text "Text" "bytes",
      claim @[Word16] "list" "elements of 2 or more bytes",
      claim @[Text] "list" "elements of 1 or more bytes",
      claim @[()] "list" "elements of 1 or more bytes",
      claim @[[()]] "list" "elements of 1 or more bytes",
      claim @(Set Word64) "Set" "elements of 8 or more bytes",
      claim @(Vector Double) "Vector" "elements of 8 or more bytes"
    ]
    <> [ refused @(Map Word32 Word32) "Map, 2^62" [mapMark, int (2 ^ (62 :: Int)), "abcdefgh"] 8 "elements of 8 or more bytes",
         refused @(Map Word32 Word32) "Map, -1" [mapMark, int (-1)] 0 "claims -1",
         refused @(Map Word32 Word32) "Map, without its mark" [int 0, int 0] 16 "mark",
         refused @(Vector Double) "Vector, a byte short" [int 2, ByteString.replicate 15 0] 15 "claims 2",
         refused @(NonEmpty Word8) "NonEmpty, without a list" ["a"] 0 "Attempted to read too many bytes",
         refused @[Text] "a list in which a later text claims too much" [int 3, int 1, "a", int 10, "b", int 0] 9 "the Text claims 10 bytes, but 9"
       ]

-- | Counts that are not true.
claim :: forall a. (Wire a, Show a) => String -> String -> [TestTree]
claim what units =
  [ refused @a (what <> " of " <> units <> ", " <> show count) [int count, "abc"] 3 (unwords ["the", what, "claims", show count, units])
    | count <- [2 ^ (62 :: Int), -1, minBound, maxBound, 4]
  ]

tags :: [TestTree]
tags =
  [ refused @Bool "Bool" ["\2"] 1 "2 is no tag of Bool: it has 0 to 1",
    refused @(Maybe Word8) "Maybe" ["\7a"] 2 "7 is no tag of Maybe: it has 0 to 1",
    refused @(Either Word8 Word8) "Either" ["\2a"] 2 "2 is no tag of Either: it has 0 to 1",
    refused @(Shape Text) "a type of one's own" ["\5"] 1 "5 is no tag of Shape: it has 0 to 4",
    refused @[Bool] "the last of a list" [int 3, "\0\1\255"] 1 "255 is no tag of Bool",
    refused @Integer "Integer" ["\3", int 0] 9 "3 is no tag of Integer: it has 0 to 2"
  ]

texts :: [TestTree]
texts =
  [ refused @Char "a surrogate" ["\0\xd8\0\0"] 4 "U+d800 is not",
    refused @Char "the last surrogate" ["\xff\xdf\0\0"] 4 "U+dfff is not",
    refused @Char "beyond Unicode" ["\0\0\x11\0"] 4 "U+110000 is not",
    refused @Char "far beyond Unicode" ["\xff\xff\xff\xff"] 4 "U+ffffffff is not",
    utf8 "a byte that begins nothing" "a\x80",
    utf8 "two bytes for one" "\xc0\xaf",
    utf8 "three bytes for two" "\xe0\x80\xaf",
    utf8 "a surrogate in UTF-8" "\xed\xa0\x80",
    utf8 "beyond Unicode in UTF-8" "\xf4\x90\x80\x80",
    utf8 "cut in a character" "a\xc3"
  ]
  where
    utf8 label bytes =
      refused @Text label [int (fromIntegral (ByteString.length bytes)), bytes] (ByteString.length bytes) "not UTF-8"

integers :: [TestTree]
integers =
  [ refused @Integer "without limbs" ["\1", int 0] 8 "multiple of 8",
    refused @Integer "a limb of 7 bytes" ["\1", int 7, ByteString.replicate 7 1] 15 "multiple of 8",
    refused @Integer "2^62 bytes" ["\1", int (2 ^ (62 :: Int)), "abc"] 3 "claims",
    refused @Integer "-8 bytes" ["\2", int (-8), ByteString.replicate 8 255] 8 "claims",
    refused @Integer "a leading zero" ["\1", int 16, int (-1), int 0] 16 "shortest",
    refused @Integer "a small one in the long form" ["\1", int 8, int maxBound] 8 "shortest",
    refused @Integer "a small negative one in the long form" ["\2", int 8, int minBound] 8 "shortest",
    refused @Integer "zero in the long form" ["\1", int 8, int 0] 8 "shortest",
    refused @Natural "a negative Natural" ["\0", int (-1)] 9 "negative",
    refused @Natural "a large negative Natural" ["\2", int 8, int (-1)] 17 "negative"
  ]

times :: [TestTree]
times =
  [ time "a negative time of day" 0 (-1),
    time "a day of 86401 s" 0 (86401 * 10 ^ (12 :: Int)),
    time "a day too late" (10 ^ (14 :: Int) + 1) 0,
    time "a day too early" (-(10 ^ (14 :: Int)) - 1) 0,
    refused @UTCTime "a day of a million digits" ["\1", int 400000, ByteString.replicate 400000 1, "\0", int 0] 400018 "10^14"
  ]
  where
    time label day picoseconds = refused @UTCTime label ["\0", int day, "\0", int picoseconds] 18 "10^14"

-- | In any order, but each once: Rust may order them differently.
keys :: [TestTree]
keys =
  [ refused @(Set Word8) "an element twice" [int 3, "aab"] 0 "twice",
    refused @(Set Word8) "an element twice, apart" [int 3, "aba"] 0 "twice",
    refused @(Map Word8 Word8) "a key twice" [mapMark, int 2, "axay"] 0 "twice",
    refused @(Map () ()) "all keys the same" [mapMark, int 1, ""] 0 "claims 1",
    testCase "a set in another order is a valid set" $
      case decodeWire (int 5 <> "cabed") of
        Right set -> assertBool (show set) (Set.valid set && Set.toList set == [0x61 .. 0x65 :: Word8])
        Left why -> assertFailure (show why),
    testCase "a map in another order is a valid map" $
      case decodeWire (ByteString.concat [mapMark, int 3, "czaxby"]) of
        Right entries -> assertBool (show entries) (Map.valid entries && Map.toList entries == zip [0x61 .. 0x63 :: Word8] [0x78 .. 0x7a :: Word8])
        Left why -> assertFailure (show why)
  ]

int :: Int64 -> ByteString
int = encodeWire

mapMark :: ByteString
mapMark = "\x0a\x4b\x94\x48"
