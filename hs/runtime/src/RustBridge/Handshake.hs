{-# LANGUAGE OverloadedStrings #-}

-- | Whether the program and the engine agree about services.
module RustBridge.Handshake
  ( compareServices,
    unknown,
  )
where

import Control.Exception (bracket, throwIO)
import Data.Store.Core (decodeIOWithFromPtr)
import Data.Text (Text)
import qualified Data.Text as Text
import RustBridge.Exception (RustException (..))
import RustBridge.Foreign
import RustBridge.Request (Method, methodName, methodService)
import RustBridge.Service (Service, claim)
import RustBridge.Wire (encodeWire, noReceiver, wirePeek)

-- | Every difference between these services and those of the engine.
compareServices :: [Service] -> IO [Text]
compareServices [] = pure []
compareServices known =
  -- The comparison is not interruptible, so a report that was made is released.
  bracket (compareClaims (encodeWire (map claim known))) (releaseSlot . snd) $ \(status, report) ->
    case status of
      Ok -> pure []
      OtherServices ->
        withOut $ \out -> do
          (_, bytes, len) <- readResult out report
          decodeIOWithFromPtr (wirePeek noReceiver) bytes len
      _ -> throwIO (InternalError ("unexpected status " <> Text.pack (show status) <> " of a comparison"))

-- | Why the engine does not know a method: of a generated one the reason is that
-- the two sides differ.
unknown :: Method -> IO RustException
unknown method = do
  differences <- foldMap (compareServices . pure) (methodService method)
  pure $ if null differences then UnknownMethod (methodName method) else ServicesDiffer differences
