//! Building an engine's library.

use cargo_metadata::Message;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use thiserror::Error;

/// Why there is no library.
#[derive(Debug, Error)]
pub enum BuildError {
    /// There is no cargo.
    #[error("cannot run {0}: install a Rust toolchain (https://rustup.rs), or set CARGO to the cargo program: {1}")]
    NoCargo(String, #[source] std::io::Error),
    /// It said something else than messages.
    #[error("cannot read what cargo says: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The crate does not compile; cargo has said why.
    #[error("cargo could not build the crate of {0}")]
    Failed(PathBuf),
    /// It has no library.
    #[error("the crate of {0} has no library: its code belongs into src/lib.rs")]
    NoLibrary(PathBuf),
}

/// Builds the crate with this `Cargo.toml` as a cdylib, and says where that is. Cargo's progress goes to stderr.
///
/// The profile is the one that `cabal build` uses, so that dependencies are compiled once.
pub fn build(manifest: &Path) -> Result<PathBuf, BuildError> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut child = Command::new(&cargo)
        .args(["rustc", "--release", "--lib", "--crate-type", "cdylib", "--message-format", "json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(manifest)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|why| BuildError::NoCargo(cargo, why))?;
    let mut library = None;
    if let Some(output) = child.stdout.take() {
        for message in Message::parse_stream(BufReader::new(output)) {
            // The last artifact is the crate itself, after all it depends on.
            if let Message::CompilerArtifact(artifact) = message? {
                let is_shared = |file: &&cargo_metadata::camino::Utf8PathBuf| {
                    file.extension().is_some_and(|end| ["so", "dylib", "dll"].contains(&end))
                };
                library = artifact.filenames.iter().find(is_shared).map(|file| file.clone().into_std_path_buf());
            }
        }
    }
    if !child.wait()?.success() {
        return Err(BuildError::Failed(manifest.into()));
    }
    library.ok_or_else(|| BuildError::NoLibrary(manifest.into()))
}
