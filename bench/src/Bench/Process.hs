-- | A process behind a Unix socket. See bench/server/src/main.rs.
module Bench.Process
  ( withProcess,
  )
where

import Bench.ByHand (Method, bytesMethod, echoMethod)
import Bench.Candidate
import Control.Exception (bracket, mask_, onException)
import Control.Monad (forM_, when, (>=>))
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.ByteString.Builder (toLazyByteString, word32LE, word8)
import Data.ByteString.Internal (create)
import qualified Data.ByteString.Lazy as Lazy
import Data.IORef (IORef, modifyIORef', newIORef, readIORef)
import Foreign.Ptr (plusPtr)
import Network.Socket
import Network.Socket.ByteString (sendMany)
import RustBridge.Wire (Wire, decodeWire, encodeWire)
import System.FilePath ((</>))
import System.IO (hGetLine)
import System.IO.Temp (withSystemTempDirectory)
import System.Posix.Resource
import System.Process

-- | Starts the server that is this program, and ends it after the action.
withProcess :: FilePath -> (Candidate -> IO a) -> IO a
withProcess program act =
  withSystemTempDirectory "bench" $ \folder -> do
    allowFiles
    let path = folder </> "socket"
        command = (proc program [path]) {std_in = CreatePipe, std_out = CreatePipe}
    -- Leaving closes the pipe to its standard input, at which it ends.
    withCreateProcess command $ \_ out _ _ -> do
      forM_ out hGetLine
      bracket (newIORef []) (readIORef >=> mapM_ close) $ \connections ->
        act
          Candidate
            { name = "process behind a socket",
              requests = 1,
              withCallers = callersOf path connections,
              handled = pure ()
            }

-- | A connection each. They stay open for whoever calls next.
callersOf :: FilePath -> IORef [Socket] -> Int -> ([Caller] -> IO a) -> IO a
callersOf path connections count act = do
  open <- length <$> readIORef connections
  forM_ [open + 1 .. count] $ \_ -> do
    made <- connected path
    modifyIORef' connections (made :)
    -- Before the next one, or more would wait to be accepted than may.
    echo (callerOf made)
  readIORef connections >>= act . map callerOf . take count

connected :: FilePath -> IO Socket
connected path = mask_ $ do
  made <- socket AF_UNIX Stream defaultProtocol
  connect made (SockAddrUnix path) `onException` close made
  pure made

callerOf :: Socket -> Caller
callerOf connection =
  Caller
    { echo = call connection echoMethod record >>= checked record,
      echoBytes = Just $ \bytes -> call connection bytesMethod bytes >>= checkedLength bytes
    }

-- | A message there, with its length and method, and one back. Of a request
-- whose answer is as long as it is.
call :: Wire a => Socket -> Method -> a -> IO a
call connection method request = do
  sendMessage
  answer <- received connection (4 + len)
  either (fail . show) pure (decodeWire (ByteString.drop 4 answer))
  where
    message = encodeWire request
    len = ByteString.length message
    start = Lazy.toStrict . toLazyByteString $ word32LE (fromIntegral len) <> word8 method
    sendMessage
      -- In one piece where that is cheaper than to hand over two.
      | len < 4096 = sendMany connection [start <> message]
      | otherwise = sendMany connection [start, message]

-- | So many bytes.
received :: Socket -> Int -> IO ByteString
received connection len = create len (fill 0)
  where
    fill at buffer = when (at < len) $ do
      more <- recvBuf connection (buffer `plusPtr` at) (len - at)
      when (more == 0) (fail "the server has hung up")
      fill (at + more) buffer

-- | Each caller has a socket: as many as the system lets this process have.
allowFiles :: IO ()
allowFiles = do
  limits <- getResourceLimit ResourceOpenFiles
  setResourceLimit ResourceOpenFiles limits {softLimit = hardLimit limits}
