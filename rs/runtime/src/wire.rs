//! The bytes of a message: the encoding of Haskell's `store`, through serde.
//!
//! This module alone decides it. A type of which the two languages have different encodings is refused, in both
//! directions, with an error that says so: maps, 128-bit integers, enums of more than 255 variants. Two things serde
//! does not let us tell apart: an enum of a single variant is refused only when it is read, and a set is written like
//! a sequence, so send a sorted `Vec` instead.
//! Which Rust types meet which Haskell types is in `docs/wire.md`; why this is not `serde_store`, in
//! `docs/decisions/0003-codec.md`.

mod decode;
mod encode;

pub use decode::from_bytes;
pub use encode::to_bytes;

use std::fmt::Display;
use thiserror::Error;

#[cfg(not(target_endian = "little"))]
compile_error!("rs-in-hs sends little-endian messages without conversion: a big-endian target is not supported");

/// How deep values may lie in one another: both directions recurse, and a stack that overflows takes the process down.
const MAX_DEPTH: usize = 512;

/// What serde makes of maps, and of structs with flattened fields.
const A_MAP: &str = "a map (or a struct with `flatten`; send a Vec of pairs)";

/// Why a value has no encoding, or bytes no value.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WireError {
    /// The encoding is larger than allowed. Nothing beyond the limit was allocated.
    #[error("{size} bytes are over the limit of {limit}")]
    TooLarge {
        /// Bytes of the whole encoding.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The message ends before the value does.
    #[error("at byte {at}: {wanted} more bytes wanted, {left} left")]
    Short {
        /// Offset into the message.
        at: usize,
        /// Bytes wanted from there.
        wanted: u64,
        /// Bytes there are.
        left: usize,
    },
    /// The value ends before the message does.
    #[error("{left} bytes are left over after the value")]
    LeftOver {
        /// Bytes left.
        left: usize,
    },
    /// A tag that no variant has.
    #[error("at byte {at}: {found} is no tag of {what}")]
    Tag {
        /// Offset into the message.
        at: usize,
        /// The type that was read.
        what: &'static str,
        /// The byte found.
        found: u8,
    },
    /// Bytes that are not a text or a character.
    #[error("at byte {at}: not {what}")]
    Text {
        /// Offset into the message.
        at: usize,
        /// What was expected.
        what: &'static str,
    },
    /// The two languages encode this type differently, or `store` cannot.
    #[error("cannot be sent: {0}")]
    Unsupported(&'static str),
    /// Values in values in values.
    #[error("values nested more than {MAX_DEPTH} deep cannot be sent")]
    TooDeep,
    /// What a type's own serde code said.
    #[error("{0}")]
    Custom(String),
}

impl serde::ser::Error for WireError {
    fn custom<T: Display>(message: T) -> Self {
        WireError::Custom(message.to_string())
    }
}

impl serde::de::Error for WireError {
    fn custom<T: Display>(message: T) -> Self {
        WireError::Custom(message.to_string())
    }
}
