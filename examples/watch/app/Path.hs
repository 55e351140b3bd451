-- | Names of files are bytes. The standard library decodes them as the locale
-- says, and keeps what does not decode in a form that can be turned back.
module Path
  ( bytesOf,
  )
where

import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import GHC.Foreign (withCStringLen)
import GHC.IO.Encoding (getFileSystemEncoding)

-- | The bytes of a name, or of a command-line argument.
bytesOf :: FilePath -> IO ByteString
bytesOf path = do
  encoding <- getFileSystemEncoding
  withCStringLen encoding path ByteString.packCStringLen
