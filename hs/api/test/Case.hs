{-# LANGUAGE ExistentialQuantification #-}

-- | Every instance, with values to try.
module Case
  ( Case (..),
    Order (..),
    cases,
  )
where

import Data.ByteString (ByteString)
import Data.Int (Int16, Int32, Int64, Int8)
import Data.Map.Strict (Map)
import qualified Data.Map.Strict as Map
import Data.Set (Set)
import Data.Store (Store, encode)
import Data.Text (Text)
import Data.Vector.Storable (Vector)
import Data.WideWord (Int128, Word128)
import Data.Word (Word16, Word32, Word64, Word8)
import RustBridge.Reference (StreamOptions (..))
import RustBridge.Wire (Wire)
import Stored
import Test.Tasty.QuickCheck (Gen, arbitraryBoundedEnum, choose)
import Types
import Values

-- | Whether the bytes of a value are the only ones that are read as it.
data Order = OneOrder | AnyOrder
  deriving (Eq)

-- | A type: its name, its values, and the bytes that each must have.
data Case = forall a. (Eq a, Show a, Wire a) => Case String Order (Gen a) (a -> ByteString)

cases :: [Case]
cases = numbers <> texts <> standard <> collections <> times <> own

-- | The bytes are what @store@ writes.
same :: (Eq a, Show a, Wire a, Store a) => String -> Gen a -> Case
same label values = Case label OneOrder values encode

-- | The bytes are what @store@ writes of something else.
like :: (Eq a, Show a, Wire a, Store b) => String -> (a -> b) -> Gen a -> Case
like label stored values = Case label OneOrder values (encode . stored)

inAnyOrder :: Case -> Case
inAnyOrder (Case label _ values expected) = Case label AnyOrder values expected

numbers :: [Case]
numbers =
  [ same "Int8" (whole :: Gen Int8),
    same "Int16" (whole :: Gen Int16),
    same "Int32" (whole :: Gen Int32),
    same "Int64" (whole :: Gen Int64),
    same "Int" (whole :: Gen Int),
    same "Word8" (whole :: Gen Word8),
    same "Word16" (whole :: Gen Word16),
    same "Word32" (whole :: Gen Word32),
    same "Word64" (whole :: Gen Word64),
    same "Word" (whole :: Gen Word),
    like "Int128" storedInt128 (whole :: Gen Int128),
    like "Word128" storedWord128 (whole :: Gen Word128),
    same "Float" float,
    same "Double" double,
    same "Integer" integer,
    same "Natural" natural
  ]

texts :: [Case]
texts =
  [ same "Char" char,
    same "String" (many char),
    same "ByteString" bytes,
    like "Text" storedText text,
    same "Vector Word8" (vectorOf' whole :: Gen (Vector Word8)),
    same "Vector Int32" (vectorOf' whole :: Gen (Vector Int32)),
    same "Vector Double" (vectorOf' double),
    same "Vector Double, unaligned" ((,) <$> (whole :: Gen Word8) <*> vectorOf' double)
  ]

standard :: [Case]
standard =
  [ same "()" (pure ()),
    same "Bool" bool,
    same "Maybe" (optional (whole :: Gen Word16)),
    like "Either" (either (Left . storedText) Right) (either' text (whole :: Gen Int32)),
    same "2-tuple" ((,) <$> bool <*> byte),
    same "3-tuple" ((,,) <$> bool <*> byte <*> integer),
    same "4-tuple" ((,,,) <$> bool <*> byte <*> integer <*> bytes),
    same "5-tuple" ((,,,,) <$> bool <*> byte <*> integer <*> bytes <*> char),
    same "6-tuple" ((,,,,,) <$> bool <*> byte <*> integer <*> bytes <*> char <*> double),
    same "7-tuple" ((,,,,,,) <$> bool <*> byte <*> byte <*> byte <*> char <*> double <*> byte)
  ]
  where
    byte = whole :: Gen Word8

collections :: [Case]
collections =
  [ same "[Word16]" (many whole :: Gen [Word16]),
    same "[Bool]" (many bool),
    same "[(Word8, Char)]" (many ((,) <$> (whole :: Gen Word8) <*> char)),
    same "[[Integer]]" (many (many integer)),
    like "[Text]" (map storedText) (many text),
    same "NonEmpty" (nonEmpty (whole :: Gen Word32)),
    inAnyOrder (same "Set Int32" (set whole :: Gen (Set Int32))),
    inAnyOrder (same "Set of bytes" (set bytes)),
    inAnyOrder (same "Map Word32 Double" (entries whole double :: Gen (Map Word32 Double))),
    inAnyOrder (like "Map Text [Bool]" (Map.mapKeys storedText) (entries (text :: Gen Text) (many bool)))
  ]

times :: [Case]
times =
  [ same "UTCTime" time,
    same "NominalDiffTime" duration
  ]

own :: [Case]
own =
  [ same "newtype" (Metres <$> double),
    same "record" point,
    same "single constructor" (Single <$> whole <*> bool),
    like "record with texts" (fmap storedText) (Person <$> text <*> whole <*> many text <*> optional point <*> (Metres <$> double)),
    like "sum" (fmap storedText) shape,
    like "sums in a list" (map (fmap storedText)) (many shape),
    same "recursive sum" tree,
    same "generic record of numbers" (Page <$> many (whole :: Gen Word16) <*> optional whole),
    like "generic record of texts" (fmap storedText) (Page <$> many text <*> optional whole),
    like "options of a stream" storedOptions (StreamOptions <$> choose (1, 1048576) <*> arbitraryBoundedEnum),
    same "flags" ((,) <$> (Modes <$> whole) <*> (Rights <$> whole))
  ]
  where
    storedOptions (StreamOptions capacity overflow) = (capacity, fromIntegral (fromEnum overflow) :: Word8)
