//! Values to bytes.

use super::stack::Stack;
use super::{Data, MAX_DEPTH, WireError};

/// A type of which values can be sent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to Haskell",
    label = "this type does not go over the wire",
    note = "if it is your own, put `#[rs_in_hs::data]` on its definition",
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
}

/// Encodes a value into at most `limit` bytes.
///
/// Beyond the limit nothing is stored, only counted, so the error can name the size that would have been needed.
pub fn to_bytes<T: Encode + ?Sized>(value: &T, limit: usize) -> Result<Vec<u8>, WireError> {
    written(limit, |to| value.encode(to))
}

/// What `write` writes, as [`to_bytes`] does it.
pub(crate) fn written(
    limit: usize,
    write: impl FnOnce(&mut Encoder) -> Result<(), WireError>,
) -> Result<Vec<u8>, WireError> {
    let mut encoder = Encoder { bytes: Vec::new(), size: 0, limit, depth: 0, stack: Stack::here() };
    write(&mut encoder)?;
    if encoder.size > limit {
        return Err(WireError::TooLarge { size: encoder.size, limit });
    }
    Ok(encoder.bytes)
}

/// Room to begin with: most messages take no more, and need not grow.
const FIRST: usize = 64;

/// A message that is being written.
pub struct Encoder {
    bytes: Vec<u8>,
    size: usize,
    limit: usize,
    depth: usize,
    stack: Stack,
}

impl Encoder {
    /// Writes bytes as they are.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        self.size = self.size.saturating_add(bytes.len());
        if self.size <= self.bytes.capacity() || self.grow() {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Makes room for `size` bytes, by doubling as a `Vec` does, but never more than the limit; whether they are sent.
    #[cold]
    fn grow(&mut self) -> bool {
        if self.size > self.limit {
            // Too large to be sent: from here on it is only counted.
            self.bytes = Vec::new();
            return false;
        }
        let capacity = (2 * self.bytes.capacity()).max(FIRST).clamp(self.size, self.limit);
        self.bytes.reserve_exact(capacity - self.bytes.len());
        true
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
