-- | The @Setup@ of a cabal package that holds a Rust crate, the engine. With it
-- @cabal build@ alone runs cargo and links what cargo made: executables, tests
-- and benchmarks with the static library, so that they stand alone; @cabal repl@
-- and Template Haskell load the cdylib, since GHCi cannot load Rust's archives.
--
-- The package has @build-type: Custom@, a library component that the others
-- depend on, and in its cabal file:
--
-- > x-rust-crate: search-engine
-- > extra-source-files:
-- >   engine/Cargo.toml
-- >   engine/src/**/*.rs
-- >
-- > custom-setup
-- >   setup-depends: base, Cabal, rs-in-hs-setup
--
-- [@x-rust-crate@] the name of the crate in its @Cargo.toml@
-- [@x-rust-manifest@] where that is, if not at @engine/Cargo.toml@
--
-- cabal calls this only when one of @extra-source-files@ changed. So all that
-- the engine is made from has to be there. For crates outside the package
-- (@path@ dependencies) list files through a symbolic link within it, as in
-- @engine/deps/runtime/src/*.rs@ with @engine/deps/runtime@ linking to the crate;
-- @../runtime/src/*.rs@ works too, but cabal warns. What is not listed is not
-- seen: then touch a file that is. A splice that ran the engine does not run
-- again because the engine changed; GHC knows nothing of this.
module RustBridge.Setup (defaultMainWithRust) where

import Control.Exception (catch, throwIO)
import Control.Monad (forM_, unless, when)
import Data.Char (digitToInt)
import Data.List (find, isInfixOf, isPrefixOf, stripPrefix, tails)
import Data.Maybe (fromMaybe, mapMaybe)
import Data.Time.Clock (getCurrentTime)
import Distribution.PackageDescription
import Distribution.Simple
import Distribution.Simple.LocalBuildInfo
import Distribution.Simple.Setup
import GHC.Fingerprint (getFileHash)
import RustBridge.Setup.Path (buildPath, libraryPath, sourceFiles)
import System.Directory
import System.Environment (lookupEnv, setEnv)
import System.Exit (ExitCode (..), exitFailure)
import System.FilePath
import System.IO
import System.IO.Error (isDoesNotExistError)
import System.Info (os)
import System.Process

-- | The whole @main@ of such a package's @Setup.hs@.
defaultMainWithRust :: IO ()
defaultMainWithRust =
  defaultMainWithHooks
    simpleUserHooks
      { buildHook = \pkg lbi hooks flags -> do
          (pkg', lbi') <- inPlace id pkg lbi
          buildHook simpleUserHooks pkg' lbi' hooks flags,
        replHook = \pkg lbi hooks flags args -> do
          (pkg', lbi') <- inPlace (\engine -> engine {engineNeeds = []}) pkg lbi
          replHook simpleUserHooks pkg' lbi' hooks flags args,
        -- haddock registers the library anew, and may run Template Haskell
        haddockHook = \pkg lbi hooks flags -> do
          (pkg', lbi') <- inPlace id pkg lbi
          haddockHook simpleUserHooks pkg' lbi' hooks flags,
        copyHook = \pkg lbi hooks flags -> do
          copyHook simpleUserHooks pkg lbi hooks flags
          engine <- lastBuilt lbi
          stage engine (installPlace pkg lbi (fromFlag (copyDest flags))) [],
        regHook = \pkg lbi hooks flags -> do
          engine <- lastBuilt lbi
          let staysHere = fromFlagOrDefault False (regInPlace flags)
          place <- if staysHere then buildPlace lbi else pure (installPlace pkg lbi NoCopyDest)
          let (pkg', lbi') = link engine place pkg lbi
          regHook simpleUserHooks pkg' lbi' hooks flags
      }
  where
    inPlace change pkg lbi = do
      engine <- change <$> cargo pkg
      place <- buildPlace lbi
      stage engine place (programsOf pkg lbi)
      writeFile (noteOfBuilt lbi) (show engine)
      preload engine place
      pure (link engine place pkg lbi)

-- | Where the engine's files lie: the archive in the folder of the library's
-- own archive, the cdylib in a folder within that of its shared object. So an
-- executable finds the archive, because the system linker takes the first
-- folder with either; the library's shared object is linked with only the
-- latter in the search path; and GHCi searches all folders for a shared object
-- before it turns to archives.
data Place = Place {archiveFolder, cdylibFolder :: FilePath}

buildPlace :: LocalBuildInfo -> IO Place
buildPlace lbi = do
  dir <- makeAbsolute (buildPath lbi)
  pure (Place dir (dir </> "rust-engine"))

installPlace :: PackageDescription -> LocalBuildInfo -> CopyDest -> Place
installPlace pkg lbi dest = Place (libdir dirs) (dynlibdir dirs </> "rust-engine")
  where
    dirs = absoluteInstallDirs pkg lbi dest

archivePath, cdylibPath :: Engine -> Place -> FilePath
archivePath engine place = archiveFolder place </> "lib" ++ engineName engine <.> takeExtension (engineArchive engine)
cdylibPath engine place = cdylibFolder place </> "lib" ++ engineName engine <.> takeExtension (engineCdylib engine)

-- | What cargo made of the package's crate.
data Engine = Engine
  { -- | The name for @-l@.
    engineName :: String,
    engineArchive :: FilePath,
    engineCdylib :: FilePath,
    -- | The system libraries the archive needs, as linker flags.
    engineNeeds :: [String]
  }
  deriving (Read, Show)

-- | The engine as the last build linked it, for the steps that follow.
lastBuilt :: LocalBuildInfo -> IO Engine
lastBuilt lbi = read <$> readFile (noteOfBuilt lbi)

noteOfBuilt :: LocalBuildInfo -> FilePath
noteOfBuilt lbi = buildPath lbi </> "rust-engine.txt"

-- | Link the library component, and so all that depends on it, with the
-- engine. Executables link extra libraries last, when all Haskell archives have
-- asked for their symbols.
link :: Engine -> Place -> PackageDescription -> LocalBuildInfo -> (PackageDescription, LocalBuildInfo)
link engine place pkg lbi = (pkg', lbi {localPkgDescr = pkg'})
  where
    pkg' = pkg {library = withEngine <$> library pkg}
    withEngine lib = lib {libBuildInfo = change (libBuildInfo lib)}
    change bi =
      bi
        { extraLibs = engineName engine : mapMaybe (stripPrefix "-l") (engineNeeds engine) ++ extraLibs bi,
          ldOptions = filter (not . isPrefixOf "-l") (engineNeeds engine) ++ ldOptions bi,
          -- What GHCi loads in place of 'extraLibs': the cdylib brings the
          -- libraries that it needs.
          extraGHCiLibs = engineName engine : (if null (extraGHCiLibs bi) then extraLibs bi else extraGHCiLibs bi),
          extraLibDirs = libraryPath (cdylibFolder place) : extraLibDirs bi,
          -- GHCi opens every library with symbols of its own. That the shared
          -- object of this library refers to the cdylib is what lets the
          -- libraries that this one depends on find the engine's symbols.
          sharedOptions = sharedOptions bi <> PerCompilerFlavor ["-optl-Wl,-rpath,$ORIGIN/rust-engine"] []
        }

-- | Copy the engine's files to their place, where they differ from those there.
-- Of foreign libraries GHC sees no changes, and cabal registers a library only
-- once, so that nothing in its registration could tell of one. But GHC links
-- an executable again when the archive of a Haskell library is newer: then
-- these must look new. It looks only at libraries of which a module is
-- imported, so the package's own programs are removed, to be linked again.
stage :: Engine -> Place -> [FilePath] -> IO ()
stage engine place programs = do
  newArchive <- copied (engineArchive engine) (archivePath engine place)
  newCdylib <- copied (engineCdylib engine) (cdylibPath engine place)
  when (newArchive || newCdylib) $ do
    now <- getCurrentTime
    names <- listDirectory (archiveFolder place)
    forM_ (filter ("libHS" `isPrefixOf`) names) $ \name ->
      setModificationTime (archiveFolder place </> name) now
    forM_ programs $ \program -> do
      there <- doesFileExist program
      when there (removeFile program)
  where
    copied from to = do
      createDirectoryIfMissing True (takeDirectory to)
      there <- doesFileExist to
      same <- if there then (==) <$> getFileHash from <*> getFileHash to else pure False
      unless same $ copyFile from to
      pure (not same)

-- | Where cabal puts the package's executables, tests and benchmarks.
programsOf :: PackageDescription -> LocalBuildInfo -> [FilePath]
programsOf pkg lbi = [buildPath lbi </> name </> name | name <- names]
  where
    names =
      map unUnqualComponentName $
        map exeName (executables pkg) ++ map testName (testSuites pkg) ++ map benchmarkName (benchmarks pkg)

-- | Have the programs that this one starts load the cdylib first. In @cabal
-- repl@ of the library nothing else makes its symbols known to other libraries.
preload :: Engine -> Place -> IO ()
preload engine place = do
  others <- lookupEnv "LD_PRELOAD"
  setEnv "LD_PRELOAD" (cdylibPath engine place ++ maybe "" (':' :) others)

-- | Run cargo for the crate that the package names.
cargo :: PackageDescription -> IO Engine
cargo pkg = do
  crate <- maybe (failure noCrate) pure (lookup "x-rust-crate" (customFieldsPD pkg))
  when (null (library pkg)) $ failure "the package needs a library component, which links the Rust engine"
  program <- fromMaybe "cargo" <$> lookupEnv "CARGO"
  colour <- hIsTerminalDevice stderr
  let name = "rust-" ++ crate
      manifest = fromMaybe "engine/Cargo.toml" (lookup "x-rust-manifest" (customFieldsPD pkg))
      format = if colour then "json-diagnostic-rendered-ansi" else "json"
      -- One call for both kinds, so that the crate is compiled once.
      args =
        ["rustc", "--release", "--lib", "--crate-type", "staticlib,cdylib"]
          ++ ["--manifest-path", manifest, "-p", crate, "--message-format", format]
          ++ ["--", "--print", "native-static-libs"]
          -- By this name the loader knows a cdylib that is there already, for
          -- instance for what GHCi itself links in between.
          -- And a symbol that nobody defines, as of an export! that was
          -- forgotten, is an error here and not in whoever loads it.
          ++ ["-Clink-arg=-Wl,-z,defs,-soname,lib" ++ name ++ ".so" | os == "linux"]
  unless (any (takeDirectory manifest `isPrefixOf`) (sourceFiles pkg)) . failure $
    "cabal does not see when the engine changes: list its files in extra-source-files, as "
      ++ (takeDirectory manifest </> "src/**/*.rs")
  messages <- cargoMessages program args
  -- The last artifact is the crate itself, after all it depends on.
  let made = reverse (concatMap (strings "filenames") messages)
      madeAs extensions = find ((`elem` extensions) . takeExtension) made
      needs = concatMap (mapMaybe (stripPrefix nativeLibs) . strings "message") messages
  case (madeAs [".a", ".lib"], madeAs [".so", ".dylib", ".dll"]) of
    (Just archive, Just cdylib) -> pure (Engine name archive cdylib (concatMap words (take 1 needs)))
    _ -> failure ("no library of the crate " ++ crate ++ " among what cargo made: " ++ show made)
  where
    noCrate = "the cabal file does not say which crate to build: add the field x-rust-crate: <the name in its Cargo.toml>"

