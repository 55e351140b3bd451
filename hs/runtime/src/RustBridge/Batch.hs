{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE ScopedTypeVariables #-}

-- | Many requests in one message: @rs/runtime/src/batch.rs@ has the layout.
module RustBridge.Batch
  ( callMany,
    castMany,
  )
where

import Control.Exception (Exception, catch, handle, mask, onException, throwIO, try)
import Control.Monad (void)
import Data.Bifunctor (first)
import Data.Proxy (Proxy (..))
import Data.Store.Core (PeekException (..), decodeIOWithFromPtr)
import Data.Text (Text)
import Data.Word (Word64, Word8)
import Foreign.Marshal.Alloc (allocaBytes)
import Foreign.Ptr (Ptr, castPtr, plusPtr)
import Foreign.Storable (peek, peekByteOff, poke)
import RustBridge.Call (submitAndWait)
import RustBridge.Carry (pretender, senderTo)
import RustBridge.Cast (submit, waitForRoom)
import RustBridge.Exception (RustException (..))
import RustBridge.Failure (failureOf)
import RustBridge.Foreign
import RustBridge.Message (Running (..), decodeFrom, encodeInto, notSendable, refused, sizeOf, tooLarge)
import RustBridge.Request (Call (..), Cast (..), Method, methodCarries, methodId, methodName)
import RustBridge.Wire (NotSendable (..), Receiver, Sender, Wire (..), noSender)

-- | See 'RustBridge.RustT.callRustMany'.
callMany :: forall request. Call request => Running -> [request] -> IO [Either RustException (Response request)]
callMany _ [] = pure []
callMany running requests = case measure running requests of
  -- What nearly all come to. Each request is looked at three times, and nothing is
  -- built for it but its bytes and its answer.
  Fits count len -> try (callAll running method requests count len) >>= either (\Unsendable -> oneByOne) pure
  DoesNotFit -> oneByOne
  where
    method = callMethod (Proxy :: Proxy request)
    oneByOne = do
      items <- mapM (item running method) requests
      concat <$> mapM (callItems running method) (messages running items)

-- | All in one message, or not.
data Measure = Fits !Int !Int | DoesNotFit

-- | How many there are, and in how many bytes.
measure :: Wire request => Running -> [request] -> Measure
measure running = go 0 0
  where
    go :: Wire request => Int -> Int -> [request] -> Measure
    go count used [] = Fits count used
    go count used (request : rest)
      | used + withLength len > limitOf running = DoesNotFit
      | otherwise = go (count + 1) (used + withLength len) rest
      where
        len = sizeOf request

-- | A request behind its length.
withLength :: Int -> Int
withLength len = 8 + len

-- | How many bytes a message may have: those of one request of the largest size.
limitOf :: Running -> Int
limitOf = withLength . messageLimit

-- | A request and its size, or why it cannot be sent.
type Item request = Either RustException (Sized request)

data Sized request = Sized request !Int

-- | Encodes a request to see whether it can be.
item :: Wire request => Running -> Method -> request -> IO (Item request)
item running method request
  | len > messageLimit running = pure (Left (tooLarge running method len))
  | otherwise = do
    encoded <- try (allocaBytes len (encodeInto (if methodCarries method then pretender else noSender) method request len))
    pure $ case encoded of
      Left (NotSendable why) -> Left (notSendable method why)
      Right () -> Right (Sized request len)
  where
    len = sizeOf request

callItems :: Call request => Running -> Method -> [Item request] -> IO [Either RustException (Response request)]
callItems running method items
  | null sending = pure (merge items [])
  | otherwise = merge items <$> (callAll running method sending (length sending) len `catch` \Unsendable -> concat <$> mapM alone items)
  where
    sending = [request | Right (Sized request _) <- items]
    len = sum [withLength size | Right (Sized _ size) <- items]
    -- Each of them can be written; what it refers to may be closed, and that only
    -- the message itself finds out.
    alone (Right (Sized request size)) =
      callAll running method [request] 1 (withLength size) `catch` \Unsendable -> pure [Left ReferenceClosed]
    alone (Left _) = pure []

-- | The answers in the places of the requests that were sent.
merge :: [Item request] -> [Either RustException answer] -> [Either RustException answer]
merge (Right _ : items) (answer : answers) = answer : merge items answers
merge (Left failure : items) answers = Left failure : merge items answers
merge _ _ = []

-- | As many in one message as the limit allows; each by itself is within it.
messages :: Running -> [Item request] -> [[Item request]]
messages _ [] = []
messages running items = chunk : messages running rest
  where
    (chunk, rest) = go 0 items
    go :: Int -> [Item request] -> ([Item request], [Item request])
    go used (Right (Sized request len) : more)
      | used + withLength len <= limitOf running = first (Right (Sized request len) :) (go (used + withLength len) more)
    go used (Left failure : more) = first (Left failure :) (go used more)
    go _ more = ([], more)

-- | So many requests, in so many bytes, in one message. Where their answers get too
-- large together, the engine leaves the rest, which are sent again.
callAll :: Call request => Running -> Method -> [request] -> Int -> Int -> IO [Either RustException (Response request)]
callAll running method requests count len = do
  answers <- callOnce running method requests count len
  let answered = length answers
  case compare answered count of
    EQ -> pure answers
    LT | answered > 0 -> do
      let rest = drop answered requests
      (answers <>) <$> callAll running method rest (count - answered) (sum (map (withLength . sizeOf) rest))
    _ -> throwIO (InternalError "a batch has another number of answers than requests")

callOnce :: Call request => Running -> Method -> [request] -> Int -> Int -> IO [Either RustException (Response request)]
callOnce running method requests count len =
  withOut $ \out -> mask $ \restore -> do
    made <- newBatch out (epoch running) CallKind (methodId method) count len
    (slot, memory) <- either (refused running method len) pure made
    submitAndWait restore running method len slot (encodeAll (senderTo (functions running) (epoch running) slot) method requests memory)
    flip onException (releaseSlot slot) $ do
      (status, bytes, size) <- readResult out slot
      answers <- case status of
        Ok -> restore (decodeAll (receiver running) (methodName method) bytes (bytes `plusPtr` size))
        _ -> failureOf (Just (methodName method)) status bytes size >>= throwIO
      answers <$ releaseSlot slot

-- | See 'RustBridge.RustT.castRustMany'.
castMany :: forall message. Cast message => Running -> [message] -> IO ()
castMany _ [] = pure ()
castMany running all' = case measure running all' of
  Fits count len -> castAll all' count len `catch` \Unsendable -> checked >>= mapM_ castItems
  DoesNotFit -> checked >>= mapM_ castItems
  where
    method = castMethod (Proxy :: Proxy message)
    -- One that cannot be sent is found out before any is.
    checked = messages running <$> (mapM (item running method) all' >>= mapM (fmap Right . either throwIO pure))
    castItems items =
      castAll [message | Right (Sized message _) <- items] (length items) (sum [withLength size | Right (Sized _ size) <- items])
        `catch` \Unsendable -> throwIO ReferenceClosed
    castAll sending count len = withOut $ \out -> mask $ \restore -> do
      made <- newBatch out (epoch running) CastKind (methodId method) count len
      (slot, memory) <- either (refused running method len) pure made
      void (submit restore running method len slot (encodeAll (senderTo (functions running) (epoch running) slot) method sending memory) (waitForRoom running))

-- | One of the requests cannot be encoded, or refers to something that is closed.
data Unsendable = Unsendable
  deriving (Show)

instance Exception Unsendable

encodeAll :: forall request. Wire request => Sender -> Method -> [request] -> Ptr Word8 -> IO ()
encodeAll sender method all' start = handle closed (handle (\(NotSendable _) -> throwIO Unsendable) (go all' start))
  where
    closed ReferenceClosed = throwIO Unsendable
    closed other = throwIO other
    go :: [request] -> Ptr Word8 -> IO ()
    go [] _ = pure ()
    go (request : rest) to = do
      let len = sizeOf request
      poke (castPtr to) (fromIntegral len :: Word64)
      encodeInto sender method request len (to `plusPtr` 8)
      go rest (to `plusPtr` (8 + len))

