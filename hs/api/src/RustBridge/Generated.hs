-- | What generated modules import: all of it from here, so that a package with
-- such a module depends on this one alone.
module RustBridge.Generated
  ( -- * Calling
    MonadRust,
    callRust,
    callRustDirect,
    callRustTimeout,
    castRust,
    tryCastRust,
    withRustStream,
    MonadUnliftIO,
    IO,

    -- * Requests
    Call (..),
    Cast (..),
    Service (..),
    nonblocking,
    carrying,
    serviceMethod,

    -- * Instances
    Wire,
    OnWire (..),
    Store,
    Generic,
    Eq,
    Ord,
    Show,
    Enum,
    Bounded,
    Bits,
    Exception (..),
    unpack,
    (.),

    -- * Types
    Bool,
    Char,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Int128,
    Word,
    Word8,
    Word16,
    Word32,
    Word64,
    Word128,
    Float,
    Double,
    Integer,
    Natural,
    Text,
    ByteString,
    Maybe,
    Either,
    Vector,
    Set,
    Map,
    UTCTime,
    NominalDiffTime,

    -- * References
    Object,
    RustFunction,
    Stream,
    StreamOptions,
  )
where

import Control.Exception (Exception (..))
import Data.Bits (Bits)
import Data.ByteString (ByteString)
import Data.Int (Int16, Int32, Int64, Int8)
import Data.Map.Strict (Map)
import Data.Set (Set)
import Data.Store (Store)
import Data.Text (Text, unpack)
import Data.Time (NominalDiffTime, UTCTime)
import Data.Vector.Storable (Vector)
import Data.WideWord (Int128, Word128)
import Data.Word (Word16, Word32, Word64, Word8)
import GHC.Generics (Generic)
import Numeric.Natural (Natural)
import RustBridge.Reference (Object, RustFunction, Stream, StreamOptions)
import RustBridge.Request (Call (..), Cast (..), carrying, nonblocking, serviceMethod)
import RustBridge.RustT
  ( MonadRust,
    MonadUnliftIO,
    callRust,
    callRustDirect,
    callRustTimeout,
    castRust,
    tryCastRust,
    withRustStream,
  )
import RustBridge.Service (Service (..))
import RustBridge.Wire (OnWire (..), Wire)
