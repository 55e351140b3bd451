module Main (main) where

import Control.Exception (displayException, try)
import Counter
import RustBridge

main :: IO ()
main = do
  total <- withRust defaultConfig $ do
    castRust (Add 40)
    castRust (Add 2)
    callRust (Total ())
  print total

  divided <- try . withRust defaultConfig $ do
    quotient <- callRustTimeout 1000000 (Divide (42, 0))
    liftIO (print quotient)
  putStrLn (either (\e -> displayException (e :: RustException)) show divided)
