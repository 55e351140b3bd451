module Main (main) where

import Control.Exception (displayException, try)
import qualified Counter
import RustBridge

main :: IO ()
main = do
  total <- withRust config $ do
    Counter.add 40
    Counter.add 2
    Counter.total
  print total

  divided <- try . withRust config $ do
    quotient <- Counter.divideTimeout 1000000 42 0
    liftIO (print quotient)
  putStrLn (either (\e -> displayException (e :: RustException)) show divided)
  where
    config = defaultConfig {services = [Counter.counterService]}
