{-# LANGUAGE OverloadedStrings #-}

-- | What keeps both directions honest: refusals, and counts that are checked.
module RustBridge.Wire.Check
  ( NotSendable (..),
    notSendable,
    refuse,
    peekCount,
    peekLength,
    peekTailLength,
    peekTag,
  )
where

import Control.Exception (Exception (..), throwIO)
import Control.Monad.IO.Class (liftIO)
import Data.Store (Peek, PeekException (..), Poke)
import Data.Store.Core (Peek (..), PeekResult (..), peekStateEndPtr, peekStorableTy)
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Word (Word8)
import Foreign.Ptr (minusPtr)

-- | A value that has no encoding, and why: Rust's type has no such value. It is
-- thrown while the value is encoded.
newtype NotSendable = NotSendable Text
  deriving (Eq)

instance Show NotSendable where
  showsPrec _ = showString . displayException

instance Exception NotSendable where
  displayException (NotSendable why) = "cannot be sent: " <> Text.unpack why

-- | Refuses to encode.
notSendable :: Text -> Poke a
notSendable = liftIO . throwIO . NotSendable

-- | Refuses what so many bytes before this place began.
refuse :: Int -> Text -> Peek a
refuse back why = Peek $ \state here ->
  throwIO (PeekException (peekStateEndPtr state `minusPtr` here + back) why)

-- | A count of elements that take at least so many bytes each (one or more), in
-- 8 bytes. A count that cannot be true, whatever follows, is refused here,
-- before anything is allocated for it.
peekCount :: Text -> Int -> Peek Int
peekCount what least = peekClaim what least ("elements of " <> shown least <> " or more bytes")
{-# INLINE peekCount #-}

-- | A length in bytes, in 8 bytes: the same, and no more than what is left.
peekLength :: Text -> Peek Int
peekLength what = peekClaim what 1 "bytes"
{-# INLINE peekLength #-}

-- | A count, in 8 bytes, of elements of so many bytes, which all lie in a tail of
-- this length.
peekTailLength :: Text -> Int -> Int -> Peek Int
peekTailLength what unit len = do
  count <- peekStorableTy (Text.unpack what)
  if count >= 0 && count <= len && count * unit == len
    then pure count
    else refuse 0 (falseClaim what count ("elements of " <> shown unit <> " bytes") len)

peekClaim :: Text -> Int -> Text -> Peek Int
peekClaim what least units = do
  count <- peekStorableTy (Text.unpack what)
  left <- Peek $ \state here -> pure (PeekResult here (peekStateEndPtr state `minusPtr` here))
  if count >= 0 && count <= left `quot` least
    then pure count
    else refuse 0 (falseClaim what count units left)
{-# INLINE peekClaim #-}

falseClaim :: Text -> Int -> Text -> Int -> Text
falseClaim what count units left =
  Text.unwords ["the", what, "claims", shown count, units <> ", but", shown left, "bytes are left"]
{-# NOINLINE falseClaim #-}

-- | A tag that is at most this.
peekTag :: Text -> Word8 -> Peek Word8
peekTag what most = do
  tag <- peekStorableTy (Text.unpack what)
  if tag <= most
    then pure tag
    else refuse 1 (noTag what most tag)
{-# INLINE peekTag #-}

noTag :: Text -> Word8 -> Word8 -> Text
noTag what most tag = Text.unwords [shown tag, "is no tag of", what <> ": it has 0 to", shown most]
{-# NOINLINE noTag #-}

shown :: Show a => a -> Text
shown = Text.pack . show
