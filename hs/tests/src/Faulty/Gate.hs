-- | The place where the engine's handlers wait until the test lets them go.
module Faulty.Gate
  ( withGate,
    openGate,
    openGateAtExit,
    awaitInside,
    awaitCancelled,
  )
where

import Control.Exception (bracket_)
import Control.Monad (unless)
import Data.Word (Word64)
import Foreign.C.Types (CBool (..))

foreign import ccall safe "gate_close" gateClose :: IO ()

foreign import ccall safe "gate_open" gateOpen :: IO ()

foreign import ccall safe "gate_open_at_exit" gateOpenAtExit :: IO ()

foreign import ccall safe "gate_await_inside" gateAwaitInside :: Word64 -> IO CBool

foreign import ccall safe "gate_await_cancelled" gateAwaitCancelled :: Word64 -> IO CBool

-- | With the gate closed; it is opened at the end, so that no handler stays.
withGate :: IO a -> IO a
withGate = bracket_ gateClose gateOpen

-- | Lets all go.
openGate :: IO ()
openGate = gateOpen

-- | Lets all go once the Haskell runtime system has exited.
openGateAtExit :: IO ()
openGateAtExit = gateOpenAtExit

-- | Waits until so many handlers are at the gate.
awaitInside :: Word64 -> IO ()
awaitInside count = gateAwaitInside count >>= expect "handlers at the gate" count

-- | Waits until so many handlers have left it because they were cancelled.
awaitCancelled :: Word64 -> IO ()
awaitCancelled count = gateAwaitCancelled count >>= expect "handlers cancelled" count

expect :: String -> Word64 -> CBool -> IO ()
expect what count reached =
  unless (reached /= 0) (fail ("there were never " ++ show count ++ " " ++ what))
