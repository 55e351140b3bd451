{-# LANGUAGE AllowAmbiguousTypes #-}
{-# LANGUAGE DataKinds #-}
{-# LANGUAGE DefaultSignatures #-}
{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE FlexibleInstances #-}
{-# LANGUAGE MultiParamTypeClasses #-}
{-# LANGUAGE ScopedTypeVariables #-}
{-# LANGUAGE TypeApplications #-}
{-# LANGUAGE TypeFamilies #-}
{-# LANGUAGE TypeOperators #-}
{-# LANGUAGE UndecidableInstances #-}

-- | The class, and what is derived of it.
module RustBridge.Wire.Class
  ( Wire (..),
    OnWire (..),
    Tail (..),
    wireLength,
    genericSize,
    genericPoke,
    genericPeek,
  )
where

import Data.Coerce (coerce)
import Data.Kind (Type)
import Data.Proxy (Proxy (..))
import Data.Store (Poke, Size (..), Store (..))
import Data.Store.Core (Peek (..), PeekResult (..), decodeIOWithFromPtr, peekStateEndPtr, pokeStorable)
import qualified Data.Text as Text
import Data.Word (Word8)
import Foreign.ForeignPtr (ForeignPtr, mallocForeignPtrBytes, withForeignPtr)
import Foreign.Marshal.Utils (copyBytes)
import Foreign.Ptr (Ptr, minusPtr, plusPtr)
import GHC.Generics
import GHC.TypeLits (ErrorMessage (..), KnownNat, Nat, TypeError, natVal, type (+), type (<=?))
import RustBridge.Wire.Check (peekTag)

-- | Types that can be sent to Rust and back. An instance without a body derives
-- the methods from 'Generic': the fields in order, after a tag where there are
-- several constructors. A type of more than 255 does not compile.
--
-- Rules for an instance with a body: 'wirePoke' writes as many bytes as
-- 'wireSize' says, or memory is overwritten; 'wirePeek' refuses what 'wirePoke'
-- would not write, and compares every length with what is left before it
-- allocates.
class Wire a where
  -- | How many bytes a value takes: always the same, or by value.
  wireSize :: Size a
  default wireSize :: (Generic a, GWire (Rep a)) => Size a
  wireSize = genericSize

  -- | Writes a value. Throws 'RustBridge.Wire.NotSendable' for one that Rust's
  -- type does not have.
  wirePoke :: a -> Poke ()
  default wirePoke :: (Generic a, GWire (Rep a)) => a -> Poke ()
  wirePoke = genericPoke

  -- | Reads a value. Throws 'Data.Store.PeekException' at bytes that are none.
  wirePeek :: Peek a
  default wirePeek :: (Generic a, GWire (Rep a)) => Peek a
  wirePeek = genericPeek

  -- | Reads a value whose last bytes lie elsewhere. By default they are brought
  -- together with the others first, which is a copy more.
  wirePeekTail :: Tail -> Peek a
  wirePeekTail = peekTogether

-- | The last bytes of a message, which lie in memory of their own.
data Tail = Tail
  { -- | There until the message has been read.
    tailBytes :: !(Ptr Word8),
    tailLength :: !Int,
    -- | The same memory, there for as long as it is referred to.
    tailKept :: IO (ForeignPtr Word8)
  }

peekTogether :: Wire a => Tail -> Peek a
peekTogether end = Peek $ \state here -> do
  let begun = peekStateEndPtr state `minusPtr` here
      len = begun + tailLength end
  memory <- mallocForeignPtrBytes len
  value <- withForeignPtr memory $ \together -> do
    copyBytes together here begun
    copyBytes (together `plusPtr` begun) (tailBytes end) (tailLength end)
    decodeIOWithFromPtr wirePeek together len
  pure (PeekResult (here `plusPtr` begun) value)

-- | Gives a type with a 'Wire' instance its 'Store' instance:
-- @deriving ('Store') via ('OnWire' T)@.
newtype OnWire a = OnWire a

instance Wire a => Store (OnWire a) where
  size = coerce (wireSize :: Size a)
  {-# INLINE size #-}
  poke = coerce (wirePoke :: a -> Poke ())
  {-# INLINE poke #-}
  peek = coerce (wirePeek :: Peek a)
  {-# INLINE peek #-}

-- | How many bytes this value takes.
wireLength :: Wire a => a -> Int
wireLength = measured wireSize
{-# INLINE wireLength #-}

measured :: Size a -> a -> Int
measured (ConstSize bytes) = const bytes
measured (VarSize measure) = measure
{-# INLINE measured #-}

-- | Of something that the value is turned into.
sizeBy :: (b -> a) -> Size a -> Size b
sizeBy _ (ConstSize bytes) = ConstSize bytes
sizeBy view (VarSize measure) = VarSize (measure . view)
{-# INLINE sizeBy #-}

-- | 'wireSize' by 'Generic'.
genericSize :: (Generic a, GWire (Rep a)) => Size a
genericSize = sizeBy from gSize
{-# INLINE genericSize #-}

-- | 'wirePoke' by 'Generic'.
genericPoke :: (Generic a, GWire (Rep a)) => a -> Poke ()
genericPoke = gPoke . from
{-# INLINE genericPoke #-}

-- | 'wirePeek' by 'Generic'.
genericPeek :: (Generic a, GWire (Rep a)) => Peek a
genericPeek = to <$> gPeek
{-# INLINE genericPeek #-}

-- | Representations that are written field after field.
class GWire (rep :: Type -> Type) where
  gSize :: Size (rep p)
  gPoke :: rep p -> Poke ()
  gPeek :: Peek (rep p)

  -- | Whether there are no fields at all. That is known without the fields'
  -- 'wireSize', which of a recursive type would never be.
  gFieldless :: Bool
  gFieldless = False
  {-# INLINE gFieldless #-}

instance GWire U1 where
  gSize = ConstSize 0
  {-# INLINE gSize #-}
  gPoke U1 = pure ()
  {-# INLINE gPoke #-}
  gPeek = pure U1
  {-# INLINE gPeek #-}
  gFieldless = True
  {-# INLINE gFieldless #-}

instance Wire a => GWire (K1 i a) where
  gSize = sizeBy unK1 wireSize
  {-# INLINE gSize #-}
  gPoke (K1 field) = wirePoke field
  {-# INLINE gPoke #-}
  gPeek = K1 <$> wirePeek
  {-# INLINE gPeek #-}

instance (GWire left, GWire right) => GWire (left :*: right) where
  gSize = case (gSize, gSize) of
    (ConstSize left, ConstSize right) -> ConstSize (left + right)
    (left, right) -> VarSize $ \(a :*: b) -> measured left a + measured right b
  {-# INLINE gSize #-}
  gPoke (left :*: right) = gPoke left *> gPoke right
  {-# INLINE gPoke #-}
  gPeek = (:*:) <$> gPeek <*> gPeek
  {-# INLINE gPeek #-}

instance GWire fields => GWire (S1 meta fields) where
  gSize = sizeBy unM1 gSize
  {-# INLINE gSize #-}
  gPoke (M1 fields) = gPoke fields
  {-# INLINE gPoke #-}
  gPeek = M1 <$> gPeek
  {-# INLINE gPeek #-}

instance GWire fields => GWire (C1 meta fields) where
  gSize = sizeBy unM1 gSize
  {-# INLINE gSize #-}
  gPoke (M1 fields) = gPoke fields
  {-# INLINE gPoke #-}
  gPeek = M1 <$> gPeek
  {-# INLINE gPeek #-}
  gFieldless = gFieldless @fields
  {-# INLINE gFieldless #-}

instance GWire (C1 con fields) => GWire (D1 meta (C1 con fields)) where
  gSize = sizeBy unM1 gSize
  {-# INLINE gSize #-}
  gPoke (M1 only) = gPoke only
  {-# INLINE gPoke #-}
  gPeek = M1 <$> gPeek
  {-# INLINE gPeek #-}

instance
  (Datatype meta, KnownNat (Constructors meta (left :+: right)), GSum 0 (left :+: right)) =>
  GWire (D1 meta (left :+: right))
  where
  gSize
    | gUnits @0 @(left :+: right) = ConstSize 1
    | otherwise = VarSize $ \(M1 sum') -> 1 + gMeasure @0 sum'
  {-# INLINE gSize #-}
  gPoke (M1 sum') = gPokeSum @0 sum'
  {-# INLINE gPoke #-}
  gPeek = do
    tag <- peekTag (Text.pack (datatypeName meta)) (word8 @(Constructors meta (left :+: right)) - 1)
    M1 <$> gPeekSum @0 tag
    where
      meta = M1 U1 :: D1 meta U1 ()
  {-# INLINE gPeek #-}

-- | Sums, or parts of one whose first constructor has this tag. Tags are types,
-- so that nothing is left of counting them when the program runs.
class GSum (first :: Nat) (rep :: Type -> Type) where
  -- | Whether no constructor has a field.
  gUnits :: Bool

  -- | Bytes after the tag.
  gMeasure :: rep p -> Int

  -- | Writes the tag and the fields.
  gPokeSum :: rep p -> Poke ()

  -- | Reads the fields of the constructor that has this tag, which is one of
  -- these.
  gPeekSum :: Word8 -> Peek (rep p)

instance
  (KnownNat (first + Count left), GSum first left, GSum (first + Count left) right) =>
  GSum first (left :+: right)
  where
  gUnits = gUnits @first @left && gUnits @(first + Count left) @right
  {-# INLINE gUnits #-}
  gMeasure (L1 left) = gMeasure @first left
  gMeasure (R1 right) = gMeasure @(first + Count left) right
  {-# INLINE gMeasure #-}
  gPokeSum (L1 left) = gPokeSum @first left
  gPokeSum (R1 right) = gPokeSum @(first + Count left) right
  {-# INLINE gPokeSum #-}
  gPeekSum tag
    | tag < word8 @(first + Count left) = L1 <$> gPeekSum @first tag
    | otherwise = R1 <$> gPeekSum @(first + Count left) tag
  {-# INLINE gPeekSum #-}

instance (KnownNat tag, GWire (C1 meta fields)) => GSum tag (C1 meta fields) where
  gUnits = gFieldless @(C1 meta fields)
  {-# INLINE gUnits #-}
  gMeasure = measured gSize
  {-# INLINE gMeasure #-}
  gPokeSum fields = pokeStorable (word8 @tag) *> gPoke fields
  {-# INLINE gPokeSum #-}
  gPeekSum _ = gPeek
  {-# INLINE gPeekSum #-}

word8 :: forall number. KnownNat number => Word8
word8 = fromInteger (natVal (Proxy :: Proxy number))
{-# INLINE word8 #-}

type family Count (rep :: Type -> Type) :: Nat where
  Count (left :+: right) = Count left + Count right
  Count (C1 meta fields) = 1

-- | How many constructors a sum has: no more than a tag can say.
type Constructors meta sum' = Checked meta (Count sum') (Count sum' <=? 255)

type family Checked (meta :: Meta) (count :: Nat) (fits :: Bool) :: Nat where
  Checked meta count 'True = count
  Checked ('MetaData name m p n) count 'False =
    TypeError
      ( 'Text "No instance of Wire: " ':<>: 'Text name
          ':<>: 'Text " has more than 255 constructors: nest some of them in a type of their own"
      )
