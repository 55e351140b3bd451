//! The other of two engines: it keeps a tally.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts strokes.
#[rs_in_hs::service]
pub trait Tally {
    /// One more stroke.
    #[cast]
    fn stroke(&self);
    /// The strokes so far.
    fn count(&self) -> u64;
}

#[derive(Default)]
struct Strokes(AtomicU64);

impl Tally for Strokes {
    fn stroke(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A tally without strokes.
pub fn engine() -> Arc<dyn Tally> {
    Arc::new(Strokes::default())
}