-- | Run cargo and return its JSON messages, one a line. Its progress goes to
-- stderr, and so do the compiler's diagnostics, which come as messages (also
-- when nothing had to be compiled: cargo repeats them).
cargoMessages :: FilePath -> [String] -> IO [String]
cargoMessages program args = do
  hSetEncoding stderr utf8
  let command = (proc program args) {std_out = CreatePipe, delegate_ctlc = True}
  (code, messages) <- withCreateProcess command run `catch` missing
  unless (code == ExitSuccess) $ failure ("this command failed:\n  " ++ showCommandForUser program args)
  pure messages
  where
    run _ (Just out) _ process = do
      hSetEncoding out utf8
      messages <- lines <$> hGetContents out
      forM_ messages $ \message ->
        unless (any (`isInfixOf` message) hidden) $ mapM_ (hPutStr stderr) (strings "rendered" message)
      code <- waitForProcess process
      pure (code, messages)
    run _ _ _ _ = failure "no pipe from cargo"
    hidden = ["\"message\":\"" ++ nativeLibs, "\"message\":\"link against the following native artifacts"]
    missing e
      | isDoesNotExistError e =
        failure ("cannot run " ++ program ++ ": install a Rust toolchain (https://rustup.rs), or set CARGO to the cargo program")
      | otherwise = throwIO e

