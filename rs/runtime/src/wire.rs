//! The bytes of a message: the encoding of Haskell's `store`, little-endian.
//!
//! This module alone decides it. A type goes over the wire when it has the three traits of this module; the attribute
//! `#[rs_in_hs::data]` writes them for a struct or an enum, and everything else is a compile error. Which Rust types
//! meet which Haskell types is in `docs/wire.md`; why this is not `serde_store`, in `docs/decisions/0003-codec.md`.
//!
//! Neither do collections of values that take no bytes compile: eight bytes could announce any number of them.
//!
//! ```compile_fail
//! let _ = rs_in_hs_runtime::wire::to_bytes(&vec![()], 100);
//! ```
//! ```compile_fail
//! let _ = rs_in_hs_runtime::wire::from_bytes::<Vec<()>>(&[0; 8]);
//! ```

mod collection;
mod decode;
mod encode;
#[cfg(feature = "bitflags")]
mod flags;
mod integer;
mod number;
mod pointer;
mod stack;
mod text;
mod time;
mod tuple;
mod variant;

pub use decode::{Decode, Decoder, from_bytes};
pub use encode::{Encode, Encoder, to_bytes};
pub(crate) use encode::{to_answer, to_message};
#[cfg(feature = "bitflags")]
pub use flags::{decode_flags, describe_flags, encode_flags};
pub(crate) use stack::READING;
#[doc(hidden)]
pub use stack::{frame, on_large_stack};

use crate::failure::Failure;
use crate::schema::{Type, Types};
use thiserror::Error;

#[cfg(not(target_endian = "little"))]
compile_error!("rs-in-hs sends little-endian messages without conversion: a big-endian target is not supported");

/// How deep structs and enums may lie in one another: both directions recurse, and a stack that overflows takes the
/// process down. Large ones reach the end of the stack sooner, which is [`WireError::NoStack`].
pub const MAX_DEPTH: usize = 512;

/// A type that Rust and Haskell both know.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent between Rust and Haskell",
    label = "this type does not go over the wire",
    note = "if it is your own, put `#[rs_in_hs::data]` on its definition",
    note = "if it is to stay in Rust, return an `Object` of it; functions are `Callback`s of Haskell's and `Closure`s of Rust's; events go through an argument of a `#[stream]`",
    note = "if it is another's, send one of the types of docs/wire.md in its place; some are features of rs-in-hs"
)]
pub trait Data {
    /// Whether the type implements `Error`: then its message follows its fields.
    #[doc(hidden)]
    const IS_ERROR: bool = false;

    /// The fewest bytes that a value takes: how many values can be in what is left of a message.
    const MIN_SIZE: usize;

    /// How the type is called in a schema. Types that have a definition add it, and those of their parts, to `types`.
    fn describe(types: &mut Types) -> Type;
}

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
    /// Bytes that no value of the type has.
    #[error("at byte {at}: not {what}")]
    Value {
        /// Offset into the message.
        at: usize,
        /// What was expected.
        what: &'static str,
    },
    /// A reference to something that is closed, or is of an earlier run.
    #[error("at byte {at}: what is referred to is closed")]
    Closed {
        /// Offset into the message.
        at: usize,
    },
    /// An array that has another number of elements.
    #[error("at byte {at}: {found} elements, where an array has {wanted}")]
    Length {
        /// Offset into the message.
        at: usize,
        /// Elements of the array.
        wanted: usize,
        /// Elements in the message.
        found: usize,
    },
    /// Values in values in values.
    #[error("values nested more than {MAX_DEPTH} deep cannot be sent")]
    TooDeep,
    /// Large values in large values.
    #[error("values as large as these cannot be nested so deep: they do not fit on the stack")]
    NoStack,
    /// Elements that take more memory than there is.
    #[error("there is no memory for the values of the message")]
    OutOfMemory,
}

impl WireError {
    /// Why a method cannot read its request.
    pub(crate) fn of_request(self, method: &str) -> Failure {
        self.of_request_at(method, String::new())
    }

    /// The same, with a word before it on what was read.
    pub(crate) fn of_request_at(self, method: &str, what: String) -> Failure {
        match self {
            WireError::Closed { .. } => Failure::Closed { method: method.into() },
            error => Failure::Undecodable { method: method.into(), reason: format!("{what}{error}") },
        }
    }
}
