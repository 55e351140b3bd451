//! Values to bytes.

use super::stack::Stack;
use super::{Data, MAX_DEPTH, WireError};
use crate::answer::{Answer, Tail};
use crate::carried::{Carried, Hold};
use bytemuck::NoUninit;

/// A type of which values can be sent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to Haskell",
    label = "this type does not go over the wire",
    note = "if it is your own, put `#[rs_in_hs::data]` on its definition",
    note = "if it is to stay in Rust, return an `Object` of it; functions are `Callback`s of Haskell's and `Closure`s of Rust's; events go through an argument of a `#[stream]`",
    note = "if it is another's, send one of the types of docs/wire.md in its place; some are features of rs-in-hs"
)]
pub trait Encode: Data {
    /// Writes the value.
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError>;

    /// Writes values one after the other. Numbers do it in one go.
    fn encode_slice(values: &[Self], to: &mut Encoder) -> Result<(), WireError>
    where
        Self: Sized,
    {
        values.iter().try_for_each(|value| value.encode(to))
    }

    /// Writes the value as the last of a message, and uses it up: what is large may then stay where it is.
    #[doc(hidden)]
    fn encode_last(self, to: &mut Encoder) -> Result<(), WireError>
    where
        Self: Sized,
    {
        self.encode(to)
    }

    /// The same of a vector of values, with their count.
    #[doc(hidden)]
    fn encode_last_vec(values: Vec<Self>, to: &mut Encoder) -> Result<(), WireError>
    where
        Self: Sized,
    {
        to.put_len(values.len());
        Self::encode_slice(&values, to)
    }
}

/// From so many bytes on, a vector or text that ends an answer is not copied into the message. Below, copying costs less
/// than a piece of memory with an owner of its own (`docs/decisions/0013-tails.md`).
const TAIL: usize = 16 << 10;

/// Encodes a value into at most `limit` bytes.
///
/// Beyond the limit nothing is stored, only counted, so the error can name the size that would have been needed.
pub fn to_bytes<T: Encode + ?Sized>(value: &T, limit: usize) -> Result<Vec<u8>, WireError> {
    written(limit, |to| value.encode(to))
}

/// The same, with what the value refers to.
pub(crate) fn to_message<T: Encode + ?Sized>(value: &T, limit: usize) -> Result<(Vec<u8>, Carried), WireError> {
    let mut encoder = Encoder::new(limit);
    encoder.message(|to| value.encode(to))?;
    let Answer { head, carried, .. } = encoder.finish();
    Ok((head, carried))
}

/// Uses a value up for a message that may have a tail.
pub(crate) fn to_answer<T: Encode>(value: T, limit: usize) -> Result<Answer, WireError> {
    let mut encoder = Encoder::with_tail(limit, Vec::new());
    encoder.message(|to| value.encode_last(to))?;
    Ok(encoder.finish())
}

/// What `write` writes, as [`to_bytes`] does it.
pub(crate) fn written(
    limit: usize,
    write: impl FnOnce(&mut Encoder) -> Result<(), WireError>,
) -> Result<Vec<u8>, WireError> {
    let mut encoder = Encoder::new(limit);
    encoder.message(write)?;
    Ok(encoder.bytes)
}

/// Room to begin with: most messages take no more, and need not grow.
const FIRST: usize = 64;

/// A message that is being written.
pub struct Encoder {
    /// Messages that were written before, and this one.
    bytes: Vec<u8>,
    /// Where this one begins.
    start: usize,
    /// Where it will end. Beyond the limit nothing is stored any more, but the size is still counted.
    end: usize,
    /// Bytes that each message may have.
    limit: usize,
    depth: usize,
    stack: Stack,
    /// Whether the message may end in a piece of memory of its own.
    may_have_tail: bool,
    tail: Option<Tail>,
    /// What all messages refer to.
    carried: Vec<Hold>,
    /// Of the messages before this one.
    carried_before: usize,
}

impl Encoder {
    /// Messages of at most so many bytes, without tails.
    pub(crate) fn new(limit: usize) -> Self {
        Encoder {
            bytes: Vec::new(),
            start: 0,
            end: 0,
            limit,
            depth: 0,
            stack: Stack::for_writing(),
            may_have_tail: false,
            tail: None,
            carried: Vec::new(),
            carried_before: 0,
        }
    }

