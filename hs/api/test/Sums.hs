{-# LANGUAGE DataKinds #-}
{-# LANGUAGE DeriveAnyClass #-}
{-# LANGUAGE DeriveGeneric #-}
{-# LANGUAGE DerivingVia #-}
{-# LANGUAGE TypeFamilies #-}
{-# LANGUAGE TypeOperators #-}
{-# OPTIONS_GHC -fdefer-type-errors -Wno-deferred-type-errors #-}

-- | What is derived, at its limits.
module Sums (tests) where

import Control.Exception (TypeError (..), evaluate, try)
import qualified Data.ByteString as ByteString
import Data.Either (isLeft)
import Data.List (isInfixOf)
import Data.Store (Store, decode, encode)
import Data.Word (Word8)
import GHC.Generics
import RustBridge.Wire
import Test.Tasty (TestTree, testGroup)
import Test.Tasty.HUnit

tests :: TestTree
tests =
  testGroup
    "sums"
    [ testCase "each of 255 constructors has its tag" $
        mapM_ (\tag -> fmap encodeWire (widest tag) @?= Right (ByteString.singleton tag)) [0 .. 254],
      testCase "the 256th does not" $
        either show (const "read") (widest 255)
          @?= "PeekException {peekExBytesFromEnd = 1, peekExMessage = \"255 is no tag of Widest: it has 0 to 254\"}",
      testCase "256 constructors do not compile" $ do
        result <- try (evaluate (isLeft (decodeWire (ByteString.singleton 0) :: Either PeekException TooWide)))
        mentions "TooWide has more than 255 constructors" result,
      testCase "no constructor does not compile" $ do
        result <- try (evaluate (isLeft (decodeWire ByteString.empty :: Either PeekException Never)))
        mentions "No instance for" result,
      testCase "a sum without fields is of one size, one with fields is not" $
        (constant (wireSize :: Size Suit), constant (wireSize :: Size Card)) @?= (Just 1, Nothing),
      testCase "a record of what is of one size is, too" $
        constant (wireSize :: Size (Suit, (Double, Word8), ())) @?= Just 10,
      testCase "a record can hold itself in a list" $
        let rose = Rose 1 [Rose 2 [], Rose 3 [Rose 4 []]]
         in decodeWire (encodeWire rose) @?= Right rose,
      testCase "through Store" $ do
        encode (Numbered 3 Spades) @?= encodeWire (3 :: Word8, Spades)
        decode (encode (Numbered 3 Hearts)) @?= Right (Numbered 3 Hearts)
    ]
  where
    widest tag = decodeWire (ByteString.singleton tag) :: Either PeekException Widest
    constant (ConstSize bytes) = Just bytes
    constant (VarSize _) = Nothing

-- | Compiled with @-fdefer-type-errors@: the error comes when it is run.
mentions :: String -> Either TypeError a -> Assertion
mentions words' result = case result of
  Left (TypeError message) -> assertBool message (words' `isInfixOf` message)
  Right _ -> assertFailure "it compiled"

data Suit = Clubs | Diamonds | Hearts | Spades
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Wire)

data Card = Joker | Card Suit Word8
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Wire)

data Numbered = Numbered Word8 Suit
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Wire)
  deriving (Store) via (OnWire Numbered)

data Rose = Rose Word8 [Rose]
  deriving stock (Eq, Show, Generic)
  deriving anyclass (Wire)

data Never
  deriving stock (Generic)

instance Wire Never

-- | A type of 255 constructors that nobody has to write: it is its own
-- representation.
newtype Widest = Widest (Of255 ())

instance Generic Widest where
  type Rep Widest = D1 ('MetaData "Widest" "Sums" "tests" 'False) Of255
  from (Widest rep) = M1 (relabel rep)
  to (M1 rep) = Widest (relabel rep)

instance Wire Widest

instance Show Widest where
  show = show . encodeWire

newtype TooWide = TooWide (Of256 ())

instance Generic TooWide where
  type Rep TooWide = D1 ('MetaData "TooWide" "Sums" "tests" 'False) Of256
  from (TooWide rep) = M1 (relabel rep)
  to (M1 rep) = TooWide (relabel rep)

instance Wire TooWide

type Of1 = C1 ('MetaCons "C" 'PrefixI 'False) U1

type Twice of' = of' :+: of'

type Of4 = Twice (Twice Of1)

type Of16 = Twice (Twice Of4)

type Of64 = Twice (Twice Of16)

type Of256 = Twice (Twice Of64)

type Of255 = Twice Of64 :+: Of64 :+: Twice Of16 :+: Of16 :+: Twice Of4 :+: Of4 :+: Twice Of1 :+: Of1

-- | To any other parameter, which a representation does not use.
class Relabel rep where
  relabel :: rep p -> rep q

instance Relabel U1 where
  relabel U1 = U1

instance Relabel rep => Relabel (M1 i meta rep) where
  relabel (M1 rep) = M1 (relabel rep)

instance (Relabel left, Relabel right) => Relabel (left :+: right) where
  relabel (L1 left) = L1 (relabel left)
  relabel (R1 right) = R1 (relabel right)
