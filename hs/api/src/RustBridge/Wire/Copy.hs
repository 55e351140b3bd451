-- | Bytes that are copied in one piece.
module RustBridge.Wire.Copy
  ( pokeFrom,
    taking,
  )
where

import Data.Store.Core (Peek (..), PeekResult (..), Poke (..), pokeStatePtr)
import Data.Word (Word8)
import Foreign.Marshal.Utils (copyBytes)
import Foreign.Ptr (Ptr, castPtr, plusPtr)

-- | Copies so many bytes from where this leads to.
pokeFrom :: ((Ptr a -> IO ()) -> IO ()) -> Int -> Poke ()
pokeFrom with len = Poke $ \state offset -> do
  with $ \from -> copyBytes (pokeStatePtr state `plusPtr` offset) (castPtr from) len
  let end = offset + len
  end `seq` pure (end, ())
{-# INLINE pokeFrom #-}

-- | Reads so many bytes, which must be there.
taking :: Int -> (Ptr Word8 -> IO a) -> Peek a
taking len use = Peek $ \_ here -> PeekResult (here `plusPtr` len) <$> use here
{-# INLINE taking #-}
