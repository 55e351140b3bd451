//! Writes the Haskell modules of the services in an engine.
//!
//! The command `rs-in-hs-generate` reads the engine's built library. Build systems that would rather call a function
//! have [`engine::build`], [`library::services`] and [`generate`].
//!
//! A module imports one module of `rs-in-hs`, and defines the types that its service's methods lead to. Types that several
//! services of an engine use are in a module of their own, `Types`, which the others hand on.
#![deny(unsafe_code)]

pub mod engine;
mod haddock;
#[allow(unsafe_code)]
pub mod library;
mod method;
mod module;
mod prelude;
mod scope;
mod types;

use rs_in_hs_runtime::schema::Service;
use std::path::PathBuf;
use thiserror::Error;

/// A Haskell module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name, with dots.
    pub name: String,
    /// Its source.
    pub source: String,
}

impl Module {
    /// Where its source belongs, within a folder of sources.
    pub fn path(&self) -> PathBuf {
        let mut path: PathBuf = self.name.split('.').collect();
        path.set_extension("hs");
        path
    }
}

/// Why there is no module.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum GenerateError {
    /// The engine is made of handlers alone.
    #[error(
        "the engine has no services: give `export!` a function that returns `Arc<dyn Trait>`, where the trait has #[rs_in_hs::service]"
    )]
    NoServices,
    /// The engine would be refused too, at init.
    #[error("{0}")]
    Refused(String),
    /// Two things in the Rust source would have one name in Haskell.
    #[error("{service}: in Haskell, {one} and {other} would both be called {name}: rename one of them in Rust")]
    Clash {
        /// The service.
        service: String,
        /// The name.
        name: String,
        /// What has it first.
        one: String,
        /// What would have it too.
        other: String,
    },
    /// A name in the Rust source that has no counterpart in Haskell.
    #[error(
        "{service}: in Haskell, {of} would be called {name:?}, which cannot be a name there: types begin with a capital, functions with another letter; rename it in Rust"
    )]
    Name {
        /// The service.
        service: String,
        /// The name.
        name: String,
        /// What would have it.
        of: String,
    },
    /// Two services of one name, or one that is called like the module of the types that services share.
    #[error("two modules would be called {0}: rename a service")]
    Modules(String),
    /// A prefix of module names that is none.
    #[error("{0} cannot begin the name of a Haskell module: write words that begin with capitals, with dots between")]
    Prefix(String),
}

/// The modules of these services, one each, called like the service after the prefix, which may be empty and needs no
/// dot at its end.
pub fn generate(services: &[Service], prefix: &str) -> Result<Vec<Module>, GenerateError> {
    let prefix = prefix.trim_end_matches('.');
    let is_word = |word: &str| word.starts_with(char::is_uppercase) && word.chars().all(char::is_alphanumeric);
    if !prefix.is_empty() && !prefix.split('.').all(is_word) {
        return Err(GenerateError::Prefix(prefix.into()));
    }
    if services.is_empty() {
        return Err(GenerateError::NoServices);
    }
    if let Some(clash) = services.iter().flat_map(Service::clashes).next() {
        return Err(GenerateError::Refused(clash));
    }
    let shared = module::Shared::of(services);
    let of_services = services.iter().map(|service| module::write(service, prefix, shared.as_ref()));
    let modules = of_services.chain(shared.as_ref().map(|shared| shared.write(prefix)));
    let modules = modules.collect::<Result<Vec<_>, _>>()?;
    for (at, module) in modules.iter().enumerate() {
        if modules[..at].iter().any(|other| other.name == module.name) {
            return Err(GenerateError::Modules(module.name.clone()));
        }
    }
    Ok(modules)
}
