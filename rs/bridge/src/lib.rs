//! Run a Rust engine inside a Haskell program.
//!
//! An engine is a set of named handlers; this crate carries typed requests from Haskell threads to them, and their
//! answers, panics and refusals back. Write the handlers, name them in an [`Engine`], and [`export!`] it:
//!
//! ```no_run
//! use rs_in_hs::Engine;
//!
//! fn engine() -> Engine {
//!     Engine::new().call("greet", |_, name: String| format!("Hello, {name}!"))
//! }
//!
//! rs_in_hs::export!(engine);
//! # fn main() {}
//! ```
//!
//! The crate that exports is a `staticlib` (which programs link) and a `cdylib` (which GHCi loads); the Haskell package
//! `rs-in-hs` has the other half, and its set-up package builds and links this one from `cabal build`.
#![deny(unsafe_code)]

pub use rs_in_hs_runtime::{CallToken, Context, Engine, method, wire};

#[allow(unsafe_code)]
mod ffi;

/// Makes engines callable from Haskell: each argument is a function `fn() -> Engine`, and all their methods together
/// are what the program sees.
///
/// Once in a program, in the crate that is linked into it. Several engines are several arguments of one `export!` in
/// a crate that depends on them all, never several libraries: two of them would bring two runtimes.
#[macro_export]
macro_rules! export {
    ($($engine:path),+ $(,)?) => {
        #[doc(hidden)]
        #[unsafe(no_mangle)]
        pub fn rs_in_hs_engine_from_export_macro() -> $crate::Engine {
            $crate::Engine::new()$(.merge($engine()))+
        }
    };
}
