{-# LANGUAGE FlexibleInstances #-}
{-# LANGUAGE KindSignatures #-}
{-# LANGUAGE RoleAnnotations #-}
{-# LANGUAGE TupleSections #-}
{-# LANGUAGE TypeFamilyDependencies #-}

-- | Haskell functions for C libraries that take a function and a context.
--
-- What holds for every trampoline:
--
-- 1. The function runs on whichever thread C calls from, on several at once where
--    C does. It may block; C then waits.
-- 2. No exception goes into C, whatever it is and wherever it comes from. Where
--    the function throws, C gets the signature's default, which is zero, or
--    nothing; 'trampolineError' gives the exception. @exitWith@ ends nothing.
-- 3. C may call at any time while the program runs: a call that comes after the
--    scope has ended gets the default.
-- 4. The end of the scope does not wait. A call that is running goes on; so the
--    function must not use what ends with the scope, such as the memory of an
--    @alloca@ around it, unless C is known to be through.
--
-- For a C library with
--
-- > double integrate(double (*f)(double x, void *context), void *context);
--
-- > foreign import ccall safe "integrate"
-- >   c_integrate :: FunPtr (CDouble -> Ptr () -> IO CDouble) -> Ptr () -> IO CDouble
-- >
-- > integrate :: (Double -> Double) -> IO Double
-- > integrate f =
-- >   withTrampoline (pure . realToFrac . f . realToFrac) $ \trampoline -> do
-- >     area <- c_integrate (trampolineFunction trampoline) (trampolineContext trampoline)
-- >     trampolineError trampoline >>= maybe (pure (realToFrac area)) throwIO
--
-- Whatever makes C call must be imported @safe@, which is what an import without
-- a word is. An @unsafe@ one keeps its capability during the call, and GHC is not
-- prepared for another:
--
-- > foreign import ccall unsafe "integrate" -- WRONG
--
-- hangs for ever when no other capability is free or when a garbage collection
-- begins meanwhile, and ends the process where that is linked without @-threaded@.
-- That it works now and then is luck.
--
-- Where C calls on threads of its own, the program has to be linked with
-- @-threaded@. GHC keeps some hundred bytes for each such thread until that calls
-- @hs_thread_done@, or the program ends. By the program's end C must be through.
--
-- A call costs about 0.2 µs; more when threads of C that call at once outnumber
-- the capabilities, and some 15 µs where there is one capability for all. No
-- engine has to run. For closures of Rust there is the same in the crate
-- @rs-in-hs@, as @rs_in_hs::trampoline@, for a fraction of that.
module RustBridge.Trampoline
  ( Trampoline,
    withTrampoline,
    trampolineFunction,
    trampolineFunctionContextFirst,
    trampolineContext,
    trampolineError,
    Signature (ContextLast, ContextFirst),
    NoBytes (..),
  )
where

import Control.Exception (Exception (..), SomeException, bracket, catch, evaluate, throwIO)
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.IORef (atomicModifyIORef', newIORef, writeIORef)
import Data.Kind (Type)
import Data.Typeable (Typeable)
import Data.Word (Word8)
import Foreign.C.Types (CDouble (..), CInt (..), CSize (..))
import Foreign.Ptr (FunPtr, Ptr, castPtr, nullPtr)
import GHC.IO (unsafeUnmask)
import RustBridge.Contexts (Context, Live (..))
import qualified RustBridge.Contexts as Contexts
import System.IO.Unsafe (unsafePerformIO)

-- | A function of this type, which C can call until the scope of its
-- 'withTrampoline' ends. May be used from any thread.
data Trampoline f = Trampoline Context (Live f)

type role Trampoline nominal

-- | Has C call this function while the action runs. The type of what is imported
-- says which signature is meant; where nothing does, a type application:
-- @withTrampoline \@(CInt -> IO CInt)@.
withTrampoline :: Signature f => f -> (Trampoline f -> IO a) -> IO a
withTrampoline f = bracket make (\(Trampoline context _) -> Contexts.remove context)
  where
    make = do
      live <- Live f <$> newIORef Nothing
      context <- Contexts.add live
      pure (Trampoline context live)

-- | The C function, with the context as its last parameter, as GLib and curl have
-- it. It is the same for all trampolines of the type, and there for as long as
-- the program runs: it is not to be freed.
trampolineFunction :: Signature f => Trampoline f -> FunPtr (ContextLast f)
trampolineFunction = contextLast . functionsOf

-- | The C function, with the context as its first parameter, as SQLite has it.
-- Otherwise the same.
trampolineFunctionContextFirst :: Signature f => Trampoline f -> FunPtr (ContextFirst f)
trampolineFunctionContextFirst = contextFirst . functionsOf

-- | What C has to pass to the function. It is no address, but a number that is
-- never used again, and not null.
trampolineContext :: Trampoline f -> Ptr ()
trampolineContext (Trampoline context _) = context

-- | Why the last call failed that did, since this was asked last. Also after the
-- scope has ended. An exception that was thrown at the function's thread from
-- elsewhere is one of those.
trampolineError :: Trampoline f -> IO (Maybe SomeException)
trampolineError (Trampoline _ live) = atomicModifyIORef' (failure live) (Nothing,)

-- | C passed null with a length, or a length that no memory has. The function was
-- not called.
data NoBytes = NoBytes !(Ptr Word8) !CSize
  deriving (Eq, Show)

instance Exception NoBytes where
  displayException (NoBytes bytes len) = "no memory is " ++ show len ++ " bytes long at " ++ show bytes

-- | The types of functions that C can call. There are
--
-- +------------------------------------+-----------------------------------------------------------------+
-- | @IO ()@                            | @void (*)(void *context)@                                       |
-- +------------------------------------+-----------------------------------------------------------------+
-- | @IO CInt@                          | @int (*)(void *context)@                                        |
-- +------------------------------------+-----------------------------------------------------------------+
-- | @CInt -> IO CInt@                  | @int (*)(int, void *context)@                                   |
-- +------------------------------------+-----------------------------------------------------------------+
-- | @CDouble -> IO CDouble@            | @double (*)(double, void *context)@                             |
-- +------------------------------------+-----------------------------------------------------------------+
-- | @CDouble -> CDouble -> IO CDouble@ | @double (*)(double, double, void *context)@                     |
-- +------------------------------------+-----------------------------------------------------------------+
-- | @ByteString -> IO CInt@            | @int (*)(const uint8_t *bytes, size_t len, void *context)@; the |
-- |                                    | bytes are copied, so the function may keep them                 |
-- +------------------------------------+-----------------------------------------------------------------+
class Typeable f => Signature f where
  -- | The C function's type, with the context as its last parameter.
  type ContextLast f = (function :: Type) | function -> f

  -- | With the context as its first parameter.
  type ContextFirst f = (function :: Type) | function -> f

  functions :: Functions f

-- | The C functions of a signature. Making one takes some 10 µs, and its owner
-- could not know when C calls it for the last time: so there is one of each in
-- the process, and it is the context that tells one trampoline from another.
data Functions f = Functions
  { contextLast :: !(FunPtr (ContextLast f)),
    contextFirst :: !(FunPtr (ContextFirst f))
  }

functionsOf :: Signature f => Trampoline f -> Functions f
functionsOf _ = functions

-- | A call from C. An exception that left it would end the process.
--
-- One may also be on its way to this thread, from another one that has learnt its
-- id from the function. The handler of an exception is masked, and what has come
-- by its end is thrown there, where nothing would catch it: so that is asked for
-- within another 'catch', until there is nothing.
answer :: Typeable f => a -> Context -> (f -> IO a) -> IO a
answer fallback context apply = do
  found <- Contexts.find context
  case found of
    Nothing -> pure fallback
    -- An answer that is not evaluated could throw when it is past the handler.
    Just live -> (apply (function live) >>= evaluate) `catch` failed live
  where
    failed live thrown = do
      writeIORef (failure live) (Just thrown)
      unsafeUnmask (pure fallback) `catch` failed live
{-# INLINE answer #-}

-- | Gives a function the bytes that C passed. Null without a length is how C says
-- that there are none.
withBytes :: Ptr Word8 -> CSize -> (ByteString -> IO a) -> IO a
withBytes bytes len use
  | bytes == nullPtr && len == 0 = use ByteString.empty
  | bytes == nullPtr || len > fromIntegral (maxBound :: Int) = throwIO (NoBytes bytes len)
  | otherwise = ByteString.packCStringLen (castPtr bytes, fromIntegral len) >>= use

instance Signature (IO ()) where
  type ContextLast (IO ()) = Ptr () -> IO ()
  type ContextFirst (IO ()) = Ptr () -> IO ()
  functions = functionsOfVisit

instance Signature (IO CInt) where
  type ContextLast (IO CInt) = Ptr () -> IO CInt
  type ContextFirst (IO CInt) = Ptr () -> IO CInt
  functions = functionsOfAsk

instance Signature (CInt -> IO CInt) where
  type ContextLast (CInt -> IO CInt) = CInt -> Ptr () -> IO CInt
  type ContextFirst (CInt -> IO CInt) = Ptr () -> CInt -> IO CInt
  functions = functionsOfCount

instance Signature (CDouble -> IO CDouble) where
  type ContextLast (CDouble -> IO CDouble) = CDouble -> Ptr () -> IO CDouble
  type ContextFirst (CDouble -> IO CDouble) = Ptr () -> CDouble -> IO CDouble
  functions = functionsOfReal

instance Signature (CDouble -> CDouble -> IO CDouble) where
  type ContextLast (CDouble -> CDouble -> IO CDouble) = CDouble -> CDouble -> Ptr () -> IO CDouble
  type ContextFirst (CDouble -> CDouble -> IO CDouble) = Ptr () -> CDouble -> CDouble -> IO CDouble
  functions = functionsOfReal2

instance Signature (ByteString -> IO CInt) where
  type ContextLast (ByteString -> IO CInt) = Ptr Word8 -> CSize -> Ptr () -> IO CInt
  type ContextFirst (ByteString -> IO CInt) = Ptr () -> Ptr Word8 -> CSize -> IO CInt
  functions = functionsOfBytes

type Wrap f = f -> IO (FunPtr f)

foreign import ccall "wrapper" wrapVisit :: Wrap (Ptr () -> IO ())

foreign import ccall "wrapper" wrapAsk :: Wrap (Ptr () -> IO CInt)

foreign import ccall "wrapper" wrapCount :: Wrap (CInt -> Ptr () -> IO CInt)

foreign import ccall "wrapper" wrapCountFirst :: Wrap (Ptr () -> CInt -> IO CInt)

foreign import ccall "wrapper" wrapReal :: Wrap (CDouble -> Ptr () -> IO CDouble)

foreign import ccall "wrapper" wrapRealFirst :: Wrap (Ptr () -> CDouble -> IO CDouble)

foreign import ccall "wrapper" wrapReal2 :: Wrap (CDouble -> CDouble -> Ptr () -> IO CDouble)

foreign import ccall "wrapper" wrapReal2First :: Wrap (Ptr () -> CDouble -> CDouble -> IO CDouble)

foreign import ccall "wrapper" wrapBytes :: Wrap (Ptr Word8 -> CSize -> Ptr () -> IO CInt)

foreign import ccall "wrapper" wrapBytesFirst :: Wrap (Ptr () -> Ptr Word8 -> CSize -> IO CInt)

functionsOfVisit :: Functions (IO ())
functionsOfVisit = unsafePerformIO $ do
  -- With nothing beside the context, both orders are one.
  visit <- wrapVisit (\context -> answer () context id)
  pure (Functions visit visit)
{-# NOINLINE functionsOfVisit #-}

functionsOfAsk :: Functions (IO CInt)
functionsOfAsk = unsafePerformIO $ do
  ask <- wrapAsk (\context -> answer 0 context id)
  pure (Functions ask ask)
{-# NOINLINE functionsOfAsk #-}

functionsOfCount :: Functions (CInt -> IO CInt)
functionsOfCount = unsafePerformIO (Functions <$> wrapCount (flip call) <*> wrapCountFirst call)
  where
    call context number = answer 0 context (\f -> f number)
{-# NOINLINE functionsOfCount #-}

functionsOfReal :: Functions (CDouble -> IO CDouble)
functionsOfReal = unsafePerformIO (Functions <$> wrapReal (flip call) <*> wrapRealFirst call)
  where
    call context x = answer 0 context (\f -> f x)
{-# NOINLINE functionsOfReal #-}

functionsOfReal2 :: Functions (CDouble -> CDouble -> IO CDouble)
functionsOfReal2 = unsafePerformIO (Functions <$> wrapReal2 (\x y context -> call context x y) <*> wrapReal2First call)
  where
    call context x y = answer 0 context (\f -> f x y)
{-# NOINLINE functionsOfReal2 #-}

functionsOfBytes :: Functions (ByteString -> IO CInt)
functionsOfBytes =
  unsafePerformIO (Functions <$> wrapBytes (\bytes len context -> call context bytes len) <*> wrapBytesFirst call)
  where
    call context bytes len = answer 0 context (withBytes bytes len)
{-# NOINLINE functionsOfBytes #-}
