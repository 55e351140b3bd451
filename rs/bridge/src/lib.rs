//! Run a Rust engine inside a Haskell program.
//!
//! An engine is one or several services: traits whose methods Haskell threads call, by functions that are generated. This
//! crate carries their arguments there, and their answers, panics and refusals back. Write the trait, implement it, and
//! [`export!`] a function that makes the object:
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! /// Greets people.
//! #[rs_in_hs::service]
//! pub trait Greeter {
//!     /// A greeting for the person of this name.
//!     fn greet(&self, name: &str) -> String;
//! }
//!
//! struct Polite;
//!
//! impl Greeter for Polite {
//!     fn greet(&self, name: &str) -> String {
//!         format!("Hello, {name}!")
//!     }
//! }
//!
//! fn engine() -> Arc<dyn Greeter> {
//!     Arc::new(Polite)
//! }
//!
//! rs_in_hs::export!(engine);
//! # fn main() {}
//! ```
//!
//! The command `rs-in-hs-generate` writes the Haskell module from the built library. What methods can take and answer:
//! [`wire`], and the attributes [`service`](macro@service) and [`data`].
//!
//! The crate that exports is a `staticlib` (which programs link) and a `cdylib` (which GHCi loads); the Haskell package
//! `rs-in-hs` has the other half, and its set-up package builds and links this one from `cabal build`.
#![deny(unsafe_code)]

pub use ffi::trampoline;
pub use rs_in_hs_macros::{data, object, service};
pub use rs_in_hs_runtime::closure::Closure;
pub use rs_in_hs_runtime::function::{Callback, CallbackError, Reply};
pub use rs_in_hs_runtime::local::Local;
pub use rs_in_hs_runtime::object::Object;
pub use rs_in_hs_runtime::schema::Opaque;
pub use rs_in_hs_runtime::service::{Export, Service};
pub use rs_in_hs_runtime::stream::{Events, SendError};
pub use rs_in_hs_runtime::{CallToken, Context, Engine, method, schema, wire};

/// What the macros expand to.
#[doc(hidden)]
pub mod support {
    pub use rs_in_hs_runtime::service::*;
}

#[allow(unsafe_code)]
mod ffi;

/// Makes engines callable from Haskell: each argument is a function without parameters that returns an `Arc<dyn Trait>`
/// of a [`service`](macro@service), a tuple of several, or an [`Engine`]. All their methods together are what the
/// program sees.
///
/// Once in a program, in the crate that is linked into it. Several engines are several arguments of one `export!` in
/// a crate that depends on them all, never several libraries: two of them would bring two runtimes.
#[macro_export]
macro_rules! export {
    ($($engine:path),+ $(,)?) => {
        const _: () = {
            fn rs_in_hs_exported() -> ::std::vec::Vec<$crate::support::Exported> {
                ::std::vec![$($crate::support::Exported::by($engine)),+]
            }

            #[unsafe(no_mangle)]
            pub fn rs_in_hs_engine_from_export_macro() -> $crate::Engine {
                $crate::support::Exported::engine(rs_in_hs_exported())
            }

            #[unsafe(no_mangle)]
            pub fn rs_in_hs_services_from_export_macro() -> ::std::vec::Vec<$crate::schema::Service> {
                $crate::support::Exported::services(rs_in_hs_exported())
            }
        };
    };
}

/// Makes a type of the crate `bitflags` go over the wire, as its bits; with the feature `bitflags`.
///
/// ```
/// bitflags::bitflags! {
///     #[derive(Clone, Copy)]
///     pub struct Mode: u8 {
///         const READ = 1;
///         const WRITE = 2;
///     }
/// }
///
/// rs_in_hs::flags! {
///     /// What may be done with a file.
///     Mode
/// }
/// # fn main() {}
/// ```
///
/// Bits that no flag has are refused when they arrive. The bits have to be of an unsigned type.
#[cfg(feature = "bitflags")]
#[macro_export]
macro_rules! flags {
    ($(#[doc = $docs:expr])* $flags:ident) => {
        impl $crate::wire::Data for $flags {
            const MIN_SIZE: usize = ::core::mem::size_of::<Self>();

            fn describe(types: &mut $crate::schema::Types) -> $crate::schema::Type {
                let docs: &[&str] = &[$($docs),*];
                let place = ::core::concat!(::core::file!(), ":", ::core::line!(), ":", ::core::column!());
                $crate::wire::describe_flags::<Self>(place, stringify!($flags), docs, types)
            }
        }

        impl $crate::wire::Encode for $flags {
            fn encode(&self, to: &mut $crate::wire::Encoder) -> ::core::result::Result<(), $crate::wire::WireError> {
                $crate::wire::encode_flags(self, to)
            }
        }

        impl $crate::wire::Decode<'_> for $flags {
            fn decode(
                from: &mut $crate::wire::Decoder<'_>,
            ) -> ::core::result::Result<Self, $crate::wire::WireError> {
                $crate::wire::decode_flags(from)
            }
        }
    };
}
