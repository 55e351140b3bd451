{-# LANGUAGE ExistentialQuantification #-}

-- | Which function a context stands for.
--
-- C gets no address: it may come back with a context when the function's scope
-- has ended, or is ending on another thread. So a context is a number, which is
-- looked up, and never given out again.
module RustBridge.Contexts
  ( Context,
    Live (..),
    add,
    remove,
    find,
    count,
  )
where

import Control.Exception (SomeException)
import Data.IORef (IORef, atomicModifyIORef', newIORef, readIORef)
import Data.IntMap.Strict (IntMap)
import qualified Data.IntMap.Strict as IntMap
import Data.Typeable (Typeable, gcast)
import Data.Word (Word64)
import Foreign.Ptr (Ptr, minusPtr, nullPtr, plusPtr)
import System.IO.Unsafe (unsafePerformIO)

-- | What C passes on.
type Context = Ptr ()

-- | A function, and why it has failed last.
data Live f = Live
  { function :: f,
    failure :: !(IORef (Maybe SomeException))
  }

-- | One of any type: so the C function for one signature finds nothing by the
-- context of another.
data Entry = forall f. Typeable f => Entry !(Live f)

data Table = Table
  { -- | The last number that was given out. Null is none.
    lastNumber :: !Int,
    entries :: !(IntMap Entry)
  }

table :: IORef Table
table = unsafePerformIO (newIORef (Table 0 IntMap.empty))
{-# NOINLINE table #-}

-- | The context that stands for it from now on.
add :: Typeable f => Live f -> IO Context
add live = atomicModifyIORef' table $ \now ->
  let next = lastNumber now + 1
   in (Table next (IntMap.insert next (Entry live) (entries now)), nullPtr `plusPtr` next)

-- | It stands for nothing from now on.
remove :: Context -> IO ()
remove context = atomicModifyIORef' table $ \now ->
  (now {entries = IntMap.delete (number context) (entries now)}, ())

-- | The function of this type for which it stands.
find :: Typeable f => Context -> IO (Maybe (Live f))
find context = do
  now <- readIORef table
  pure $ case IntMap.lookup (number context) (entries now) of
    Just (Entry live) -> gcast live
    Nothing -> Nothing
{-# INLINE find #-}

-- | How many contexts stand for something.
count :: IO Word64
count = fromIntegral . IntMap.size . entries <$> readIORef table

number :: Context -> Int
number context = context `minusPtr` nullPtr