    /// A single message of at most so many bytes, which may end in a tail. It is written to this memory, whose contents
    /// are overwritten.
    pub(crate) fn with_tail(limit: usize, mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        Encoder { bytes, may_have_tail: true, ..Encoder::new(limit) }
    }

    /// Writes one message behind those before; if that fails, nothing of it is left.
    pub(crate) fn message(&mut self, write: impl FnOnce(&mut Self) -> Result<(), WireError>) -> Result<(), WireError> {
        self.start = self.bytes.len();
        self.carried_before = self.carried.len();
        self.end = self.start;
        self.depth = 0;
        let result = write(self).and_then(|()| match self.size() {
            size if size > self.limit => Err(WireError::TooLarge { size, limit: self.limit }),
            _ => Ok(()),
        });
        if result.is_err() {
            self.discard();
        }
        result
    }

    /// Takes back what was written of the last message.
    pub(crate) fn discard(&mut self) {
        self.bytes.truncate(self.start);
        self.end = self.start;
        self.tail = None;
        self.carried.truncate(self.carried_before);
    }

    /// What was written. An encoder that is used again gets the memory back by [`Encoder::with_tail`].
    pub(crate) fn finish(self) -> Answer {
        Answer { head: self.bytes, tail: self.tail, carried: Carried::from(self.carried) }
    }

    /// All that was written so far, and can still be changed.
    pub(crate) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Writes a new reference to this, which is there for as long as the message.
    #[cfg(not(loom))]
    pub(crate) fn refer(&mut self, thing: crate::reference::Thing) -> Result<(), WireError> {
        let hold = crate::reference::add(thing).ok_or(WireError::Closed { at: self.size() })?;
        self.put_reference(hold);
        Ok(())
    }

    /// Writes a reference, which the message holds from here on.
    pub(crate) fn put_reference(&mut self, hold: Hold) {
        self.put(&hold.id().to_le_bytes());
        self.carried.push(hold);
    }

    fn size(&self) -> usize {
        self.end - self.start
    }

    /// Writes bytes as they are.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        debug_assert!(self.tail.is_none(), "encode_last is for what comes last");
        self.end = self.end.saturating_add(bytes.len());
        if self.end <= self.bytes.capacity() || self.grow() {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Makes room up to the end, by doubling as a `Vec` does, but never more than the limit; whether there is room.
    #[cold]
    fn grow(&mut self) -> bool {
        if self.size() > self.limit {
            // Too large to be sent: from here on it is only counted.
            self.bytes.truncate(self.start);
            if self.start == 0 {
                self.bytes = Vec::new();
            }
            return false;
        }
        let most = self.start.saturating_add(self.limit);
        let capacity = (2 * self.bytes.capacity()).max(FIRST).clamp(self.end, most);
        self.bytes.reserve_exact(capacity - self.bytes.len());
        true
    }

    /// Writes the count and the numbers that end a message, or keeps these as they are.
    pub(super) fn put_last<T: NoUninit + Send + Sync>(&mut self, numbers: Vec<T>) {
        self.put_len(numbers.len());
        let len = size_of_val(numbers.as_slice());
        if self.may_have_tail && len >= TAIL && self.size().saturating_add(len) <= self.limit {
            self.end += len;
            self.tail = Some(Tail::new(numbers));
        } else {
            self.put(bytemuck::cast_slice(&numbers));
        }
    }

    /// Writes a number of bytes, or of elements.
    #[inline]
    pub fn put_len(&mut self, len: usize) {
        self.put(&(len as u64).to_le_bytes());
    }

    /// Writes which variant of an enum follows.
    #[inline]
    pub fn put_tag(&mut self, tag: u8) {
        self.put(&[tag]);
    }

    /// Writes a value with a definition of its own, one level down.
    #[inline]
    pub fn nested(&mut self, inner: impl FnOnce(&mut Self) -> Result<(), WireError>) -> Result<(), WireError> {
        if self.depth == MAX_DEPTH {
            return Err(WireError::TooDeep);
        }
        self.stack.write()?;
        self.depth += 1;
        inner(self)?;
        self.depth -= 1;
        Ok(())
    }
}
