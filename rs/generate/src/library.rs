//! Reading an engine's built library.

use rs_in_hs_runtime::schema::Service;
use rs_in_hs_runtime::schema::text::{self, ParseError, REFUSED};
use std::error::Error;
use std::ffi::{CStr, c_char};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a library gives no services.
#[derive(Debug, Error)]
pub enum LibraryError {
    /// There is no file.
    #[error("there is no {0}: build the engine first, or name its Cargo.toml")]
    Missing(PathBuf),
    /// It is a folder.
    #[error("{0} is a folder: name the Cargo.toml of the engine in it")]
    Folder(PathBuf),
    /// The system cannot load it.
    #[error("{0} cannot be loaded: it has to be the engine's cdylib, for this machine: {1}")]
    NotLoaded(PathBuf, String),
    /// It lacks what `export!` defines.
    #[error("{0} exports no engine: write `rs_in_hs::export!(engine);` into its crate")]
    NoExport(PathBuf),
    /// It has no `h2r_services`.
    #[error("{0} is not an engine: it has no symbol h2r_services, which `rs_in_hs::export!` brings")]
    NoEngine(PathBuf),
    /// Describing the services panicked.
    #[error("{0} panicked when it was asked for its services")]
    Panicked(PathBuf),
    /// The engine itself refuses.
    #[error("{0}")]
    Refused(String),
    /// The library's text is another version's.
    #[error("{0} was built with another version of rs-in-hs: {1}")]
    Version(PathBuf, #[source] ParseError),
}

/// The services of the engine in this cdylib, with their docs. It is loaded for that, but no engine is made, and no
/// method called.
pub fn services(path: &Path) -> Result<Vec<Service>, LibraryError> {
    // A name without a folder would be searched for among the system's libraries.
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if !absolute.exists() {
        return Err(LibraryError::Missing(path.into()));
    }
    if absolute.is_dir() {
        return Err(LibraryError::Folder(path.into()));
    }
    // SAFETY: loading runs the library's initialisers; of an engine these are Rust's, and the libraries' it links.
    // Whoever names a file here trusts it as much as one that is linked.
    let library = unsafe { libloading::Library::new(absolute) }.map_err(|why| {
        // Only the cause has what the system says.
        let said = why.source().map_or_else(|| why.to_string(), ToString::to_string);
        match said.contains("_from_export_macro") {
            true => LibraryError::NoExport(path.into()),
            false => LibraryError::NotLoaded(path.into(), said),
        }
    })?;
    // SAFETY: the symbol of that name has this type in every version of rs-in-hs.
    let symbol = unsafe { library.get::<extern "C" fn() -> *const c_char>(c"h2r_services") };
    let read = symbol.map_err(|_| LibraryError::NoEngine(path.into()))?();
    if read.is_null() {
        return Err(LibraryError::Panicked(path.into()));
    }
    // SAFETY: not null, so it is closed by a zero, and lives as long as the library, which is dropped below.
    let text = unsafe { CStr::from_ptr(read) }.to_string_lossy().into_owned();
    match text.strip_prefix(REFUSED) {
        Some(why) => Err(LibraryError::Refused(why.trim_end().into())),
        None => text::parse(&text).map_err(|why| LibraryError::Version(path.into(), why)),
    }
}
