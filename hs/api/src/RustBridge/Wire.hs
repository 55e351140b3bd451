-- | The bytes of a message, the same whatever the version of GHC and of its
-- libraries, and whichever language wrote them.
--
-- A type of one's own is sent by deriving:
--
-- > data Order = Order {item :: Text, pieces :: Word32}
-- >   deriving (Generic, Wire)
-- >   deriving (Store) via (OnWire Order)
--
-- What holds of every instance in this module:
--
-- 1. Decoding gives back what was encoded.
-- 2. Bytes that are no encoding are refused, with a 'PeekException' that says
--    why and where: texts that are not UTF-8, tags that no constructor has,
--    numbers out of range, and a second way to write the same value. Only the
--    keys of a 'Data.Map.Strict.Map' and the elements of a 'Data.Set.Set' may
--    come in any order.
-- 3. A count or length is compared with the bytes that are left before anything
--    is allocated for it, so decoding takes memory in proportion to the message.
-- 4. What is decoded holds nothing of the memory it was read from. A large
--    'ByteString' or storable vector at the end of an answer is that memory: no
--    copy of it is made, and it is freed when the value is garbage.
--
-- The bytes are those of the package @store@ and little-endian, also where
-- @store@ depends on the version of @text@. Nothing separates fields. Beyond:
--
-- +------------------------------+---------------------------------------------+
-- | a sum of 2 to 255            | a byte that says which, from 0, then its    |
-- | constructors                 | fields                                      |
-- +------------------------------+---------------------------------------------+
-- | 'Bool', 'Maybe', 'Either'    | the same: False, Nothing and Left are 0     |
-- +------------------------------+---------------------------------------------+
-- | 'Int', 'Word'                | 8 bytes                                     |
-- +------------------------------+---------------------------------------------+
-- | 'Char'                       | the code point, 4 bytes                     |
-- +------------------------------+---------------------------------------------+
-- | 'Data.Text.Text'             | 8 bytes of length, UTF-8                    |
-- +------------------------------+---------------------------------------------+
-- | 'ByteString'                 | 8 bytes of length, the bytes                |
-- +------------------------------+---------------------------------------------+
-- | lists, 'Data.Set.Set',       | 8 bytes of count, the elements; those of a  |
-- | storable vectors             | set ascend                                  |
-- +------------------------------+---------------------------------------------+
-- | 'Data.Map.Strict.Map'        | @0a 4b 94 48@, 8 bytes of count, the pairs, |
-- |                              | which ascend                                |
-- +------------------------------+---------------------------------------------+
-- | 'Integer',                   | 0 and 8 bytes where they suffice (signed);  |
-- | 'Numeric.Natural.Natural'    | otherwise 1, or 2 if it is negative, 8      |
-- |                              | bytes of length, and the magnitude in a     |
-- |                              | multiple of 8 bytes                         |
-- +------------------------------+---------------------------------------------+
-- | 'Data.Time.UTCTime'          | the modified Julian day and the picoseconds |
-- |                              | of the day, as Integers                     |
-- +------------------------------+---------------------------------------------+
-- | 'Data.Time.NominalDiffTime'  | picoseconds, as an Integer                  |
-- +------------------------------+---------------------------------------------+
-- | functions @a -> IO b@, and   | 8 bytes, not all 0, that stand for          |
-- | "RustBridge.Reference"       | something outside of the message            |
-- +------------------------------+---------------------------------------------+
module RustBridge.Wire
  ( Wire (..),
    OnWire (..),
    encodeWire,
    decodeWire,

    -- * What can go wrong
    NotSendable (..),
    PeekException (..),

    -- * For instances of one's own
    Flat,
    Tail (..),
    Size (..),
    Poke,
    Peek,

    -- * References

    -- | For instances of one's own they are something to pass on. Who moves messages
    -- makes them.
    Sender (..),
    Receiver (..),
    Reference (..),
    referenceId,
    Handler (..),
    noSender,
    noReceiver,
  )
where

import Data.ByteString (ByteString)
import Data.Store (Peek, PeekException (..), Poke, Size (..))
import Data.Store.Core (decodeWith, unsafeEncodeWith)
import RustBridge.Wire.Bytes ()
import RustBridge.Wire.Check (NotSendable (..))
import RustBridge.Wire.Choice ()
import RustBridge.Wire.Class
import RustBridge.Wire.Collection ()
import RustBridge.Wire.Integer ()
import RustBridge.Wire.Reference (referenceId)
import RustBridge.Wire.Scalar ()
import RustBridge.Wire.Time ()
import RustBridge.Wire.Tuple ()
import RustBridge.Wire.Vector (Flat)

-- | A value's bytes. Evaluating them evaluates all of the value, and throws
-- 'NotSendable' where it has no encoding, or refers to something outside of it.
encodeWire :: Wire a => a -> ByteString
encodeWire value = unsafeEncodeWith (wirePoke noSender value) (wireLength value)

-- | The value that has exactly these bytes: bytes left over are refused, and so are
-- references.
decodeWire :: Wire a => ByteString -> Either PeekException a
decodeWire = decodeWith (wirePeek noReceiver)