-- | All answers between these two places. A handler for each would cost as much as
-- the answer: so they get one only where there is something to handle.
decodeAll :: forall answer. Wire answer => Receiver -> Text -> Ptr Word8 -> Ptr Word8 -> IO [Either RustException answer]
decodeAll from name start end =
  answers (decodeIOWithFromPtr (wirePeek from)) `catch` \failure -> do
    let _ = failure :: PeekException
    answers' (\bytes len -> try (decodeFrom from name bytes len))
  where
    answers :: (Ptr Word8 -> Int -> IO answer) -> IO [Either RustException answer]
    answers decode = answers' (\bytes len -> Right <$> decode bytes len)
    {-# INLINE answers #-}
    answers' :: (Ptr Word8 -> Int -> IO (Either RustException answer)) -> IO [Either RustException answer]
    answers' decode = go [] start
      where
        -- The list is made from its end, so that it takes no stack.
        go found at
          | at >= end = pure (reverse found)
          | otherwise = do
            status <- peek at
            size <- peekByteOff at 1 :: IO Word64
            let bytes = at `plusPtr` 9
                len = fromIntegral size
            answer <- case fromIntegral (status :: Word8) of
              Ok -> decode bytes len
              failed -> Left <$> failureOf (Just name) failed bytes len
            go (answer : found) (bytes `plusPtr` len)
    {-# INLINE answers' #-}
