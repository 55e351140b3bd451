{-# LANGUAGE DeriveAnyClass #-}
{-# LANGUAGE DeriveFunctor #-}
{-# LANGUAGE DeriveGeneric #-}
{-# LANGUAGE DerivingStrategies #-}

-- | Types as users write them, with derived instances of both classes, and what
-- each is in Rust. Where a type has texts in it, their type is a parameter, for
-- what "Stored" makes of them; in Rust it is @String@.
module Types
  ( Metres (..),
    Only (..),
    Point (..),
    Single (..),
    Person (..),
    Shape (..),
    Tree (..),
    Page (..),
    Modes (..),
    Rights (..),
  )
where

import Data.Int (Int32)
import Data.Store (Store)
import Data.Word (Word16, Word32, Word64, Word8)
import GHC.Generics (Generic)
import RustBridge.Wire (Wire)

-- | @struct Metres(f64);@
newtype Metres = Metres Double
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Store, Wire)

-- | @enum Only { Only }@, which takes no bytes.
data Only = Only
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Store, Wire)

-- | @struct Point { x: i32, y: i32 }@
data Point = Point {x :: Int32, y :: Int32}
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Store, Wire)

-- | @enum Single { Single(u16, bool) }@, which has no tag.
data Single = Single Word16 Bool
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Store, Wire)

-- | @struct Person { name: String, age: u8, nicknames: Vec\<String>, home: Option\<Point>, height: Metres }@
data Person text = Person
  { name :: text,
    age :: Word8,
    nicknames :: [text],
    home :: Maybe Point,
    height :: Metres
  }
  deriving stock (Eq, Show, Generic, Functor)
  deriving anyclass (Store, Wire)

-- | @enum Shape { Empty, Circle(u16), Line(Point, Point), Box { width: u8, height: u8 }, Label(String) }@
data Shape text
  = Empty
  | Circle Word16
  | Line Point Point
  | Box {across :: Word8, down :: Word8}
  | Label text
  deriving stock (Eq, Show, Generic, Functor)
  deriving anyclass (Store, Wire)

-- | @enum Tree { Leaf, Node(Box\<Tree>, i32, Box\<Tree>) }@
data Tree = Leaf | Node Tree Int32 Tree
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Store, Wire)

-- | @struct Page\<T> { items: Vec\<T>, next: Option\<u64> }@
data Page item = Page {items :: [item], next :: Maybe Word64}
  deriving stock (Eq, Show, Generic, Functor)
  deriving anyclass (Store, Wire)

-- | Flags in a @u8@.
newtype Modes = Modes Word8
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Store, Wire)

-- | Flags in a @u32@.
newtype Rights = Rights Word32
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Store, Wire)
