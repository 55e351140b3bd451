-- | Names of files are bytes. The standard library decodes them as the locale
-- says, and keeps what does not decode in a form that can be turned back.
module Path
  ( argumentBytes,
    openBody,
    within,
  )
where

import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import qualified Data.ByteString.Char8 as Char8
import GHC.Foreign (peekCStringLen, withCStringLen)
import GHC.IO.Encoding (getFileSystemEncoding)
import System.IO (Handle, IOMode (ReadMode), openBinaryFile)
import System.Posix.ByteString (RawFilePath)

-- | The bytes of a command-line argument.
argumentBytes :: String -> IO ByteString
argumentBytes argument = do
  encoding <- getFileSystemEncoding
  withCStringLen encoding argument ByteString.packCStringLen

-- | Opens a file for reading its bytes. Does not wait for what is no regular
-- file, such as a pipe that nobody writes to.
openBody :: RawFilePath -> IO Handle
openBody path = do
  encoding <- getFileSystemEncoding
  name <- ByteString.useAsCStringLen path (peekCStringLen encoding)
  openBinaryFile name ReadMode

-- | The path of what has that name in a folder.
within :: RawFilePath -> ByteString -> RawFilePath
within folder name
  | Char8.pack "/" `ByteString.isSuffixOf` folder = folder <> name
  | otherwise = folder <> Char8.pack "/" <> name
