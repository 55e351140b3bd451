{-# LANGUAGE OverloadedStrings #-}

-- | What can go wrong, each with the way out.
module RustBridge.Exception
  ( RustException (..),
    Direction (..),
    reportToStderr,
  )
where

import Control.Exception (Exception (..))
import Data.Text (Text)
import qualified Data.Text as Text
import System.IO (hPutStrLn, stderr)

-- | Which way a message went.
data Direction
  = -- | from Haskell to Rust
    Request
  | -- | from Rust to Haskell
    Answer
  deriving (Eq, Show)

-- | Every way in which a call, a cast, a stream or the runtime itself fails.
-- 'displayException' says it in a sentence, and so does 'show', which is what
-- GHC prints of an exception that nobody catches.
data RustException
  = -- | The @withRust@ that this caller belongs to has ended.
    NotRunning
  | -- | There is one runtime in a process, and it is running, or has not
    -- finished shutting down.
    AlreadyRunning
  | -- | The program was linked without @-threaded@.
    RtsNotThreaded
  | -- | A number of the configuration is out of range: which, and what it can be.
    ConfigInvalid Text
  | -- | The engine panicked while it was built, or has two methods of one name.
    EngineInvalid Text
  | -- | The system refuses memory or threads.
    OutOfResources Text
  | -- | The request or answer of this method has so many bytes, over the limit
    -- that 'RustBridge.Config.maxMsgLen' sets: method, size, limit.
    MessageTooLarge Direction Text Int Int
  | -- | The handler panicked, or decoding its request or encoding its answer
    -- did: method, place (@file:line:column@), message.
    RustPanic Text Text Text
  | -- | The receiving side cannot read the message, because the two sides have
    -- different types: method, reason.
    NotDecodable Direction Text Text
  | -- | The sending side cannot write the message, because of a value that the
    -- other side does not have: method, reason.
    NotEncodable Direction Text Text
  | -- | The engine has no such method.
    UnknownMethod Text
  | -- | The program was built with other versions of the engine's services: every
    -- difference.
    ServicesDiffer [Text]
  | -- | The handler of this method dropped the call's token without an answer.
    Abandoned Text
  | -- | A cast to this method was accepted, but 'RustBridge.Config.shutdownLimit'
    -- was over before its turn came. Only 'RustBridge.Config.onFailure' gets this.
    CastDropped Text
  | -- | This process was forked from one in which a runtime was running, and has
    -- none of its threads.
    ProcessForked
  | -- | The runtime shut down before the call was answered, or the cast taken.
    ShuttingDown
  | -- | So many handlers were still running when 'RustBridge.Config.shutdownLimit'
    -- was over. Only 'RustBridge.Config.onFailure' gets this.
    HandlersLeftBehind Int
  | -- | The object, function or stream was closed, or is of an earlier @withRust@.
    ReferenceClosed
  | -- | The stream got more events than it has room for, and its subscriber chose
    -- 'RustBridge.Reference.FailWhenFull'.
    StreamOverflowed
  | -- | The stream's producer stopped before the end, and said why.
    StreamFailed Text
  | -- | A bug of rs-in-hs.
    InternalError Text
  deriving (Eq)

instance Show RustException where
  showsPrec _ = showString . displayException

instance Exception RustException where
  displayException = Text.unpack . explain

explain :: RustException -> Text
explain failure = case failure of
  NotRunning -> "the Rust runtime is not running: the call was made outside of its withRust"
  AlreadyRunning ->
    "a Rust runtime is already running in this process: share its RustT instead of nesting withRust"
  RtsNotThreaded -> "the program needs GHC's threaded runtime system: link it with -threaded"
  ConfigInvalid why -> "the Config is invalid: " <> why
  EngineInvalid why -> "the engine cannot be started: " <> why
  OutOfResources why -> "the system refuses: " <> why
  MessageTooLarge way of' bytes most ->
    Text.unwords
      [ "the" <> whichWay way <> of' <> " has",
        Text.pack (show bytes),
        "bytes, over the limit of",
        Text.pack (show most) <> ": raise Config's maxMsgLen, or send less at once"
      ]
  RustPanic of' where' what -> of' <> " panicked at " <> where' <> ": " <> what
  NotDecodable way of' why ->
    "the" <> whichWay way <> of' <> " cannot be decoded: " <> why
  NotEncodable way of' why -> "the" <> whichWay way <> of' <> " cannot be encoded: " <> why
  UnknownMethod of' ->
    "the engine has no method "
      <> of'
      <> " of this kind: look at its name there, whether it is a call or a cast, \
         \and whether the export! that is linked names its engine"
  ServicesDiffer differences ->
    Text.intercalate "\n  " $
      "the program and the engine do not agree about services; generate the Haskell modules again, or build the \
      \engine that they are from:" :
      differences
  Abandoned of' -> of' <> " was not answered: its handler dropped the token"
  CastDropped of' ->
    "a cast to " <> of' <> " was not handled before the end of shutdownLimit: raise it, or call something last"
  ProcessForked ->
    "this process was forked while a Rust runtime was running: fork before withRust, or start another program"
  ShuttingDown -> "the Rust runtime is shutting down"
  HandlersLeftBehind count ->
    "handlers still running at the end of shutdownLimit, left behind: "
      <> Text.pack (show count)
      <> "; let long handlers ask is_cancelled"
  ReferenceClosed ->
    "the object, function or stream that is referred to was closed, or is of a withRust that has ended: close an \
    \object after its last use, read a stream within the function that it was given to, and get new ones in each withRust"
  StreamOverflowed ->
    "the stream has no room for another event, and FailWhenFull was chosen for that: read it faster, raise its \
    \streamCapacity, or choose WaitForRoom, DropOldest or DropNewest"
  StreamFailed why -> "the stream's producer stopped, and subscribing again gets a new one; it said: " <> why
  InternalError why -> "a bug of rs-in-hs: " <> why

whichWay :: Direction -> Text
whichWay Request = " request to "
whichWay Answer = " answer of "

-- | A line on stderr: what 'RustBridge.Config.onFailure' does by default.
reportToStderr :: RustException -> IO ()
reportToStderr failure = hPutStrLn stderr ("rs-in-hs: " <> displayException failure)
