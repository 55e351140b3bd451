{-# LANGUAGE CApiFFI #-}
{-# LANGUAGE PatternSynonyms #-}

-- | The C functions of the engine's library, and nothing else.
--
-- They are imported through the C header that is generated from the Rust
-- source, so the C compiler checks each import; constants, sizes and offsets
-- are the C compiler's as well.
--
-- Imports that are @unsafe@ never block and run neither Haskell nor an engine's
-- code, but for that of methods which their author calls nonblocking; starting,
-- stopping and direct calls do, so they are @safe@.
module RustBridge.Foreign
  ( Slot,
    Status,
    Epoch,
    pattern Ok,
    pattern Wait,
    pattern Full,
    pattern IsNotRunning,
    pattern IsAlreadyRunning,
    pattern IsShuttingDown,
    pattern TooLarge,
    pattern OutOfMemory,
    pattern BadConfig,
    pattern BadEngine,
    pattern NoThread,
    pattern TimedOut,
    pattern Panicked,
    pattern Undecodable,
    pattern Unencodable,
    pattern AnswerTooLarge,
    pattern NoSuchMethod,
    pattern TokenDropped,
    pattern NotHandled,
    pattern IsForked,
    pattern Internal,
    pattern OtherServices,
    pattern OkWithTail,
    pattern MayBlock,
    pattern IsClosed,
    pattern Thrown,
    pattern Overflowed,
    pattern StreamEndedWith,
    pattern OkReferring,
    pattern Ended,
    Kind,
    pattern CallKind,
    pattern CastKind,
    noTimeout,
    compareClaims,
    initialize,
    deinitialize,
    exitHook,
    Out,
    withOut,
    newRequest,
    newBatch,
    submitCall,
    submitCast,
    awaitCall,
    Exchange (..),
    withExchange,
    setDecoding,
    isDecoding,
    direct,
    directNonblocking,
    submitSmall,
    takeSmall,
    sendSmall,
    readResult,
    readTail,
    keepTail,
    castAccepted,
    releaseSlot,
    nextNotice,
    holdReference,
    claimReference,
    forgottenWith,
    closeReference,
    takeNextEvent,
    forgetReader,
    droppedEvents,
    Invocation,
    Summons (..),
    offerFunction,
    takeSummons,
    answerCall,
    throwCall,
    dismissCall,
    readStats,
  )
where

import Control.Concurrent (myThreadId, threadCapability)
import Control.Concurrent.MVar (MVar)
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import qualified Data.ByteString.Unsafe as ByteString
import Data.Word (Word32, Word64, Word8)
import Foreign.C.String (CString)
import Foreign.C.Types (CChar (..), CInt (..), CSize (..))
import Foreign.ForeignPtr (FinalizerEnvPtr, FinalizerPtr, ForeignPtr, newForeignPtr, newForeignPtrEnv)
import Foreign.Marshal.Alloc (alloca, allocaBytes)
import Foreign.Ptr (FunPtr, Ptr, castPtr, nullPtr, plusPtr, wordPtrToPtr)
import Foreign.StablePtr (StablePtr, castStablePtrToPtr)
import Foreign.Storable (Storable, peek, peekByteOff, poke, pokeByteOff)
import GHC.Conc (PrimMVar, newStablePtrPrimMVar)
import GHC.ForeignPtr (mallocPlainForeignPtrBytes, unsafeWithForeignPtr)
import RustBridge.Stats (Stats (..))
import System.Mem (performMajorGC, performMinorGC)

#include "rs_in_hs.h"

-- | A call or cast, owned by whoever has the pointer until 'releaseSlot'.
data {-# CTYPE "rs_in_hs.h" "H2rSlot" #-} Slot

-- | Bytes that Rust lends.
data {-# CTYPE "const uint8_t" #-} Lent

data {-# CTYPE "rs_in_hs.h" "H2rReply" #-} RawReply

data {-# CTYPE "rs_in_hs.h" "H2rStats" #-} RawStats

data {-# CTYPE "rs_in_hs.h" "H2rRts" #-} Rts

-- | A call of a Haskell function, owned by whoever has the pointer until
-- 'dismissCall'.
data {-# CTYPE "rs_in_hs.h" "H2rInvocation" #-} Invocation

data {-# CTYPE "rs_in_hs.h" "H2rSummons" #-} RawSummons

-- | How a function, or a call, has ended.
type Status = Word32

-- | One run of the runtime, from its init to its deinit.
type Epoch = Word64

pattern Ok, Wait, Full, IsNotRunning, IsAlreadyRunning, IsShuttingDown, TooLarge, OutOfMemory, BadConfig, BadEngine, NoThread, TimedOut, Panicked, Undecodable, Unencodable, AnswerTooLarge, NoSuchMethod, TokenDropped, NotHandled, IsForked, Internal, OtherServices, OkWithTail, MayBlock, IsClosed, Thrown, Overflowed, StreamEndedWith, OkReferring, Ended :: Status
pattern Ok = #{const H2R_OK}
pattern Wait = #{const H2R_WAIT}
pattern Full = #{const H2R_FULL}
pattern IsNotRunning = #{const H2R_NOT_RUNNING}
pattern IsAlreadyRunning = #{const H2R_ALREADY_RUNNING}
pattern IsShuttingDown = #{const H2R_SHUTTING_DOWN}
pattern TooLarge = #{const H2R_TOO_LARGE}
pattern OutOfMemory = #{const H2R_OUT_OF_MEMORY}
pattern BadConfig = #{const H2R_BAD_CONFIG}
pattern BadEngine = #{const H2R_BAD_ENGINE}
pattern NoThread = #{const H2R_NO_THREAD}
pattern TimedOut = #{const H2R_TIMED_OUT}
pattern Panicked = #{const H2R_PANICKED}
pattern Undecodable = #{const H2R_UNDECODABLE}
pattern Unencodable = #{const H2R_UNENCODABLE}
pattern AnswerTooLarge = #{const H2R_ANSWER_TOO_LARGE}
pattern NoSuchMethod = #{const H2R_UNKNOWN_METHOD}
pattern TokenDropped = #{const H2R_ABANDONED}
pattern NotHandled = #{const H2R_CAST_DROPPED}
pattern IsForked = #{const H2R_FORKED}
pattern Internal = #{const H2R_INTERNAL}
pattern OtherServices = #{const H2R_OTHER_SERVICES}
pattern OkWithTail = #{const H2R_OK_WITH_TAIL}
pattern MayBlock = #{const H2R_MAY_BLOCK}
pattern IsClosed = #{const H2R_CLOSED}
pattern Thrown = #{const H2R_THROWN}
pattern Overflowed = #{const H2R_OVERFLOWED}
pattern StreamEndedWith = #{const H2R_STREAM_FAILED}
pattern OkReferring = #{const H2R_OK_REFERRING}
pattern Ended = #{const H2R_ENDED}

-- | Call or cast.
type Kind = Word32

pattern CallKind, CastKind :: Kind
pattern CallKind = #{const H2R_CALL}
pattern CastKind = #{const H2R_CAST}

-- | The timeout that never comes.
noTimeout :: Word64
noTimeout = #{const H2R_NO_TIMEOUT}

foreign import ccall "&hs_try_putmvar" hsTryPutMVar :: FunPtr (CInt -> Ptr () -> IO ())

foreign import ccall "&hs_free_stable_ptr" hsFreeStablePtr :: FunPtr (Ptr () -> IO ())

foreign import ccall "&hs_thread_done" hsThreadDone :: FunPtr (IO ())

foreign import capi safe "rs_in_hs.h h2r_init"
  h2rInit :: Ptr Lent -> CSize -> Ptr Rts -> Ptr Epoch -> CString -> CSize -> IO Status

foreign import capi safe "rs_in_hs.h h2r_deinit"
  h2rDeinit :: Epoch -> Ptr Word64 -> IO Status

foreign import capi safe "rs_in_hs.h h2r_compare"
  h2rCompare :: Ptr Lent -> CSize -> Ptr (Ptr Slot) -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_exit_hook"
  exitHook :: IO (FinalizerPtr ())

foreign import capi unsafe "rs_in_hs.h h2r_request"
  h2rRequest :: Epoch -> Kind -> Word64 -> CSize -> Word64 -> Ptr (Ptr Slot) -> Ptr (Ptr Word8) -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_batch"
  h2rBatch :: Epoch -> Kind -> Word64 -> CSize -> CSize -> Ptr (Ptr Slot) -> Ptr (Ptr Word8) -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_call"
  h2rCall :: Epoch -> Ptr Slot -> Ptr () -> CInt -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_cast"
  h2rCast :: Epoch -> Ptr Slot -> Ptr () -> CInt -> IO Status

foreign import capi safe "rs_in_hs.h h2r_direct"
  h2rDirect :: Epoch -> Word64 -> Ptr Word8 -> CSize -> CSize -> Ptr RawReply -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_direct_nonblocking"
  h2rDirectNonblocking :: Epoch -> Word64 -> Ptr Word8 -> CSize -> CSize -> Ptr RawReply -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_submit"
  h2rSubmit :: Epoch -> Word64 -> Ptr Lent -> CSize -> Word64 -> Ptr () -> CInt -> Ptr RawReply -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_take"
  h2rTake :: Ptr Slot -> Ptr Word8 -> CSize -> Ptr RawReply -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_send"
  h2rSend :: Epoch -> Word64 -> Ptr Lent -> CSize -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_await"
  h2rAwait :: Ptr Slot -> Ptr () -> CInt -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_tail"
  h2rTail :: Ptr Slot -> Ptr (Ptr Lent) -> Ptr CSize -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_lend"
  h2rLend :: Ptr Slot -> Ptr Word32 -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_let_go_hook"
  letGoHook :: IO (FinalizerEnvPtr Slot Word8)

foreign import capi unsafe "rs_in_hs.h h2r_result"
  h2rResult :: Ptr Slot -> Ptr (Ptr Lent) -> Ptr CSize -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_accepted"
  castAccepted :: Ptr Slot -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_release"
  h2rRelease :: Ptr Slot -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_notice"
  h2rNotice :: Epoch -> Ptr () -> CInt -> Ptr (Ptr Slot) -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_hold"
  h2rHold :: Ptr Slot -> Word64 -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_claim"
  claimReference :: Word64 -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_forget_hook"
  forgetHook :: IO (FinalizerPtr ())

foreign import capi unsafe "rs_in_hs.h h2r_close"
  h2rClose :: Word64 -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_event"
  h2rEvent :: Word64 -> Ptr () -> CInt -> Ptr (Ptr Slot) -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_forget_reader"
  h2rForgetReader :: Word64 -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_dropped"
  h2rDropped :: Word64 -> Ptr Word64 -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_offer"
  h2rOffer :: Epoch -> Ptr Slot -> Ptr Word64 -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_summons"
  h2rSummons :: Epoch -> Ptr () -> CInt -> Ptr RawSummons -> IO Status

foreign import capi safe "rs_in_hs.h h2r_answer"
  h2rAnswer :: Ptr Invocation -> Ptr Slot -> IO Status

foreign import capi safe "rs_in_hs.h h2r_throw"
  h2rThrow :: Ptr Invocation -> Ptr Lent -> CSize -> Ptr Lent -> CSize -> IO Status

foreign import capi safe "rs_in_hs.h h2r_dismiss"
  h2rDismiss :: Ptr Invocation -> IO Status

foreign import capi unsafe "rs_in_hs.h h2r_stats"
  h2rStats :: Ptr RawStats -> IO Status

-- | Compares encoded claims with the engine's services: with 'OtherServices'
-- comes a report, to be released.
compareClaims :: ByteString -> IO (Status, Ptr Slot)
compareClaims claims =
  ByteString.unsafeUseAsCStringLen claims $ \(bytes, len) -> alloca $ \report -> do
    poke report nullPtr
    status <- h2rCompare (castPtr bytes) (fromIntegral len) report
    (,) status <$> peek report

-- | Starts the runtime: its epoch, or why not, with a text in UTF-8.
initialize :: ByteString -> IO (Either (Status, ByteString) Epoch)
initialize config =
  ByteString.unsafeUseAsCStringLen config $ \(bytes, len) ->
    allocaBytes #{size H2rRts} $ \rts ->
      alloca $ \epoch ->
        allocaBytes errorLen $ \text -> do
          #{poke H2rRts, try_putmvar} rts hsTryPutMVar
          #{poke H2rRts, free_stable_ptr} rts hsFreeStablePtr
          #{poke H2rRts, thread_done} rts hsThreadDone
          pokeByteOff text 0 (0 :: CChar)
          status <- h2rInit (castPtr bytes) (fromIntegral len) rts epoch text (fromIntegral errorLen)
          case status of
            Ok -> Right <$> peek epoch
            _ -> do
              why <- ByteString.packCString text
              pure (Left (status, why))
  where
    errorLen = 4096

-- | Stops the runtime: how many handlers were left behind. Blocks for up to the
-- shutdown limit.
deinitialize :: Epoch -> IO (Either Status Word64)
deinitialize epoch = given (h2rDeinit epoch)

-- | What a function writes where it says 'Ok'.
given :: Storable a => (Ptr a -> IO Status) -> IO (Either Status a)
given act = alloca $ \place -> do
  status <- act place
  case status of
    Ok -> Right <$> peek place
    _ -> pure (Left status)

-- | Room for two words, which C functions write and which are read at once. One
-- for a whole call: making it takes longer than most of those functions.
newtype Out = Out (Ptr (Ptr ()))

-- | See 'Out'.
withOut :: (Out -> IO a) -> IO a
withOut use = allocaBytes 16 (use . Out)
{-# INLINE withOut #-}

first :: Out -> Ptr a
first (Out words') = castPtr words'

second :: Out -> Ptr a
second (Out words') = words' `plusPtr` 8

-- | A slot, and the place for a request of so many bytes.
newRequest :: Out -> Epoch -> Kind -> Word64 -> Int -> Word64 -> IO (Either Status (Ptr Slot, Ptr Word8))
newRequest out epoch kind method len timeout =
  h2rRequest epoch kind method (fromIntegral len) timeout (first out) (second out) >>= made out
{-# INLINE newRequest #-}

-- | The same for so many requests at once, in so many bytes.
newBatch :: Out -> Epoch -> Kind -> Word64 -> Int -> Int -> IO (Either Status (Ptr Slot, Ptr Word8))
newBatch out epoch kind method count len =
  h2rBatch epoch kind method (fromIntegral count) (fromIntegral len) (first out) (second out) >>= made out

made :: Out -> Status -> IO (Either Status (Ptr Slot, Ptr Word8))
made out Ok = Right <$> ((,) <$> peek (first out) <*> peek (second out))
made _ status = pure (Left status)
{-# INLINE made #-}

-- | Hands a call over; when it has ended, the MVar is filled.
submitCall :: Epoch -> Ptr Slot -> MVar () -> IO Status
submitCall epoch slot mvar = withWaiter mvar (h2rCall epoch slot)

-- | Hands a cast over; where the queue is full and there is an MVar, it is
-- filled when there is room.
submitCast :: Epoch -> Ptr Slot -> Maybe (MVar ()) -> IO Status
submitCast epoch slot (Just mvar) = withWaiter mvar (h2rCast epoch slot)
submitCast epoch slot Nothing = h2rCast epoch slot nullPtr (-1)

-- | Has the MVar filled when a direct call has ended that a token answers; 'Ok'
-- where it has ended already.
awaitCall :: Ptr Slot -> MVar () -> IO Status
awaitCall slot mvar = withWaiter mvar (h2rAwait slot)

-- | Makes the StablePtr that Rust takes over, whatever the status says: it is
-- freed there exactly once, by the put or without one. Between its making and
-- the hand-over no exception may come, or nobody would free it: so this is to be
-- called with exceptions masked.
withWaiter :: MVar () -> (Ptr () -> CInt -> IO Status) -> IO Status
withWaiter mvar handOver = do
  (capability, _) <- threadCapability =<< myThreadId
  waiter <- newStablePtrPrimMVar mvar :: IO (StablePtr PrimMVar)
  handOver (castStablePtrToPtr waiter) (fromIntegral capability)
{-# INLINE withWaiter #-}

-- | Memory of Haskell's for a request, and for its answer if that fits. Before it
-- lies what C functions give back beside their status.
data Exchange = Exchange
  { body :: !(Ptr Word8),
    -- | How much of it the request takes.
    requestLength :: !Int,
    -- | How much there is.
    capacity :: !Int
  }

-- | Memory for so many bytes of request, and an answer of at least so many. It
-- stays where it is; the action must be through with it when it returns.
withExchange :: Int -> Int -> (Exchange -> IO a) -> IO a
withExchange len least use = do
  let size = max len least
  memory <- mallocPlainForeignPtrBytes (#{size H2rReply} + size + slack) :: IO (ForeignPtr Word8)
  unsafeWithForeignPtr memory $ \start -> do
    #{poke H2rReply, slot} start (nullPtr :: Ptr Slot)
    use (Exchange (start `plusPtr` #{size H2rReply}) len size)
{-# INLINE withExchange #-}

-- | Bytes behind the end that belong to nothing else: an instance of 'Wire' that
-- writes somewhat more than it says is found out before it has overwritten
-- anything. A slot has the same.
slack :: Int
slack = 64

-- | The answer, of so many bytes, is being decoded.
setDecoding :: Exchange -> Int -> IO ()
setDecoding exchange size = do
  #{poke H2rReply, slot} (header exchange) (body exchange)
  #{poke H2rReply, len} (header exchange) (fromIntegral size :: CSize)
{-# INLINE setDecoding #-}

-- | Whether it is, and its size.
isDecoding :: Exchange -> IO (Maybe Int)
isDecoding exchange = do
  mark <- #{peek H2rReply, slot} (header exchange)
  size <- #{peek H2rReply, len} (header exchange) :: IO CSize
  pure (if mark == body exchange then Just (fromIntegral size) else Nothing)

header :: Exchange -> Ptr RawReply
header exchange = body exchange `plusPtr` negate #{size H2rReply}
{-# INLINE header #-}

-- | Gives the action a status, a slot unless it is null, and how many bytes the
-- answer takes where the request was.
replied :: Exchange -> (Ptr RawReply -> IO Status) -> (Status -> Ptr Slot -> Int -> IO a) -> IO a
replied exchange act use = do
  let reply = header exchange
  -- Where nothing came of it, nothing is written.
  #{poke H2rReply, slot} reply (nullPtr :: Ptr Slot)
  status <- act reply
  slot <- #{peek H2rReply, slot} reply
  len <- #{peek H2rReply, len} reply :: IO CSize
  use status slot (fromIntegral len)
{-# INLINE replied #-}

-- | Runs a method on this thread. With 'Ok' and no slot the answer is in the
-- place of the request. A slot is to be released.
direct, directNonblocking :: Epoch -> Word64 -> Exchange -> (Status -> Ptr Slot -> Int -> IO a) -> IO a
direct epoch method exchange =
  replied exchange (h2rDirect epoch method (body exchange) (fromIntegral (requestLength exchange)) (fromIntegral (capacity exchange)))
{-# INLINE direct #-}
directNonblocking epoch method exchange =
  replied exchange (h2rDirectNonblocking epoch method (body exchange) (fromIntegral (requestLength exchange)) (fromIntegral (capacity exchange)))
{-# INLINE directNonblocking #-}

-- | Hands a call over that is copied from here: with 'Ok' there is a slot, and
-- when it has ended, the MVar is filled.
submitSmall :: Epoch -> Word64 -> Exchange -> Word64 -> MVar () -> (Status -> Ptr Slot -> Int -> IO a) -> IO a
submitSmall epoch method exchange timeout mvar =
  replied exchange $ \reply ->
    withWaiter mvar $ \waiter number ->
      h2rSubmit epoch method (castPtr (body exchange)) (fromIntegral (requestLength exchange)) timeout waiter number reply
{-# INLINE submitSmall #-}

-- | The answer to it, as for 'direct', whether it has one or not; where there is
-- no slot any more, it was released.
takeSmall :: Exchange -> Ptr Slot -> (Status -> Ptr Slot -> Int -> IO a) -> IO a
takeSmall exchange slot = replied exchange (h2rTake slot (body exchange) (fromIntegral (capacity exchange)))
{-# INLINE takeSmall #-}

-- | Sends a cast that is copied from here, if there is room.
sendSmall :: Epoch -> Word64 -> Exchange -> IO Status
sendSmall epoch method exchange =
  h2rSend epoch method (castPtr (body exchange)) (fromIntegral (requestLength exchange))
{-# INLINE sendSmall #-}

-- | How a call has ended, and the bytes that belong to it, which are there until
-- the slot is released.
readResult :: Out -> Ptr Slot -> IO (Status, Ptr Word8, Int)
readResult out slot = do
  status <- h2rResult slot (first out) (second out)
  case status of
    Wait -> pure (status, nullPtr, 0)
    Internal -> pure (status, nullPtr, 0)
    _ -> lent out status
{-# INLINE readResult #-}

-- | The last bytes of an answer 'OkWithTail'.
readTail :: Out -> Ptr Slot -> IO (Status, Ptr Word8, Int)
readTail out slot = h2rTail slot (first out) (second out) >>= lent out

lent :: Out -> Status -> IO (Status, Ptr Word8, Int)
lent out status = do
  start <- peek (first out)
  size <- peek (second out) :: IO CSize
  pure (status, start, fromIntegral size)
{-# INLINE lent #-}

-- | Those bytes, with the slot as their owner: it is released when they are
-- garbage, and no longer by the caller. The collector does not see how large they
-- are, so it is called here when it is time. With exceptions masked, or the slot
-- might have no owner, or two.
keepTail :: Ptr Slot -> Ptr Word8 -> IO (ForeignPtr Word8)
keepTail slot bytes = do
  due <- alloca $ \due -> do
    poke due #{const H2R_NOTHING_DUE}
    _ <- h2rLend slot due
    peek due
  case due of
    #{const H2R_MINOR_DUE} -> performMinorGC
    #{const H2R_MAJOR_DUE} -> performMajorGC
    _ -> pure ()
  hook <- letGoHook
  newForeignPtrEnv hook slot bytes

-- | Lets go of a slot; what has not ended is cancelled.
releaseSlot :: Ptr Slot -> IO ()
releaseSlot slot = () <$ h2rRelease slot

-- | The next notice of a failed cast; when there is none yet, the MVar is
-- filled once there is.
nextNotice :: Epoch -> MVar () -> IO (Either Status (Ptr Slot))
nextNotice epoch mvar =
  given $ \notice -> withWaiter mvar (\waiter capability -> h2rNotice epoch waiter capability notice)

-- | What is written to this slot refers to something that Rust has made.
holdReference :: Ptr Slot -> Word64 -> IO Status
holdReference = h2rHold

-- | Keeps something that was taken over by 'claimReference' until it is garbage. It is
-- an address that nothing is at.
forgottenWith :: Word64 -> IO (ForeignPtr ())
forgottenWith number = do
  hook <- forgetHook
  newForeignPtr hook (wordPtrToPtr (fromIntegral number))

-- | Closes it, for all who have it.
closeReference :: Word64 -> IO ()
closeReference number = () <$ h2rClose number

-- | A stream's next event; when there is none yet, the MVar is filled once there is, or
-- at the end.
takeNextEvent :: Word64 -> MVar () -> IO (Either Status (Ptr Slot))
takeNextEvent number mvar =
  given $ \event -> withWaiter mvar (\waiter capability -> h2rEvent number waiter capability event)

-- | Whoever waited for an event of this stream does not any more.
forgetReader :: Word64 -> IO ()
forgetReader number = () <$ h2rForgetReader number

-- | How many events of a stream found no room.
droppedEvents :: Word64 -> IO (Either Status Word64)
droppedEvents number = given (h2rDropped number)

-- | Something that Rust wants done.
data Summons
  = -- | Call by this number the function with this one. The call is to be dismissed;
    -- until then the argument is at this place, in so many bytes.
    RunFunction !Word64 !Word64 !(Ptr Invocation) !(Ptr Word8) !Int
  | -- | Nobody waits for this call any more.
    CancelCall !Word64
  | -- | Nobody in Rust has this function any more.
    ForgetFunction !Word64

-- | A number for a function that what is written to this slot refers to.
offerFunction :: Epoch -> Ptr Slot -> IO (Either Status Word64)
offerFunction epoch slot = given (h2rOffer epoch slot)

-- | The next thing to do; when there is nothing yet, the MVar is filled once there is,
-- or at shutdown.
takeSummons :: Epoch -> MVar () -> IO (Either Status Summons)
takeSummons epoch mvar = allocaBytes #{size H2rSummons} $ \raw -> do
  status <- withWaiter mvar (\waiter capability -> h2rSummons epoch waiter capability raw)
  case status of
    Ok -> Right <$> summons raw
    _ -> pure (Left status)
  where
    summons raw = do
      kind <- #{peek H2rSummons, kind} raw :: IO Word32
      number <- #{peek H2rSummons, number} raw
      reference <- #{peek H2rSummons, reference} raw
      case kind of
        #{const H2R_CANCEL} -> pure (CancelCall number)
        #{const H2R_FORGET} -> pure (ForgetFunction reference)
        _ -> do
          call <- #{peek H2rSummons, invocation} raw
          bytes <- #{peek H2rSummons, bytes} raw
          size <- #{peek H2rSummons, len} raw :: IO CSize
          pure (RunFunction number reference call bytes (fromIntegral size))

-- | A call has returned what was written to this slot, which stays the caller's.
answerCall :: Ptr Invocation -> Ptr Slot -> IO ()
answerCall call slot = () <$ h2rAnswer call slot

-- | A call has thrown: the exception's type and message.
throwCall :: Ptr Invocation -> ByteString -> ByteString -> IO ()
throwCall call exception message =
  ByteString.unsafeUseAsCStringLen (readable exception) $ \(name, nameLen) ->
    ByteString.unsafeUseAsCStringLen (readable message) $ \(text, textLen) ->
      () <$ h2rThrow call (castPtr name) (fromIntegral nameLen) (castPtr text) (fromIntegral textLen)
  where
    -- Of nothing, the address may be null.
    readable bytes = if ByteString.null bytes then ByteString.pack [32] else bytes

-- | Lets go of a call.
dismissCall :: Ptr Invocation -> IO ()
dismissCall call = () <$ h2rDismiss call

-- | The counters of Rust.
readStats :: IO Stats
readStats = allocaBytes #{size H2rStats} $ \raw -> do
  _ <- h2rStats raw
  Stats
    <$> #{peek H2rStats, live_slots} raw
    <*> #{peek H2rStats, stable_ptrs} raw
    <*> #{peek H2rStats, calls_queued} raw
    <*> #{peek H2rStats, casts_queued} raw
    <*> #{peek H2rStats, calls_waiting} raw
    <*> #{peek H2rStats, casts_waiting} raw
    <*> #{peek H2rStats, notices_queued} raw
    <*> #{peek H2rStats, calls} raw
    <*> #{peek H2rStats, casts} raw
    <*> #{peek H2rStats, panics} raw
    <*> #{peek H2rStats, timeouts} raw
    <*> #{peek H2rStats, cancellations} raw
    <*> #{peek H2rStats, notices_dropped} raw
    <*> #{peek H2rStats, lent_bytes} raw
    <*> #{peek H2rStats, subscriptions} raw
    <*> #{peek H2rStats, callbacks} raw
    <*> #{peek H2rStats, closures} raw
    <*> #{peek H2rStats, objects} raw
    <*> #{peek H2rStats, events_dropped} raw
    <*> #{peek H2rStats, trampolines} raw
