{-# LANGUAGE DeriveAnyClass #-}
{-# LANGUAGE DeriveGeneric #-}
{-# LANGUAGE DerivingStrategies #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE RoleAnnotations #-}
{-# LANGUAGE TypeFamilies #-}

-- | What lives longer than the call that it came with: objects, functions and
-- streams of Rust's.
--
-- What holds for all three:
--
-- 1. Haskell has an id and never an address: what is no longer there is found out
--    when it is used, and that throws 'RustBridge.Exception.ReferenceClosed'.
-- 2. Rust keeps the thing for as long as the Haskell value is not garbage, or a
--    message that refers to it is under way. 'closeRust' ends that at once.
-- 3. Nothing outlives its @withRust@: what is alive at the end is closed then.
-- 4. Any number of threads may use the same one, also while another closes it.
--
-- 'RustBridge.Stats.Stats' counts those that are alive.
--
-- Functions the other way are no type of their own: a request may have functions
-- @a -> IO b@ in it, which Rust keeps for as long as it likes and calls as often as
-- it likes, from several threads at once too. A slow one delays nobody else; what it
-- throws arrives in Rust as an error.
module RustBridge.Reference
  ( -- * Objects
    Object,

    -- * Functions
    RustFunction,
    Apply (..),

    -- * Streams
    Stream,
    nextEvent,
    nextEventTimeout,
    droppedEvents,
    StreamOptions (..),
    Overflow (..),
    defaultStreamOptions,

    -- * Closing
    Closeable (..),
  )
where

import Control.Monad (join)
import Control.Monad.IO.Class (MonadIO (..))
import Data.Function (on)
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Word (Word64)
import GHC.Generics (Generic)
import RustBridge.Request (Call (..), carrying, methodNamed)
import RustBridge.Wire
import RustBridge.Wire.Check (notSendable, refuse)
import RustBridge.Wire.Class (genericPeek, genericPoke, genericSize)
import RustBridge.Wire.Reference (peekReference, pokeReference)

-- | A value that stays in Rust. The parameter says of which type: a generated
-- module declares it, without values. It goes to Rust and back as often as one
-- likes, in any message. Equal ones are the same reference: a value that Rust has
-- sent twice has two, which are closed one by one.
--
-- One whose type must stay on one thread in Rust is used there, one call after the
-- other. All others are not serialised.
newtype Object a = Object Reference

-- Of another type it would be another value to Rust.
type role Object nominal

instance Eq (Object a) where
  Object one == Object two = ((==) `on` referenceId) one two

instance Ord (Object a) where
  compare (Object one) (Object two) = (compare `on` referenceId) one two

instance Show (Object a) where
  showsPrec _ (Object reference) = showId "object" reference

instance Wire (Object a) where
  wireSize = ConstSize 8
  wirePoke sender (Object reference) = pokeReference sender reference
  wirePeek receiver = Object <$> peekReference receiver

-- | A function that Rust made, from @a@ to @b@. 'RustBridge.RustT.applyRust' calls
-- it.
newtype RustFunction a b = RustFunction Reference

type role RustFunction nominal nominal

instance Eq (RustFunction a b) where
  RustFunction one == RustFunction two = ((==) `on` referenceId) one two

instance Ord (RustFunction a b) where
  compare (RustFunction one) (RustFunction two) = (compare `on` referenceId) one two

instance Show (RustFunction a b) where
  showsPrec _ (RustFunction reference) = showId "function" reference

instance Wire (RustFunction a b) where
  wireSize = ConstSize 8
  wirePoke sender (RustFunction reference) = pokeReference sender reference
  wirePeek receiver = RustFunction <$> peekReference receiver

showId :: String -> Reference -> ShowS
showId what reference = showString ("<" <> what <> " ") . shows (referenceId reference) . showString ">"

-- | The request to call a function with an argument: for
-- 'RustBridge.RustT.callRustTimeout' and the others, beside
-- 'RustBridge.RustT.applyRust'.
data Apply a b = Apply (RustFunction a b) a
  deriving stock (Eq, Show, Generic)

instance Wire a => Wire (Apply a b) where
  wireSize = genericSize
  {-# INLINE wireSize #-}
  wirePoke = genericPoke
  {-# INLINE wirePoke #-}
  wirePeek = genericPeek
  {-# INLINE wirePeek #-}

instance (Wire a, Wire b) => Call (Apply a b) where
  type Response (Apply a b) = b
  callMethod _ = carrying (methodNamed "rs-in-hs.apply")

-- | Events that Rust sends, in order, through a queue of its own in Rust.
-- 'RustBridge.RustT.withRustStream' subscribes to one.
data Stream a = Stream
  { streamReference :: !Reference,
    streamNext :: !(Maybe Int -> IO (Maybe (Maybe a))),
    streamDropped :: !(IO Word64)
  }

-- | Only received.
instance Wire a => Wire (Stream a) where
  wireSize = ConstSize 8
  wirePoke _ _ = notSendable "a Stream only comes from Rust, as the answer to a subscription"
  wirePeek receiver = do
    reference <- peekReference receiver
    pure (Stream reference (\limit -> receiveEvent receiver limit reference) (receiveDropped receiver reference))

-- | Waits for the next event, interruptibly: 'Nothing' when there are no more, as
-- often as it is asked for. An event that was taken is nobody else's.
--
-- Events that were sent before the end come first, whatever the end. Then it throws
-- 'RustBridge.Exception.StreamFailed' where the producer said why it stopped,
-- 'RustBridge.Exception.StreamOverflowed' by 'FailWhenFull', and
-- 'RustBridge.Exception.NotDecodable' for an event that is none. Once the stream is
-- closed, it throws 'RustBridge.Exception.ReferenceClosed', also where somebody is
-- waiting.
--
-- It is what streaming libraries are made of. For conduit, the package
-- @rs-in-hs-conduit@ has @sourceStream@.
nextEvent :: MonadIO m => Stream a -> m (Maybe a)
nextEvent stream = liftIO (join <$> streamNext stream Nothing)

-- | 'nextEvent' with a limit on the wait, in microseconds: 'Nothing' when it is over.
-- One of zero or less only looks.
--
-- It is the way to look for events now and then. 'System.Timeout.timeout' around
-- 'nextEvent' may come in the moment in which an event has been taken, which is then
-- lost with its result; this has not taken one.
nextEventTimeout :: MonadIO m => Int -> Stream a -> m (Maybe (Maybe a))
nextEventTimeout micros stream = liftIO (streamNext stream (Just micros))

-- | How many events were dropped until now, by 'DropOldest' or 'DropNewest'. Does
-- not block.
droppedEvents :: MonadIO m => Stream a -> m Word64
droppedEvents = liftIO . streamDropped

-- | What a subscriber chooses.
data StreamOptions = StreamOptions
  { -- | How many events are kept that nobody has read: 1 to 1,048,576. Another
    -- number throws 'RustBridge.Exception.NotEncodable' at the subscription.
    streamCapacity :: !Int,
    -- | What happens to one more.
    streamOverflow :: !Overflow
  }
  deriving stock (Eq, Show)

-- | What happens to an event for which there is no room.
data Overflow
  = -- | Its producer waits until there is. No event is lost, and a subscriber that
    -- does not read stops the producer.
    WaitForRoom
  | -- | It takes the place of the one that has waited longest, which is counted.
    DropOldest
  | -- | It is dropped itself, and counted.
    DropNewest
  | -- | The stream ends, with 'RustBridge.Exception.StreamOverflowed'.
    FailWhenFull
  deriving stock (Eq, Ord, Show, Enum, Bounded, Generic)
  deriving anyclass (Wire)

-- | 256 events, and the producer waits.
defaultStreamOptions :: StreamOptions
defaultStreamOptions = StreamOptions 256 WaitForRoom

instance Wire StreamOptions where
  wireSize = ConstSize 9
  wirePoke sender (StreamOptions capacity overflow)
    | isCapacity capacity = wirePoke sender capacity *> wirePoke sender overflow
    | otherwise = notSendable (noCapacity capacity)
  wirePeek receiver = do
    capacity <- wirePeek receiver
    if isCapacity capacity
      then StreamOptions capacity <$> wirePeek receiver
      else refuse 8 (noCapacity capacity)

isCapacity :: Int -> Bool
isCapacity capacity = capacity >= 1 && capacity <= 1048576

noCapacity :: Int -> Text
noCapacity capacity = "a streamCapacity is 1 to 1048576, not " <> Text.pack (show capacity)

-- | What Rust keeps for Haskell, and need not any longer.
class Closeable r where
  -- | Lets Rust drop it, now and not when Haskell's garbage collector comes round to
  -- it; of a stream, tells its producer to stop. Every use from then on, by whoever
  -- has it, throws 'RustBridge.Exception.ReferenceClosed'. A call that uses it already
  -- goes on, and Rust drops it after that; this does not wait. To close again does
  -- nothing, and so does closing after the end of @withRust@.
  closeRust :: MonadIO m => r -> m ()

instance Closeable (Object a) where
  closeRust (Object reference) = liftIO (referenceClose reference)

instance Closeable (RustFunction a b) where
  closeRust (RustFunction reference) = liftIO (referenceClose reference)

instance Closeable (Stream a) where
  closeRust = liftIO . referenceClose . streamReference
