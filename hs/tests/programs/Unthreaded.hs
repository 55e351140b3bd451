-- | Without @-threaded@, 'withRust' refuses.
module Main (main) where

import Control.Exception (displayException, try)
import RustBridge

main :: IO ()
main = do
  result <- try (withRust defaultConfig (liftIO (putStrLn "it started")))
  either (\refused -> putStrLn (displayException (refused :: RustException))) pure result
