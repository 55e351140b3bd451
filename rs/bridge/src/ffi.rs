//! The boundary to Haskell: the only place of the project with `unsafe` code.
//!
//! - [`abi`] has the C functions, which translate and forward;
//! - [`handshake`] compares the schemas of the two sides;
//! - [`rts`] calls GHC's runtime system;
//! - [`guard`] keeps panics on this side;
//! - [`status`] is what the functions return.

mod abi;
mod guard;
mod handshake;
mod rts;
mod status;
