-- | Services: what both sides have to agree about.
module RustBridge.Service
  ( Service (..),
    Claim,
    claim,
  )
where

import Data.Text (Text)
import Data.WideWord.Word128 (Word128)

-- | A service as a Haskell module knows it. Generated modules define theirs;
-- give it to 'RustBridge.Config.services'.
data Service = Service
  { -- | The name of the Rust trait.
    serviceName :: !Text,
    -- | Stands for the schema: two sides with one hash agree.
    serviceHash :: !Word128,
    -- | Methods and types, from which the differences are told where the hashes
    -- are not the same.
    serviceSchema :: Text
  }
  deriving (Eq, Show)

-- | What is sent of a service to have it compared.
type Claim = (Text, Word128, Text)

-- | See 'Claim'.
claim :: Service -> Claim
claim service = (serviceName service, serviceHash service, serviceSchema service)