-- | How rustc starts the note with the libraries that a static library needs.
nativeLibs :: String
nativeLibs = "native-static-libs: "

-- | The strings (alone or in an array) that a key has anywhere in a line of
-- JSON. Quotes within strings are escaped, so that a key is found by its text.
strings :: String -> String -> [String]
strings key line = concatMap value (mapMaybe (stripPrefix ("\"" ++ key ++ "\":")) (tails line))
  where
    value ('[' : rest) = array rest
    value rest = take 1 (array rest)
    array ('"' : rest) = let (s, rest') = string rest in s : array (dropWhile (== ',') rest')
    array _ = []
    string ('"' : rest) = ("", rest)
    string ('\\' : 'u' : rest) =
      let (hex, rest') = splitAt 4 rest
       in toEnum (foldl (\n digit -> 16 * n + digitToInt digit) 0 hex) `cons` string rest'
    string ('\\' : c : rest) = fromMaybe c (lookup c escapes) `cons` string rest
    string (c : rest) = c `cons` string rest
    string "" = ("", "")
    cons c (s, rest) = (c : s, rest)
    escapes = [('n', '\n'), ('t', '\t'), ('r', '\r'), ('b', '\b'), ('f', '\f')]

failure :: String -> IO a
failure message = hPutStrLn stderr ("rs-in-hs-setup: " ++ message) >> exitFailure
