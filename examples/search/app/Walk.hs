{-# LANGUAGE OverloadedStrings #-}

-- | Finding the files.
module Walk
  ( walk,
  )
where

import Complaint (Complain, describe)
import Control.Exception (bracket, try)
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.List (sort)
import Data.Set (Set)
import qualified Data.Set as Set
import Path (within)
import System.Posix.ByteString

-- | A regular file.
data File = File {filePath :: RawFilePath, identity :: Identity}

-- | The same for two names of one file.
type Identity = (DeviceID, FileID)

-- | The files that are given and the files in the folders that are given: in
-- the order of the arguments, and within a folder sorted by name, as bytes.
--
-- A file that several arguments reach is there once, by its first name. What is
-- neither file nor folder is passed over where it is met in a folder: pipes,
-- which might never end, and symbolic links, which might lead in circles. That
-- a link is given, though, says that it shall be followed.
walk :: Complain -> [RawFilePath] -> IO [RawFilePath]
walk complainOf = go Set.empty
  where
    go :: Set Identity -> [RawFilePath] -> IO [RawFilePath]
    go _ [] = pure []
    go seen (path : paths) = do
      reached <- given complainOf path
      -- Within one argument, two names of one file are two hard links: both count.
      let new = filter ((`Set.notMember` seen) . identity) reached
      (map filePath new <>) <$> go (foldr (Set.insert . identity) seen new) paths

given :: Complain -> RawFilePath -> IO [File]
given complainOf path = orComplain complainOf path $ do
  status <- getFileStatus path
  if isRegularFile status || isDirectory status
    then entry complainOf path status
    else [] <$ complainOf path "neither a file nor a folder"

met :: Complain -> RawFilePath -> IO [File]
met complainOf path = orComplain complainOf path (getSymbolicLinkStatus path >>= entry complainOf path)

entry :: Complain -> RawFilePath -> FileStatus -> IO [File]
entry complainOf path status
  | isRegularFile status = pure [File path (deviceID status, fileID status)]
  | isDirectory status = do
    names <- listFolder path
    concat <$> traverse (met complainOf . within path) (sort names)
  | otherwise = pure []

-- | What cannot be looked into has no files.
orComplain :: Complain -> RawFilePath -> IO [File] -> IO [File]
orComplain complainOf path look =
  try look >>= either (\refused -> [] <$ complainOf path (describe refused)) pure

listFolder :: RawFilePath -> IO [ByteString]
listFolder path = bracket (openDirStream path) closeDirStream (go [])
  where
    go names stream = do
      name <- readDirStream stream
      case name of
        _ | ByteString.null name -> pure names
        "." -> go names stream
        ".." -> go names stream
        _ -> go (name : names) stream
