{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE ScopedTypeVariables #-}

-- | Many requests in one message: @rs/runtime/src/batch.rs@ has the layout.
module RustBridge.Batch
  ( callMany,
    castMany,
  )
where

import Control.Exception (Exception, handle, mask, onException, throwIO, try)
import Control.Monad (void)
import Data.Bifunctor (first)
import Data.Proxy (Proxy (..))
import Data.Text (Text)
import Data.Word (Word64, Word8)
import Foreign.Ptr (Ptr, plusPtr)
import Foreign.Storable (peek, peekByteOff, poke)
import RustBridge.Call (submitAndWait)
import RustBridge.Cast (submit, waitForRoom)
import RustBridge.Exception (Direction (..), RustException (..))
import RustBridge.Failure (failureOf)
import RustBridge.Foreign
import RustBridge.Message (Running (..), decodeFrom, encodeInto, refused, sizeOf, tooLarge)
import RustBridge.Request (Call (..), Cast (..), Method, methodId, methodName)
import RustBridge.Wire (NotSendable (..), Wire)

-- | A request and its size, or why it is not sent.
type Item request = Either RustException (Sized request)

data Sized request = Sized !request !Int

-- | See 'RustBridge.RustT.callRustMany'.
callMany :: forall request. Call request => Running -> [request] -> IO [Either RustException (Response request)]
callMany running requests = concat <$> mapM (callMessage running method) (messages running items)
  where
    method = callMethod (Proxy :: Proxy request)
    items = map item requests
    item request
      | len > messageLimit running = Left (tooLarge running method len)
      | otherwise = Right (Sized request len)
      where
        len = sizeOf request

-- | Those that cannot be encoded are found out one by one: each time, the others
-- are encoded anew.
callMessage ::
  Call request => Running -> Method -> [Item request] -> IO [Either RustException (Response request)]
callMessage running method items = do
  sent <- if null sending then pure (Right []) else try (callAll running method sending)
  case sent of
    Right answers -> pure (merge items answers)
    Left (Unsendable place why) -> callMessage running method (refuse place why items)
  where
    sending = [request | Right request <- items]
    refuse place why (Right request : rest)
      | place == 0 = Left (NotEncodable Request (methodName method) why) : rest
      | otherwise = Right request : refuse (place - 1) why rest
    refuse place why (Left failure : rest) = Left failure : refuse place why rest
    refuse _ _ [] = []

-- | The answers in the places of the requests that were sent.
merge :: [Item request] -> [Either RustException answer] -> [Either RustException answer]
merge (Right _ : items) (answer : answers) = answer : merge items answers
merge (Left failure : items) answers = Left failure : merge items answers
merge _ _ = []

callAll :: Call request => Running -> Method -> [Sized request] -> IO [Either RustException (Response request)]
callAll running method requests =
  withOut $ \out -> mask $ \restore -> do
    let (count, len) = total requests
    made <- newBatch out (epoch running) CallKind (methodId method) count len
    (slot, memory) <- either (refused running method len) pure made
    submitAndWait restore running method len slot (encodeAll method requests memory)
    flip onException (releaseSlot slot) $ do
      (status, bytes, size) <- readResult out slot
      answers <- case status of
        Ok -> restore (decodeAll (methodName method) bytes (bytes `plusPtr` size))
        _ -> failureOf (Just (methodName method)) status bytes size >>= throwIO
      answers <$ releaseSlot slot

-- | See 'RustBridge.RustT.castRustMany'.
castMany :: forall message. Cast message => Running -> [message] -> IO ()
castMany running all' = do
  sized <- mapM checked all'
  mapM_ castAll (messages running (map Right sized))
  where
    method = castMethod (Proxy :: Proxy message)
    checked message
      | len > messageLimit running = throwIO (tooLarge running method len)
      | otherwise = pure (Sized message len)
      where
        len = sizeOf message
    castAll items = withOut $ \out -> mask $ \restore -> do
      let sending = [message | Right message <- items]
          (count, len) = total sending
      made <- newBatch out (epoch running) CastKind (methodId method) count len
      (slot, memory) <- either (refused running method len) pure made
      let fill = handle (throwIO . named) (encodeAll method sending memory)
      void (submit restore running method len slot fill (waitForRoom running))
    named (Unsendable _ why) = NotEncodable Request (methodName method) why

-- | As many in one message as the limit allows, and at least one.
messages :: Running -> [Item request] -> [[Item request]]
messages _ [] = []
messages running items = chunk : messages running rest
  where
    (chunk, rest) = go 0 items
    go :: Int -> [Item request] -> ([Item request], [Item request])
    go used (Right (Sized request len) : more)
      | used == 0 || used + len <= messageLimit running = first (Right (Sized request len) :) (go (used + len) more)
    go used (Left failure : more) = first (Left failure :) (go used more)
    go _ more = ([], more)

-- | How many, and in how many bytes.
total :: [Sized request] -> (Int, Int)
total = go 0 0
  where
    go count len [] = (count, len)
    go count len (Sized _ size : rest) = go (count + 1 :: Int) (len + 8 + size) rest

-- | Which request cannot be encoded, counted from 0, and why.
data Unsendable = Unsendable !Int !Text
  deriving (Show)

instance Exception Unsendable

encodeAll :: Wire request => Method -> [Sized request] -> Ptr Word8 -> IO ()
encodeAll method = go 0
  where
    go :: Wire request => Int -> [Sized request] -> Ptr Word8 -> IO ()
    go _ [] _ = pure ()
    go place (Sized request len : rest) to = do
      poke (plusPtr to 0) (fromIntegral len :: Word64)
      handle (throwIO . unsendable place) (encodeInto method request len (to `plusPtr` 8))
      go (place + 1) rest (to `plusPtr` (8 + len))
    unsendable place (NotSendable why) = Unsendable place why

-- | All answers between these two places, from the last to the first in memory of
-- the list, so that it takes no stack.
decodeAll :: Wire answer => Text -> Ptr Word8 -> Ptr Word8 -> IO [Either RustException answer]
decodeAll name start end = go [] start
  where
    go answers at
      | at >= end = pure (reverse answers)
      | otherwise = do
        status <- peek at
        size <- peekByteOff at 1 :: IO Word64
        let bytes = at `plusPtr` 9
            len = fromIntegral size
        answer <- case fromIntegral (status :: Word8) of
          Ok -> try (decodeFrom name bytes len)
          failed -> Left <$> failureOf (Just name) failed bytes len
        go (answer : answers) (bytes `plusPtr` len)
