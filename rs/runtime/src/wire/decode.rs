//! Bytes to values.
//!
//! Every length is compared with what is left of the message before anything is allocated for it. What is then
//! allocated at once is never larger than that either; it grows with the elements that were really read. So numbers,
//! texts and bytes take no more memory than the message; what others take is in proportion to it, by how much larger
//! an element can be in memory than on the wire.

use super::stack::{Stack, frame};
use super::{Data, MAX_DEPTH, WireError};
use std::borrow::Cow;

/// A type of which values can be received. `&str`, `&[u8]` and `Cow`s of numbers in it borrow from the message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be received from Haskell",
    label = "this type does not go over the wire",
    note = "if it is your own, put `#[rs_in_hs::data]` on its definition",
    note = "if it is to stay in Rust, return an `Object` of it; functions are `Callback`s of Haskell's and `Closure`s of Rust's; events go through an argument of a `#[stream]`",
    note = "if it is another's, take one of the types of docs/wire.md in its place; some are features of rs-in-hs",
    note = "of references, `&str` and `&[u8]` can be received: take a `Cow<[T]>` or a `Vec` in place of another slice, and all else by value"
)]
pub trait Decode<'de>: Data + Sized {
    /// About how much stack that takes, up to the next pointer or collection: those compare what is in them.
    #[doc(hidden)]
    const STACK: usize = frame(size_of::<Self>(), &[]);

    /// Reads a value.
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError>;

    /// Reads a value to the heap. Arrays do it without the stack, on which a large one has no place.
    #[doc(hidden)]
    fn decode_boxed(from: &mut Decoder<'de>) -> Result<Box<Self>, WireError> {
        from.behind(Self::STACK, |from| Self::decode(from).map(Box::new))
    }

    /// Reads so many values, which [`Decoder::count`] has allowed. Numbers do it in one go.
    fn decode_vec(count: usize, from: &mut Decoder<'de>) -> Result<Vec<Self>, WireError> {
        let mut values = Vec::new();
        values.try_reserve_exact(from.capacity::<Self>(count)).map_err(|_| WireError::OutOfMemory)?;
        for _ in 0..count {
            let value = Self::decode(from)?;
            // To push alone would abort the process where memory ends.
            if values.len() == values.capacity() {
                values.try_reserve(1).map_err(|_| WireError::OutOfMemory)?;
            }
            values.push(value);
        }
        Ok(values)
    }

    /// Reads so many values, which [`Decoder::count`] has allowed, without a copy where that can be. Numbers are borrowed
    /// where the message has them at an address that is aligned for them.
    fn decode_cow(count: usize, from: &mut Decoder<'de>) -> Result<Cow<'de, [Self]>, WireError>
    where
        Self: Clone,
    {
        Self::decode_vec(count, from).map(Cow::Owned)
    }
}

/// Decodes a value that takes up all of `bytes`.
///
/// Of values that are large and nested deep, as much as 1 MiB of stack holds; on a worker, 12 MiB.
pub fn from_bytes<'de, T: Decode<'de>>(bytes: &'de [u8]) -> Result<T, WireError> {
    let mut decoder = Decoder::new(bytes);
    let value = decoder.behind(T::STACK, T::decode)?;
    decoder.end()?;
    Ok(value)
}

/// A message that is being read.
pub struct Decoder<'de> {
    rest: &'de [u8],
    size: usize,
    depth: usize,
    stack: Stack,
}

impl<'de> Decoder<'de> {
    /// At the beginning of a message.
    pub fn new(bytes: &'de [u8]) -> Self {
        Decoder { rest: bytes, size: bytes.len(), depth: 0, stack: Stack::for_reading() }
    }

    /// Sees to it that nothing is left over.
    pub fn end(&self) -> Result<(), WireError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(WireError::LeftOver { left }),
        }
    }

    /// The offset into the message.
    #[inline]
    pub fn at(&self) -> usize {
        self.size - self.rest.len()
    }

    #[cold]
    fn short(&self, wanted: u64) -> WireError {
        WireError::Short { at: self.at(), wanted, left: self.rest.len() }
    }

    /// Reads so many bytes as they are.
    #[inline]
    pub fn take(&mut self, len: usize) -> Result<&'de [u8], WireError> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or_else(|| self.short(len as u64))?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads a fixed number of bytes.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(|| self.short(N as u64))?;
        self.rest = rest;
        Ok(*taken)
    }

    /// Reads how many elements of at least `min_size` bytes follow: never more than there is room for.
    #[inline]
    pub fn count(&mut self, min_size: usize) -> Result<usize, WireError> {
        let count = u64::from_le_bytes(self.array()?);
        let wanted = count.saturating_mul(min_size as u64);
        match usize::try_from(count) {
            Ok(fits) if wanted <= self.rest.len() as u64 => Ok(fits),
            _ => Err(self.short(wanted)),
        }
    }

    /// Room for so many elements to begin with, but in no more bytes than are left.
    pub fn capacity<T>(&self, count: usize) -> usize {
        count.min(self.rest.len() / size_of::<T>().max(1))
    }

    /// Reads a length, and so many bytes.
    #[inline]
    pub fn sized_bytes(&mut self) -> Result<&'de [u8], WireError> {
        let len = self.count(1)?;
        self.take(len)
    }

    /// Reads which variant of `what` follows, of so many.
    #[inline]
    pub fn tag(&mut self, what: &'static str, variants: u8) -> Result<u8, WireError> {
        let at = self.at();
        let [found] = self.array()?;
        if found < variants { Ok(found) } else { Err(WireError::Tag { at, what, found }) }
    }

    /// Reads what is behind a pointer or in a collection, if the stack has room for a value that takes so much of it.
    #[inline]
    pub(super) fn behind<R>(
        &mut self,
        takes: usize,
        read: impl FnOnce(&mut Self) -> Result<R, WireError>,
    ) -> Result<R, WireError> {
        self.stack.read(takes, || read(self))
    }

    /// Reads a value that is not behind a pointer, if the stack has room for it.
    #[inline]
    pub(super) fn inline<T: Decode<'de>>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        self.stack.read_inline(T::STACK, || read(self))
    }

    /// Reads a value with a definition of its own, one level down.
    #[inline]
    pub fn nested<T: Decode<'de>>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        if self.depth == MAX_DEPTH {
            return Err(WireError::TooDeep);
        }
        self.depth += 1;
        let value = self.inline(inner)?;
        self.depth -= 1;
        Ok(value)
    }
}
