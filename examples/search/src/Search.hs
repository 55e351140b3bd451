{-# LANGUAGE DeriveGeneric #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE TypeFamilies #-}

-- | What one says to the engine of this example, and what it answers: the types
-- of @engine/src/message.rs@, field for field.
--
-- Documents are added, each at a place of its own, found in, and forgotten:
--
-- > withRust defaultConfig $ do
-- >   added <- callRust (Document 0 "greeting.txt" "Hello!\n")
-- >   found <- callRust (Query "[Hh]ello" start)
-- >   castRust (Forget 0)
module Search
  ( -- * Adding
    Document (..),
    Added (..),
    largestBody,

    -- * Finding
    Query (..),
    Position (..),
    start,
    Page (..),
    Hit (..),

    -- * Forgetting
    Forget (..),
  )
where

import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.Store (Store)
import Data.Word (Word64)
import GHC.Generics (Generic)
import RustBridge (Call (..), Cast (..))

-- | A file, to be kept in the engine until it is forgotten.
data Document = Document
  { -- | Where it stands among the documents: they are searched in the order of
    -- their places. It replaces a document that has this place already.
    documentPlace :: !Word64,
    -- | Its name; any bytes.
    documentPath :: !ByteString,
    -- | What is in it.
    documentBody :: !ByteString
  }
  deriving (Eq, Show, Generic)

instance Store Document

instance Call Document where
  type Response Document = Added
  callMethod _ = "search.add"

-- | What became of a document.
data Added
  = -- | It is kept: the bytes of its body, and how many lines these are.
    Stored !Word64 !Word64
  | -- | It is not a text in UTF-8, of which it only has so many bytes at its
    -- beginning. It is not kept.
    NotUtf8 !Word64
  deriving (Eq, Show, Generic)

instance Store Added

-- | The largest body, in bytes, of a document with this path, if no message has
-- more bytes than this. The document itself fits into a message then, and so
-- does the answer that has all of it in one hit, which is a little larger:
-- a page of one hit without path and text is 58 bytes.
largestBody :: Int -> ByteString -> Int
largestBody message path = message - ByteString.length path - 58

-- | A search through all documents, or those that are left.
data Query = Query
  { -- | A regular expression, in the syntax of Rust's crate @regex@ and in
    -- UTF-8. It is matched against each line by itself.
    queryPattern :: !ByteString,
    -- | Where to begin.
    queryFrom :: !Position
  }
  deriving (Eq, Show, Generic)

instance Store Query

-- | 'Left' says what is wrong with the pattern, in UTF-8.
instance Call Query where
  type Response Query = Either ByteString Page
  callMethod _ = "search.find"

-- | A line of a document.
data Position = Position
  { -- | The document's place.
    positionPlace :: !Word64,
    -- | The line, counted from 1.
    positionLine :: !Word64
  }
  deriving (Eq, Ord, Show, Generic)

instance Store Position

-- | Before the first line of the first document.
start :: Position
start = Position 0 1

-- | As many hits as one answer holds, in the order of their positions.
data Page = Page
  { -- | One for each line that matches.
    pageHits :: ![Hit],
    -- | Where to go on, if not everything was searched: documents before that
    -- place are done.
    pageNext :: !(Maybe Position)
  }
  deriving (Eq, Show, Generic)

instance Store Page

-- | A line that matches.
data Hit = Hit
  { -- | The document's path.
    hitPath :: !ByteString,
    -- | The line, counted from 1.
    hitLine :: !Word64,
    -- | Where in the line the first match begins, in bytes, counted from 1.
    hitColumn :: !Word64,
    -- | The line in UTF-8, without the line feed at its end.
    hitText :: !ByteString
  }
  deriving (Eq, Show, Generic)

instance Store Hit

-- | Drop the document that has this place.
newtype Forget = Forget Word64
  deriving (Eq, Show, Generic)

instance Store Forget

instance Cast Forget where
  castMethod _ = "search.forget"
