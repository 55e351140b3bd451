//! The references in a message: held for as long as the message is there.

use std::sync::Arc;

/// One of those who hold a reference: see [`crate::reference`]. It lets go when it is dropped.
#[derive(Debug)]
pub struct Hold {
    id: u64,
    release: fn(u64),
}

impl Hold {
    /// One that lets go by `release`.
    pub fn new(id: u64, release: fn(u64)) -> Self {
        Hold { id, release }
    }

    /// The reference.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Leaves the hold to somebody else, who will let go.
    pub fn leave(self) {
        std::mem::forget(self);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        (self.release)(self.id);
    }
}

/// What a message holds. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Carried(Vec<Arc<Vec<Hold>>>);

impl Carried {
    /// Whether that is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// And what another one does.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

impl From<Vec<Hold>> for Carried {
    fn from(holds: Vec<Hold>) -> Self {
        Carried(if holds.is_empty() { Vec::new() } else { vec![Arc::new(holds)] })
    }
}

/// Two messages that say the same are equal, whatever the numbers by which they refer to it.
impl PartialEq for Carried {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Carried {}
