{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE ScopedTypeVariables #-}
{-# OPTIONS_GHC -Wno-orphans #-}

-- | Collections, element by element. "RustBridge.Wire" brings these instances
-- with the class.
module RustBridge.Wire.Collection () where

import Control.Monad (when)
import qualified Data.Foldable as Foldable
import Data.List.NonEmpty (NonEmpty (..))
import Data.Map.Strict (Map)
import qualified Data.Map.Strict as Map
import Data.Set (Set)
import qualified Data.Set as Set
import Data.Store (Peek, Poke, Size (..))
import Data.Store.Core (Peek (..), PeekResult (..), Poke (..), PokeState, peekStorable, pokeStorable)
import Data.Text (Text)
import Data.Word (Word32)
import Foreign.Ptr (plusPtr)
import RustBridge.Wire.Check (peekCount, refuse)
import RustBridge.Wire.Class
import RustBridge.Wire.Tuple ()

instance Wire a => Wire [a] where
  wireSize = VarSize (manyLength length)
  {-# INLINE wireSize #-}
  wirePoke sender list = pokeMany sender (length list) list
  {-# INLINE wirePoke #-}
  wirePeek receiver = peekMany receiver "list"
  {-# INLINE wirePeek #-}

instance Wire a => Wire (NonEmpty a) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}

instance (Ord a, Wire a) => Wire (Set a) where
  wireSize = VarSize (manyLength Set.size)
  {-# INLINE wireSize #-}
  wirePoke sender set = pokeMany sender (Set.size set) set
  {-# INLINE wirePoke #-}
  wirePeek receiver = do
    elements <- peekMany receiver "Set"
    if ascending elements
      then pure (Set.fromDistinctAscList elements)
      else distinct "Set" Set.size elements (Set.fromList elements)

instance (Ord key, Wire key, Wire value) => Wire (Map key value) where
  wireSize = VarSize $ \entries -> case wireSize :: Size (key, value) of
    ConstSize pair -> 12 + pair * Map.size entries
    VarSize _ -> Map.foldlWithKey' (\bytes key value -> bytes + wireLength key + wireLength value) 12 entries
  {-# INLINE wireSize #-}
  wirePoke sender entries = pokeStorable mark *> pokeMany sender (Map.size entries) (Map.toAscList entries)
  {-# INLINE wirePoke #-}
  wirePeek receiver = do
    found <- peekStorable
    when (found /= mark) $ refuse 4 "the Map does not begin with the mark of one"
    pairs <- peekMany receiver "Map"
    if ascending (map fst pairs)
      then pure (Map.fromDistinctAscList pairs)
      else distinct "Map" Map.size pairs (Map.fromList pairs)

-- | What @store@ writes before a map whose pairs ascend.
mark :: Word32
mark = 1217678090

-- | Strictly, so that a tree can be built of them as they come. Rust may order
-- some keys differently.
ascending :: Ord a => [a] -> Bool
ascending keys = and (zipWith (<) keys (drop 1 keys))

distinct :: Text -> (built -> Int) -> [a] -> built -> Peek built
distinct what count elements built
  | count built == length elements = pure built
  | otherwise = refuse 0 ("the " <> what <> " before this has something twice")

-- | Bytes of the count and the elements.
manyLength :: forall list a. (Foldable list, Wire a) => (list a -> Int) -> list a -> Int
manyLength count elements = case wireSize :: Size a of
  ConstSize element -> 8 + element * count elements
  VarSize measure -> Foldable.foldl' (\bytes element -> bytes + measure element) 8 elements
{-# INLINE manyLength #-}

-- | The count, which is given, and the elements.
pokeMany :: (Foldable list, Wire a) => Sender -> Int -> list a -> Poke ()
pokeMany sender count elements =
  pokeStorable count *> Poke (\state offset -> foldr (pokeThen sender state) done elements offset)
  where
    done offset = pure (offset, ())
{-# INLINE pokeMany #-}

pokeThen :: Wire a => Sender -> PokeState -> a -> (Int -> IO (Int, ())) -> Int -> IO (Int, ())
pokeThen sender state element next offset = do
  (end, ()) <- runPoke (wirePoke sender element) state offset
  next end
{-# INLINE pokeThen #-}

-- | The count, and the elements.
peekMany :: forall a. Wire a => Receiver -> Text -> Peek [a]
peekMany receiver what = case wireSize :: Size a of
  -- All of them are the same, and counting them is not paid for with bytes: so
  -- they are made when they are asked for.
  ConstSize 0 -> replicate <$> peekCount what 1 <*> wirePeek receiver
  ConstSize bytes -> peekCount what bytes >>= peekLastFirst receiver bytes
  VarSize _ -> peekCount what 1 >>= peekFirstLast receiver
{-# INLINE peekMany #-}

-- | So many elements that take so many bytes each, all of which are there. It is
-- known where each one is, so the list is made from its end. That takes neither
-- stack nor a second list.
peekLastFirst :: Wire a => Receiver -> Int -> Int -> Peek [a]
peekLastFirst receiver bytes count = Peek $ \state start ->
  let end = start `plusPtr` (count * bytes)
      go list here
        | here == start = pure (PeekResult end list)
        | otherwise = do
          PeekResult _ element <- runPeek (wirePeek receiver) state (here `plusPtr` negate bytes)
          go (element : list) (here `plusPtr` negate bytes)
   in go [] end
{-# INLINE peekLastFirst #-}

-- | So many elements of any size. They are put in front of one another and then
-- turned around, which takes no stack.
peekFirstLast :: Wire a => Receiver -> Int -> Peek [a]
peekFirstLast receiver count = Peek $ \state ->
  let go 0 reversed here = pure (PeekResult here (reverse reversed))
      go left reversed here = do
        PeekResult next element <- runPeek (wirePeek receiver) state here
        go (left - 1) (element : reversed) next
   in go count []
{-# INLINE peekFirstLast #-}
