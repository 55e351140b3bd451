-- | The rounds in which what bounds compare is measured.
module Bench.Round
  ( Rounds,
    measureRounds,
    found,
    ratio,
  )
where

import Bench.Bound
import Bench.Quantity
import Bench.Statistics
import Bench.World
import Control.Concurrent (runInUnboundThread)
import Control.Monad (forM, forM_)
import Data.IORef (modifyIORef', newIORef, readIORef)
import Data.Map.Strict (Map)
import qualified Data.Map.Strict as Map

-- | What each round has found of a quantity, by its title and place.
newtype Rounds = Rounds (Map (String, String) [Double])

-- | So many rounds, each of some tens of milliseconds; tells the action the
-- number of each before it. All quantities are measured one after the other in
-- each, so that their ratios mean something on a machine that other programs
-- use too.
--
-- In an unbound thread, which is what most threads of a program are; @main@ is
-- a bound one.
measureRounds :: Int -> (Int -> IO ()) -> World -> IO Rounds
measureRounds count tell world = runInUnboundThread $ do
  -- What is used for the first time costs more.
  _ <- measureRound world
  rounds <- forM [1 .. count] $ \number -> tell number >> measureRound world
  pure (Rounds (Map.unionsWith (flip (++)) [Map.map pure one | one <- rounds]))

measureRound :: World -> IO (Map (String, String) Double)
measureRound world = do
  values <- newIORef Map.empty
  let measure one = forM_ (measureIn one world) $ \act -> do
        value <- act
        modifyIORef' values (Map.insert (key one) value)
  -- Those that are compared by wake-ups stand side by side, in one place.
  pinned world (mapM_ measure (filter ((== OnOneProcessor) . place) wanted))
  mapM_ measure (filter ((== Anywhere) . place) wanted)
  readIORef values
  where
    wanted = quantities bounds

key :: Quantity -> (String, String)
key one = (title one, show (place one))

-- | Nanoseconds, if it was measured.
found :: Rounds -> Quantity -> Maybe Estimate
found (Rounds rounds) one = estimate <$> Map.lookup (key one) rounds

-- | The ratio of a bound, if both its sides were measured.
ratio :: Rounds -> Bound -> Maybe Estimate
ratio (Rounds rounds) promise = ratioOf <$> side above <*> side below
  where
    side which = Map.lookup (key (which promise)) rounds
