-- | What fits into a message.
module Size
  ( largestBody,
  )
where

import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString

-- | The largest body, in bytes, of a document with this path, if no message has
-- more bytes than this. The document itself fits into a message then, and so
-- does the answer that has all of it in one hit, which is a little larger:
-- a page of one hit without path and text is 58 bytes.
largestBody :: Int -> ByteString -> Int
largestBody message path = message - ByteString.length path - 58
