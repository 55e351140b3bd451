{-# LANGUAGE CPP #-}
{-# LANGUAGE DerivingVia #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE ScopedTypeVariables #-}
{-# LANGUAGE StandaloneDeriving #-}
{-# OPTIONS_GHC -Wno-orphans #-}

#ifdef __GLASGOW_HASKELL__
#include "MachDeps.h"
#if defined(WORDS_BIGENDIAN) || WORD_SIZE_IN_BITS != 64
#error "rs-in-hs sends little-endian messages with 64-bit counts, without conversion: this target is not supported"
#endif
#endif

-- | Numbers, and characters. "RustBridge.Wire" brings these instances with the
-- class.
module RustBridge.Wire.Scalar () where

import Data.Char (chr, ord)
import Data.Int (Int16, Int32, Int64, Int8)
import Data.Store (Size (..))
import Data.Store.Core (peekStorable, pokeStorable)
import qualified Data.Text as Text
import Data.Typeable (Typeable)
import Data.WideWord (Int128 (..), Word128 (..))
import Data.Word (Word16, Word32, Word64, Word8)
import Foreign.Storable (Storable, sizeOf)
import Numeric (showHex)
import RustBridge.Wire.Check (notSendable, refuse)
import RustBridge.Wire.Class (Wire (..))

-- | What is sent as it lies in memory.
newtype InMemory a = InMemory a

instance (Storable a, Typeable a) => Wire (InMemory a) where
  wireSize = ConstSize (sizeOf (undefined :: a))
  {-# INLINE wireSize #-}
  wirePoke _ (InMemory number) = pokeStorable number
  {-# INLINE wirePoke #-}
  wirePeek _ = InMemory <$> peekStorable
  {-# INLINE wirePeek #-}

deriving via (InMemory Int8) instance Wire Int8

deriving via (InMemory Int16) instance Wire Int16

deriving via (InMemory Int32) instance Wire Int32

deriving via (InMemory Int64) instance Wire Int64

deriving via (InMemory Int) instance Wire Int

deriving via (InMemory Word8) instance Wire Word8

deriving via (InMemory Word16) instance Wire Word16

deriving via (InMemory Word32) instance Wire Word32

deriving via (InMemory Word64) instance Wire Word64

deriving via (InMemory Word) instance Wire Word

deriving via (InMemory Float) instance Wire Float

deriving via (InMemory Double) instance Wire Double

instance Wire Word128 where
  wireSize = ConstSize 16
  {-# INLINE wireSize #-}
  wirePoke _ (Word128 high low) = pokeStorable low *> pokeStorable high
  {-# INLINE wirePoke #-}
  wirePeek _ = flip Word128 <$> peekStorable <*> peekStorable
  {-# INLINE wirePeek #-}

instance Wire Int128 where
  wireSize = ConstSize 16
  {-# INLINE wireSize #-}
  wirePoke _ (Int128 high low) = pokeStorable low *> pokeStorable high
  {-# INLINE wirePoke #-}
  wirePeek _ = flip Int128 <$> peekStorable <*> peekStorable
  {-# INLINE wirePeek #-}

-- | Rust's @char@ has no surrogates; a Haskell 'Char' can be one.
instance Wire Char where
  wireSize = ConstSize 4
  {-# INLINE wireSize #-}
  wirePoke _ char
    | isScalar code = pokeStorable code
    | otherwise = notSendable (hex code <> " is a surrogate, which Rust's char cannot be")
    where
      code = fromIntegral (ord char)
  {-# INLINE wirePoke #-}
  wirePeek _ = do
    code <- peekStorable
    if isScalar code
      then pure (chr (fromIntegral code))
      else refuse 4 (hex code <> " is not the code point of a Char")
  {-# INLINE wirePeek #-}

-- | Whether it is what Unicode calls a scalar value.
isScalar :: Word32 -> Bool
isScalar code = code < 0xd800 || code > 0xdfff && code <= 0x10ffff
{-# INLINE isScalar #-}

hex :: Word32 -> Text.Text
hex code = Text.pack ("U+" <> showHex code "")
