{-# LANGUAGE FlexibleInstances #-}
{-# LANGUAGE OverloadedStrings #-}
{-# OPTIONS_GHC -Wno-orphans #-}

-- | References in messages, and functions, which are sent as such.
-- "RustBridge.Wire" brings the instance with the class.
module RustBridge.Wire.Reference
  ( referenceId,
    pokeReference,
    peekReference,
  )
where

import Control.Exception (try)
import Control.Monad (when)
import Control.Monad.IO.Class (liftIO)
import Data.Store (Peek, PeekException (..), Poke, Size (..))
import Data.Store.Core (peekStorable, pokeStorable)
import Data.Text (Text)
import Data.Word (Word64)
import Foreign.ForeignPtr.Unsafe (unsafeForeignPtrToPtr)
import Foreign.Ptr (ptrToWordPtr)
import RustBridge.Wire.Check (refuse)
import RustBridge.Wire.Class
import RustBridge.Wire.Tuple ()

-- | The number that stands for it on the wire.
referenceId :: Reference -> Word64
referenceId = fromIntegral . ptrToWordPtr . unsafeForeignPtrToPtr . referenceMemory

-- | Writes the id, of 8 bytes.
pokeReference :: Sender -> Reference -> Poke ()
pokeReference sender reference = liftIO (sendReference sender reference) >>= pokeStorable

-- | Reads it.
peekReference :: Receiver -> Peek Reference
peekReference receiver = do
  number <- peekStorable
  when (number == 0) $ refuse 8 "0 is the id of nothing"
  received <- liftIO (try (receiveReference receiver number))
  case received of
    Right reference -> pure reference
    -- It does not know where in the message it is.
    Left (PeekException _ why) -> refuse 8 why

-- | A function of nothing. Only sent, too.
instance Wire b => Wire (IO b) where
  wireSize = ConstSize 8
  wirePoke sender action = wirePoke sender (\() -> action)
  wirePeek _ = refuse 0 onlySent

-- | Only sent: Rust calls it. What it makes itself that can be called comes as a
-- 'RustBridge.Reference.RustFunction'.
instance (Wire a, Wire b) => Wire (a -> IO b) where
  wireSize = ConstSize 8
  wirePoke sender function = liftIO (sendHandler sender (Handler function)) >>= pokeStorable
  wirePeek _ = refuse 0 onlySent

onlySent :: Text
onlySent = "a Haskell function is only sent: what Rust sends that can be called is a RustFunction"
