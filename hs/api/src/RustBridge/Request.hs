{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE TypeFamilies #-}

-- | Requests: values whose type says which method they are for.
module RustBridge.Request
  ( Call (..),
    Cast (..),
    Method,
    methodNamed,
    serviceMethod,
    nonblocking,
    carrying,
    methodName,
    methodId,
    methodService,
    methodNonblocking,
    methodCarries,
  )
where

import Data.Bits (xor)
import qualified Data.ByteString as ByteString
import Data.Kind (Type)
import Data.Proxy (Proxy)
import Data.String (IsString (..))
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Text.Encoding (encodeUtf8)
import Data.Word (Word64)
import RustBridge.Service (Service (..))
import RustBridge.Wire (Wire)

-- | A request that is answered. Its type fixes the type of the answer:
--
-- > data Total = Total
-- >
-- > instance Call Total where
-- >   type Response Total = Word64
-- >   callMethod _ = "counter.total"
--
-- The 'Wire' instances are the bytes: derive them, field for field in the
-- order of the Rust types. @docs/wire.md@ lists which types meet. Of an engine's
-- service all this is generated.
class (Wire request, Wire (Response request)) => Call request where
  -- | What the method answers.
  type Response request :: Type

  -- | The method's name in the engine.
  callMethod :: Proxy request -> Method

-- | A message that is not answered.
class Wire message => Cast message where
  -- | The method's name in the engine.
  castMethod :: Proxy message -> Method

-- | A method's name and the id that stands for it on the wire. A string
-- literal is one, with @OverloadedStrings@.
data Method = Method
  { -- | For people.
    methodName :: Text,
    -- | For the engine.
    methodId :: !Word64,
    -- | The service that it belongs to, if it was generated.
    methodService :: !(Maybe Service),
    -- | Whether the engine's author calls it nonblocking, as far as the program
    -- knows. The engine does not take its word for it.
    methodNonblocking :: !Bool,
    -- | Whether its requests may have references in them.
    methodCarries :: !Bool
  }
  deriving (Eq, Show)

instance IsString Method where
  fromString = methodNamed . Text.pack

-- | The method of a service that has this name and id. The id is made from all
-- that decides what the bytes of its messages mean, so that none ever gets to a
-- method of other types.
serviceMethod :: Service -> Text -> Word64 -> Method
serviceMethod service name number =
  Method (serviceName service <> Text.pack "." <> name) number (Just service) False False

-- | The method of that name.
methodNamed :: Text -> Method
methodNamed name = Method name (ByteString.foldl' step 0xcbf29ce484222325 (encodeUtf8 name)) Nothing False False
  where
    -- FNV-1a, as the engine's side computes it.
    step hash byte = (hash `xor` fromIntegral byte) * 0x00000100000001b3

-- | The method is one that the engine's author calls nonblocking: a direct call of
-- it is cheaper still. Where the engine says otherwise, it is called as any other.
nonblocking :: Method -> Method
nonblocking method = method {methodNonblocking = True}

-- | The requests of the method may refer to things outside of them: have functions
-- in them, or what "RustBridge.Reference" has. Of any other method such a request
-- throws 'RustBridge.Exception.NotEncodable'. Answers always may.
--
-- > instance Call Decide where
-- >   type Response Decide = Word64
-- >   callMethod _ = carrying "watch.decide"
carrying :: Method -> Method
carrying method = method {methodCarries = True}
