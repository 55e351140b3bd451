//! The boundary to Haskell: the only place of the project with `unsafe` code.
//!
//! - [`abi`] has the C functions, which translate and forward;
//! - [`callback`] has those for Haskell functions that Rust calls;
//! - [`direct`] has those for calls on the caller's thread;
//! - [`handshake`] compares the schemas of the two sides;
//! - [`rts`] calls GHC's runtime system;
//! - [`small`] has those for small messages;
//! - [`tail`] lends large answers;
//! - [`reference`] has those for what messages refer to, and for streams;
//! - [`trampoline`] makes closures C functions;
//! - [`guard`] keeps panics on this side;
//! - [`status`] is what the functions return.

mod abi;
mod callback;
mod direct;
mod guard;
mod handshake;
mod reference;
mod rts;
mod small;
mod status;
mod tail;
pub mod trampoline;
