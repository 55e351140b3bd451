{-# LANGUAGE RankNTypes #-}

-- | What is compared: the ways to have a request answered.
module Bench.Candidate
  ( Candidate (..),
    Caller (..),
    candidate,
    several,
    record,
    checked,
    checkedLength,
  )
where

import Bench.Request (Echo (..))
import Control.Monad (unless)
import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString

-- | A way to have requests answered. All of them do the same work: the small
-- record, or bytes, there and back.
data Candidate = Candidate
  { -- | By which it is known in tables, plots and bounds.
    name :: String,
    -- | How many requests are in what a caller does at once.
    requests :: Int,
    -- | Gives the action so many callers, each for a thread of its own.
    withCallers :: forall a. Int -> ([Caller] -> IO a) -> IO a,
    -- | Waits until everything that was sent is handled. Nothing for those that
    -- wait for their answers.
    handled :: IO ()
  }

-- | What one thread does over and over.
data Caller = Caller
  { -- | Sends the small record, and looks at what comes back.
    echo :: IO (),
    -- | Does the same with bytes, where the candidate can.
    echoBytes :: Maybe (ByteString -> IO ())
  }

-- | One whose callers share everything, and wait for their answers.
candidate :: String -> Caller -> Candidate
candidate called caller = several called 1 caller (pure ())

-- | One whose callers share everything, and send so many requests at once;
-- with what waits until everything that was sent is handled.
several :: String -> Int -> Caller -> IO () -> Candidate
several called count caller wait =
  Candidate
    { name = called,
      requests = count,
      withCallers = \callers act -> act (replicate callers caller),
      handled = wait
    }

-- | The small record.
record :: Echo
record = Echo {number = 1, measure = 2.5, flag = True}

-- | Fails if it is not what was sent that came back.
checked :: Eq a => a -> a -> IO ()
checked sent back = unless (back == sent) (fail "another answer came back than what was sent")

-- | The same by the length: to compare megabytes would be measured too.
checkedLength :: ByteString -> ByteString -> IO ()
checkedLength sent back = checked (ByteString.length sent) (ByteString.length back)
