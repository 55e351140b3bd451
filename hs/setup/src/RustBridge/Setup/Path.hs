{-# LANGUAGE CPP #-}

-- | Cabal's paths, which have types of their own from Cabal 3.14 on. (A module
-- for itself, because file patterns in comments upset the C preprocessor.)
module RustBridge.Setup.Path (buildPath, libraryPath, sourceFiles) where

import Distribution.PackageDescription (PackageDescription (extraSrcFiles))
import Distribution.Simple.LocalBuildInfo (LocalBuildInfo, buildDir)
#if MIN_VERSION_Cabal(3,14,0)
import Distribution.Utils.Path (SymbolicPath, getSymbolicPath, makeSymbolicPath)
#endif

-- | The folder that a package's components are built in.
buildPath :: LocalBuildInfo -> FilePath

-- | The patterns of a package's extra source files.
sourceFiles :: PackageDescription -> [FilePath]

-- | A folder, as an element of 'Distribution.PackageDescription.extraLibDirs'.
#if MIN_VERSION_Cabal(3,14,0)
libraryPath :: FilePath -> SymbolicPath from to
buildPath = getSymbolicPath . buildDir
libraryPath = makeSymbolicPath
sourceFiles = map getSymbolicPath . extraSrcFiles
#else
libraryPath :: FilePath -> FilePath
buildPath = buildDir
libraryPath = id
sourceFiles = extraSrcFiles
#endif
