import RustBridge.Setup (defaultMainWithRust)

main :: IO ()
main = defaultMainWithRust
