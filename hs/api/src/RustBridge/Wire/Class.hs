{-# LANGUAGE AllowAmbiguousTypes #-}
{-# LANGUAGE DataKinds #-}
{-# LANGUAGE DefaultSignatures #-}
{-# LANGUAGE ExistentialQuantification #-}
{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE FlexibleInstances #-}
{-# LANGUAGE MultiParamTypeClasses #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE RankNTypes #-}
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
    Sender (..),
    Receiver (..),
    Reference (..),
    Handler (..),
    noSender,
    noReceiver,
    wireLength,
    genericSize,
    genericPoke,
    genericPeek,
  )
where

import Control.Exception (throwIO)
import Data.Coerce (coerce)
import Data.Kind (Type)
import Data.Proxy (Proxy (..))
import Data.Store (PeekException (..), Poke, Size (..), Store (..))
import Data.Store.Core (Peek (..), PeekResult (..), decodeIOWithFromPtr, peekStateEndPtr, pokeStorable)
import qualified Data.Text as Text
import Data.Word (Word64, Word8)
import Foreign.ForeignPtr (ForeignPtr, mallocForeignPtrBytes, withForeignPtr)
import Foreign.Marshal.Utils (copyBytes)
import Foreign.Ptr (Ptr, minusPtr, plusPtr)
import GHC.Generics
import GHC.TypeLits (ErrorMessage (..), KnownNat, Nat, TypeError, natVal, type (+), type (<=?))
import RustBridge.Wire.Check (NotSendable (..), peekTag)

-- | Types that can be sent to Rust and back. An instance without a body derives
-- the methods from 'Generic': the fields in order, after a tag where there are
-- several constructors. A type of more than 255 does not compile.
--
-- Rules for an instance with a body: 'wirePoke' writes as many bytes as
-- 'wireSize' says, or memory is overwritten; 'wirePeek' refuses what 'wirePoke'
-- would not write, and compares every length with what is left before it
-- allocates; both pass the 'Sender' and 'Receiver' on to the parts of a value.
class Wire a where
  -- | How many bytes a value takes: always the same, or by value.
  wireSize :: Size a
  default wireSize :: (Generic a, GWire (Rep a)) => Size a
  wireSize = genericSize

  -- | Writes a value. Throws 'RustBridge.Wire.NotSendable' for one that Rust's
  -- type does not have. The 'Sender' is for references in it.
  wirePoke :: Sender -> a -> Poke ()
  default wirePoke :: (Generic a, GWire (Rep a)) => Sender -> a -> Poke ()
  wirePoke = genericPoke

  -- | Reads a value. Throws 'Data.Store.PeekException' at bytes that are none.
  -- The 'Receiver' is for references in it.
  wirePeek :: Receiver -> Peek a
  default wirePeek :: (Generic a, GWire (Rep a)) => Receiver -> Peek a
  wirePeek = genericPeek

  -- | Reads a value whose last bytes lie elsewhere. By default they are brought
  -- together with the others first, which is a copy more.
  wirePeekTail :: Receiver -> Tail -> Peek a
  wirePeekTail = peekTogether

-- | The last bytes of a message, which lie in memory of their own.
data Tail = Tail
  { -- | There until the message has been read.
    tailBytes :: !(Ptr Word8),
    tailLength :: !Int,
    -- | The same memory, there for as long as it is referred to.
    tailKept :: IO (ForeignPtr Word8)
  }

-- | Something outside of a message that the message refers to, with an id that no
-- other thing of the process has, before or after.
data Reference = Reference
  { -- | Its address is the id: there is no memory at it. The thing is held until
    -- this is garbage.
    referenceMemory :: !(ForeignPtr ()),
    -- | Closes the thing, for all that refer to it. Does not block; once is as good
    -- as twice.
    referenceClose :: !(IO ())
  }

-- | A function that Rust may call.
data Handler = forall a b. (Wire a, Wire b) => Handler (a -> IO b)

-- | What turns things outside of a message into ids while the message is written.
-- The message holds them from then on.
data Sender = Sender
  { -- | Of something that Rust made, which is not garbage before the message holds
    -- it. Throws where it is closed.
    sendReference :: Reference -> IO Word64,
    -- | Of a function, each time a new one.
    sendHandler :: Handler -> IO Word64
  }

-- | What turns ids into things while a message is read.
data Receiver = Receiver
  { -- | Holds the thing of this id, which the message holds until it was read.
    -- Throws 'PeekException' where there is none, wherever it says that is.
    receiveReference :: Word64 -> IO Reference,
    -- | The next event of a stream, within so many microseconds: see
    -- 'RustBridge.Reference.nextEventTimeout'.
    receiveEvent :: forall a. Wire a => Maybe Int -> Reference -> IO (Maybe (Maybe a)),
    -- | How many events a stream has dropped.
    receiveDropped :: Reference -> IO Word64
  }

-- | For messages that stay what they are wherever they go: throws 'NotSendable' for
-- every reference.
noSender :: Sender
noSender = Sender (const refused) (const refused)
  where
    refused :: IO a
    refused =
      throwIO . NotSendable $
        "it refers to something outside of the message (a function, or what Rust made), which only a request \
        \whose method is named by carrying can: callMethod _ = carrying \"name\""

-- | The same, of messages that are read: throws 'PeekException' for every reference.
noReceiver :: Receiver
noReceiver = Receiver (const refused) (\_ _ -> refused) (const refused)
  where
    refused :: IO a
    refused =
      throwIO . PeekException 0 $
        "these bytes refer to something outside of them, which only the answer to a call can, or what Rust calls a \
        \function with"

peekTogether :: Wire a => Receiver -> Tail -> Peek a
peekTogether receiver end = Peek $ \state here -> do
  let begun = peekStateEndPtr state `minusPtr` here
      len = begun + tailLength end
  memory <- mallocForeignPtrBytes len
  value <- withForeignPtr memory $ \together -> do
    copyBytes together here begun
    copyBytes (together `plusPtr` begun) (tailBytes end) (tailLength end)
    decodeIOWithFromPtr (wirePeek receiver) together len
  pure (PeekResult (here `plusPtr` begun) value)

-- | Gives a type with a 'Wire' instance its 'Store' instance:
-- @deriving ('Store') via ('OnWire' T)@.
newtype OnWire a = OnWire a

instance Wire a => Store (OnWire a) where
  size = coerce (wireSize :: Size a)
  {-# INLINE size #-}
  poke = coerce (wirePoke noSender :: a -> Poke ())
  {-# INLINE poke #-}
  peek = coerce (wirePeek noReceiver :: Peek a)
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
genericPoke :: (Generic a, GWire (Rep a)) => Sender -> a -> Poke ()
genericPoke sender = gPoke sender . from
{-# INLINE genericPoke #-}

-- | 'wirePeek' by 'Generic'.
genericPeek :: (Generic a, GWire (Rep a)) => Receiver -> Peek a
genericPeek receiver = to <$> gPeek receiver
{-# INLINE genericPeek #-}

-- | Representations that are written field after field.
class GWire (rep :: Type -> Type) where
  gSize :: Size (rep p)
  gPoke :: Sender -> rep p -> Poke ()
  gPeek :: Receiver -> Peek (rep p)

  -- | Whether there are no fields at all. That is known without the fields'
  -- 'wireSize', which of a recursive type would never be.
  gFieldless :: Bool
  gFieldless = False
  {-# INLINE gFieldless #-}

instance GWire U1 where
  gSize = ConstSize 0
  {-# INLINE gSize #-}
  gPoke _ U1 = pure ()
  {-# INLINE gPoke #-}
  gPeek _ = pure U1
  {-# INLINE gPeek #-}
  gFieldless = True
  {-# INLINE gFieldless #-}

instance Wire a => GWire (K1 i a) where
  gSize = sizeBy unK1 wireSize
  {-# INLINE gSize #-}
  gPoke sender (K1 field) = wirePoke sender field
  {-# INLINE gPoke #-}
  gPeek receiver = K1 <$> wirePeek receiver
  {-# INLINE gPeek #-}

instance (GWire left, GWire right) => GWire (left :*: right) where
  gSize = case (gSize, gSize) of
    (ConstSize left, ConstSize right) -> ConstSize (left + right)
    (left, right) -> VarSize $ \(a :*: b) -> measured left a + measured right b
  {-# INLINE gSize #-}
  gPoke sender (left :*: right) = gPoke sender left *> gPoke sender right
  {-# INLINE gPoke #-}
  gPeek receiver = (:*:) <$> gPeek receiver <*> gPeek receiver
  {-# INLINE gPeek #-}

instance GWire fields => GWire (S1 meta fields) where
  gSize = sizeBy unM1 gSize
  {-# INLINE gSize #-}
  gPoke sender (M1 fields) = gPoke sender fields
  {-# INLINE gPoke #-}
  gPeek receiver = M1 <$> gPeek receiver
  {-# INLINE gPeek #-}

instance GWire fields => GWire (C1 meta fields) where
  gSize = sizeBy unM1 gSize
  {-# INLINE gSize #-}
  gPoke sender (M1 fields) = gPoke sender fields
  {-# INLINE gPoke #-}
  gPeek receiver = M1 <$> gPeek receiver
  {-# INLINE gPeek #-}
  gFieldless = gFieldless @fields
  {-# INLINE gFieldless #-}

instance GWire (C1 con fields) => GWire (D1 meta (C1 con fields)) where
  gSize = sizeBy unM1 gSize
  {-# INLINE gSize #-}
  gPoke sender (M1 only) = gPoke sender only
  {-# INLINE gPoke #-}
  gPeek receiver = M1 <$> gPeek receiver
  {-# INLINE gPeek #-}

instance
  (Datatype meta, KnownNat (Constructors meta (left :+: right)), GSum 0 (left :+: right)) =>
  GWire (D1 meta (left :+: right))
  where
  gSize
    | gUnits @0 @(left :+: right) = ConstSize 1
    | otherwise = VarSize $ \(M1 sum') -> 1 + gMeasure @0 sum'
  {-# INLINE gSize #-}
  gPoke sender (M1 sum') = gPokeSum @0 sender sum'
  {-# INLINE gPoke #-}
  gPeek receiver = do
    tag <- peekTag (Text.pack (datatypeName meta)) (word8 @(Constructors meta (left :+: right)) - 1)
    M1 <$> gPeekSum @0 receiver tag
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
  gPokeSum :: Sender -> rep p -> Poke ()

  -- | Reads the fields of the constructor that has this tag, which is one of
  -- these.
  gPeekSum :: Receiver -> Word8 -> Peek (rep p)

instance
  (KnownNat (first + Count left), GSum first left, GSum (first + Count left) right) =>
  GSum first (left :+: right)
  where
  gUnits = gUnits @first @left && gUnits @(first + Count left) @right
  {-# INLINE gUnits #-}
  gMeasure (L1 left) = gMeasure @first left
  gMeasure (R1 right) = gMeasure @(first + Count left) right
  {-# INLINE gMeasure #-}
  gPokeSum sender (L1 left) = gPokeSum @first sender left
  gPokeSum sender (R1 right) = gPokeSum @(first + Count left) sender right
  {-# INLINE gPokeSum #-}
  gPeekSum receiver tag
    | tag < word8 @(first + Count left) = L1 <$> gPeekSum @first receiver tag
    | otherwise = R1 <$> gPeekSum @(first + Count left) receiver tag
  {-# INLINE gPeekSum #-}

instance (KnownNat tag, GWire (C1 meta fields)) => GSum tag (C1 meta fields) where
  gUnits = gFieldless @(C1 meta fields)
  {-# INLINE gUnits #-}
  gMeasure = measured gSize
  {-# INLINE gMeasure #-}
  gPokeSum sender fields = pokeStorable (word8 @tag) *> gPoke sender fields
  {-# INLINE gPokeSum #-}
  gPeekSum receiver _ = gPeek receiver
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
