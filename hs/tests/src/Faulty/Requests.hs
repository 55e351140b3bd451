{-# LANGUAGE DerivingStrategies #-}
{-# LANGUAGE GeneralizedNewtypeDeriving #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE TypeFamilies #-}

-- | What the faulty engine can be asked; see its source.
module Faulty.Requests
  ( -- * Calls
    Echo (..),
    Big (..),
    MaybeBig (..),
    TextBack (..),
    NumbersUpTo (..),
    NumbersAsList (..),
    Labelled (..),
    Short (..),
    ShortPanic (..),
    NotShort (..),
    Letter (..),
    Liar (..),
    BigTwice (..),
    Twice (..),
    SmallAnswer (..),
    Numbers (..),
    Panic (..),
    Lying (..),
    PanicInDecode (..),
    PanicInEncode (..),
    DropToken (..),
    KeepToken (..),
    AnswerTokens (..),
    Gate (..),
    TimeLeft (..),
    Unknown (..),
    Notes (..),
    KeepTrampoline (..),
    DropTrampoline (..),

    -- * Casts
    Note (..),
    GateCast (..),
    PanicCast (..),
    BadNote (..),
    UnknownCast (..),
  )
where

import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.ByteString.Internal (fromForeignPtr)
import Data.Text (Text)
import Data.Vector.Storable (Vector)
import Data.Word (Word64)
import RustBridge
import RustBridge.Wire (Size (..), Tail (..))

-- | Answers what it gets.
newtype Echo = Echo ByteString deriving newtype (Wire)

instance Call Echo where
  type Response Echo = ByteString
  callMethod _ = "test.echo"

-- | Answers so many bytes.
newtype Big = Big Word64 deriving newtype (Wire)

instance Call Big where
  type Response Big = ByteString
  callMethod _ = "test.big"

-- | The same, or 'Nothing' for none.
newtype MaybeBig = MaybeBig Word64 deriving newtype (Wire)

instance Call MaybeBig where
  type Response MaybeBig = Maybe ByteString
  callMethod _ = "test.maybe_big"

-- | Answers what it gets, or a long reproach.
newtype TextBack = TextBack Text deriving newtype (Wire)

instance Call TextBack where
  type Response TextBack = Either Text Text
  callMethod _ = "test.text"

-- | Answers so many numbers from 0 on.
newtype NumbersUpTo = NumbersUpTo Word64 deriving newtype (Wire)

instance Call NumbersUpTo where
  type Response NumbersUpTo = Vector Double
  callMethod _ = "test.numbers_up_to"

-- | The same bytes, as a type that cannot be read where they are.
newtype NumbersAsList = NumbersAsList Word64 deriving newtype (Wire)

instance Call NumbersAsList where
  type Response NumbersAsList = [Double]
  callMethod _ = "test.numbers_up_to"

-- | Answers the length beside the bytes.
newtype Labelled = Labelled ByteString deriving newtype (Wire)

instance Call Labelled where
  type Response Labelled = (Word64, ByteString)
  callMethod _ = "test.labelled"

-- | Answers the next number; the engine calls it nonblocking.
newtype Short = Short Word64 deriving newtype (Wire)

instance Call Short where
  type Response Short = Word64
  callMethod _ = nonblocking "test.short"

-- | Panics, and is nonblocking as well.
newtype ShortPanic = ShortPanic ByteString deriving newtype (Wire)

instance Call ShortPanic where
  type Response ShortPanic = Word64
  callMethod _ = nonblocking "test.short_panic"

-- | The program takes it for nonblocking, and the engine does not.
newtype NotShort = NotShort Bool deriving newtype (Wire)

instance Call NotShort where
  type Response NotShort = Bool
  callMethod _ = nonblocking "test.gate"

-- | Answers the next letter. Rust does not have all that Haskell has.
newtype Letter = Letter Char deriving newtype (Wire)

instance Call Letter where
  type Response Letter = Char
  callMethod _ = "test.letter"

-- | Says that it takes 8 bytes and writes 48.
data Liar = Liar

instance Wire Liar where
  wireSize = ConstSize 8
  wirePoke sender Liar = mapM_ (wirePoke sender) [1 .. 6 :: Word64]
  wirePeek _ = pure Liar

instance Call Liar where
  type Response Liar = Word64
  callMethod _ = "test.short"

instance Cast Liar where
  castMethod _ = "test.note"

-- | Answers so many bytes, of which Haskell takes two parts.
newtype BigTwice = BigTwice Word64 deriving newtype (Wire)

instance Call BigTwice where
  type Response BigTwice = Twice
  callMethod _ = "test.big"

-- | The first and the last of some bytes.
data Twice = Twice ByteString ByteString
  deriving (Eq, Show)

instance Wire Twice where
  wireSize = VarSize (\(Twice one _) -> 8 + 2 * ByteString.length one)
  wirePoke sender (Twice one two) = wirePoke sender (one <> two)
  wirePeek receiver = halves <$> wirePeek receiver
  wirePeekTail receiver end = do
    one <- halves <$> wirePeekTail receiver end
    kept <- liftIO (tailKept end)
    let again = halves (fromForeignPtr kept 0 (tailLength end))
    if one == again then pure again else fail "two parts of one memory differ"

halves :: ByteString -> Twice
halves bytes = uncurry Twice (ByteString.splitAt (ByteString.length bytes `div` 2) bytes)

-- | Answers one byte where two numbers are expected.
newtype SmallAnswer = SmallAnswer () deriving newtype (Wire)

instance Call SmallAnswer where
  type Response SmallAnswer = (Word64, Word64)
  callMethod _ = "test.small_answer"

-- | Sends bytes where the engine expects two numbers.
newtype Numbers = Numbers ByteString deriving newtype (Wire)

instance Call Numbers where
  type Response Numbers = Word64
  callMethod _ = "test.numbers"

-- | Panics with this text.
newtype Panic = Panic ByteString deriving newtype (Wire)

instance Call Panic where
  type Response Panic = Word64
  callMethod _ = "test.panic"

-- | Bytes as they are, where the engine expects a text: its length, for
-- instance, without the text.
newtype Lying = Lying ByteString

instance Wire Lying where
  wireSize = VarSize (\(Lying bytes) -> ByteString.length bytes)
  wirePoke sender (Lying bytes) = mapM_ (wirePoke sender) (ByteString.unpack bytes)
  wirePeek _ = fail "it is only sent"

instance Call Lying where
  type Response Lying = Word64
  callMethod _ = "test.panic"

-- | Panics before its handler.
newtype PanicInDecode = PanicInDecode () deriving newtype (Wire)

instance Call PanicInDecode where
  type Response PanicInDecode = Word64
  callMethod _ = "test.panic_in_decode"

-- | Panics after its handler.
newtype PanicInEncode = PanicInEncode () deriving newtype (Wire)

instance Call PanicInEncode where
  type Response PanicInEncode = Word64
  callMethod _ = "test.panic_in_encode"

-- | Is not answered.
newtype DropToken = DropToken () deriving newtype (Wire)

instance Call DropToken where
  type Response DropToken = Word64
  callMethod _ = "test.drop_token"

-- | Is answered by 'AnswerTokens'.
newtype KeepToken = KeepToken () deriving newtype (Wire)

instance Call KeepToken where
  type Response KeepToken = Word64
  callMethod _ = "test.keep_token"

-- | Answers every 'KeepToken' with this, and says how many there were.
newtype AnswerTokens = AnswerTokens Word64 deriving newtype (Wire)

instance Call AnswerTokens where
  type Response AnswerTokens = Maybe Word64
  callMethod _ = "test.answer_tokens"

-- | Waits at the gate; whether it also leaves when cancelled. Answers whether it
-- was.
newtype Gate = Gate Bool deriving newtype (Wire)

instance Call Gate where
  type Response Gate = Bool
  callMethod _ = "test.gate"

-- | The microseconds that the handler sees left.
newtype TimeLeft = TimeLeft () deriving newtype (Wire)

instance Call TimeLeft where
  type Response TimeLeft = Maybe Word64
  callMethod _ = "test.time_left"

-- | The engine knows nothing of it.
newtype Unknown = Unknown () deriving newtype (Wire)

instance Call Unknown where
  type Response Unknown = ()
  callMethod _ = "test.unknown"

-- | The numbers noted, in the order of their handling.
newtype Notes = Notes () deriving newtype (Wire)

instance Call Notes where
  type Response Notes = [Word64]
  callMethod _ = "test.notes"

-- | Makes a closure for C, of an int: the address of the function, and the context.
newtype KeepTrampoline = KeepTrampoline () deriving newtype (Wire)

instance Call KeepTrampoline where
  type Response KeepTrampoline = (Word64, Word64)
  callMethod _ = "test.keep_trampoline"

-- | Drops it, and says with what message it has panicked last.
newtype DropTrampoline = DropTrampoline () deriving newtype (Wire)

instance Call DropTrampoline where
  type Response DropTrampoline = Maybe Text
  callMethod _ = "test.drop_trampoline"

-- | Notes a number.
newtype Note = Note Word64 deriving newtype (Wire)

instance Cast Note where
  castMethod _ = "test.note"

-- | Waits at the gate, with nobody waiting for it.
newtype GateCast = GateCast Bool deriving newtype (Wire)

instance Cast GateCast where
  castMethod _ = "test.gate_cast"

-- | Panics with this text, with nobody waiting for it.
newtype PanicCast = PanicCast ByteString deriving newtype (Wire)

instance Cast PanicCast where
  castMethod _ = "test.panic_cast"

-- | Sends a byte where 'Note' sends a number.
newtype BadNote = BadNote Bool deriving newtype (Wire)

instance Cast BadNote where
  castMethod _ = "test.note"

-- | The engine knows nothing of it.
newtype UnknownCast = UnknownCast () deriving newtype (Wire)

instance Cast UnknownCast where
  castMethod _ = "test.unknown"
