//! What a handler has answered, as it lies in memory until Haskell has read it.

use crate::carried::Carried;
use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

/// An encoded answer. Its last bytes may lie in a piece of their own: a large `Vec` or `String` that the handler made is
/// kept as it is, and Haskell reads it there.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// What was written.
    pub head: Vec<u8>,
    /// What follows.
    pub tail: Option<Tail>,
    /// What it refers to.
    pub carried: Carried,
}

impl From<Vec<u8>> for Answer {
    fn from(head: Vec<u8>) -> Self {
        Answer { head, tail: None, carried: Carried::default() }
    }
}

impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        fn tail(answer: &Answer) -> &[u8] {
            answer.tail.as_ref().map_or(&[], Tail::bytes)
        }
        self.head == other.head && tail(self) == tail(other)
    }
}

impl Eq for Answer {}

/// Bytes that were not copied.
#[derive(Clone)]
pub struct Tail(Arc<dyn AsBytes>);

trait AsBytes: Send + Sync {
    fn as_bytes(&self) -> &[u8];
}

impl<T: bytemuck::NoUninit + Send + Sync> AsBytes for Vec<T> {
    fn as_bytes(&self) -> &[u8] {
        bytemuck::cast_slice(self)
    }
}

impl Tail {
    /// The memory of these numbers.
    pub fn new<T: bytemuck::NoUninit + Send + Sync>(numbers: Vec<T>) -> Self {
        Tail(Arc::new(numbers))
    }

    /// They stay where they are for as long as this lives.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Debug for Tail {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes().len())
    }
}
