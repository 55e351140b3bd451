-- | Every type there is, through the linked engine.
module Main (main) where

import HandshakeTest (handshakeTests)
import Lens (lensService)
import MethodTest (methodTests)
import Mirror (mirrorService)
import RustBridge
import Test.Tasty (defaultMain, testGroup)
import ValueTest (valueTests)

main :: IO ()
main =
  withRust defaultConfig {services = [mirrorService, lensService]} $
    withRunInIO $ \run ->
      defaultMain (testGroup "mirror" [handshakeTests run, methodTests run, valueTests run])
