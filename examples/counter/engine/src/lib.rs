//! The smallest engine: it counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Keeps a total.
#[rs_in_hs::service]
pub trait Counter {
    /// Adds to the total. Nobody waits for it.
    #[cast]
    fn add(&self, number: u64);
    /// The total so far.
    #[nonblocking]
    fn total(&self) -> u64;
    /// Divides one number by another, which panics if that is 0.
    fn divide(&self, number: u64, by: u64) -> u64;
}

#[derive(Default)]
struct Total(AtomicU64);

impl Counter for Total {
    fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    fn total(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn divide(&self, number: u64, by: u64) -> u64 {
        number / by
    }
}

fn engine() -> Arc<dyn Counter> {
    Arc::new(Total::default())
}

rs_in_hs::export!(engine);
