-- | Writing to stdout and stderr.
module Descriptor
  ( put,
  )
where

import Control.Concurrent (threadWaitWrite)
import Control.Concurrent.MVar (MVar, newMVar, withMVar)
import Control.Exception (IOException, catch, throwIO)
import Control.Monad (unless, void, when)
import qualified Data.ByteString as ByteString
import Data.ByteString.Builder (Builder, toLazyByteString)
import qualified Data.ByteString.Lazy as Lazy
import qualified Data.ByteString.Unsafe as Unsafe
import Foreign.Ptr (castPtr)
import System.IO.Error (isResourceVanishedError)
import System.IO.Unsafe (unsafePerformIO)
import System.Posix.Files.ByteString (getFdStatus, isNamedPipe, isSocket)
import System.Posix.IO.ByteString (fdWriteBuf)
import System.Posix.Signals (Handler (Default), installHandler, raiseSignal, sigPIPE)
import System.Posix.Terminal (queryTerminal)
import System.Posix.Types (Fd)

-- | Writes bytes as they are, whatever the locale. Those of several threads do
-- not mix.
--
-- Ctrl-C works also when this is a pipe that nobody reads, which is why it is
-- no 'System.IO.Handle': GHC would try to empty its buffer before the program
-- ends. A write that blocks cannot be interrupted, but the wait before it can,
-- after which a pipe has room for 'piece' bytes; one thread at a time, or
-- another takes that room.
--
-- When nobody will read it any more, the program ends in silence, as programs
-- in a pipeline do. GHC's programs do not by themselves.
put :: Fd -> Builder -> IO ()
put descriptor content = do
  status <- getFdStatus descriptor
  terminal <- queryTerminal descriptor
  -- One cannot wait for others, such as files, which are always ready.
  let wait = when (terminal || isNamedPipe status || isSocket status) (threadWaitWrite descriptor)
      pieces bytes = unless (Lazy.null bytes) $ do
        let (now, later) = Lazy.splitAt piece bytes
        write (Lazy.toStrict now)
        pieces later
      write bytes = unless (ByteString.null bytes) $ do
        wait
        written <- Unsafe.unsafeUseAsCStringLen bytes $ \(start, count) ->
          fdWriteBuf descriptor (castPtr start) (fromIntegral count) `catch` unread
        write (ByteString.drop (fromIntegral written) bytes)
  withMVar turn (\() -> pieces (toLazyByteString content))
  where
    -- POSIX's PIPE_BUF, as it is on Linux.
    piece = 4096

-- | Ends the program of SIGPIPE if that is why a write failed. Not before: GHC
-- interrupts threads with this signal, for instance one that opens a file.
unread :: IOException -> IO a
unread failure = do
  when (isResourceVanishedError failure) $ do
    void (installHandler sigPIPE Default Nothing)
    raiseSignal sigPIPE
  throwIO failure

turn :: MVar ()
turn = unsafePerformIO (newMVar ())
{-# NOINLINE turn #-}
