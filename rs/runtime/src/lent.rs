//! Answers that Haskell reads where Rust has them.
//!
//! Haskell's garbage collector frees them, but sees only a small object where there are megabytes: left to itself it lets
//! them pile up. So who takes one over is told when a collection is due.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bytes.
static ALIVE: AtomicU64 = AtomicU64::new(0);
/// Bytes, since the library was loaded.
static TOTAL: AtomicU64 = AtomicU64::new(0);
/// How many may be alive before all generations are collected.
static MANY: AtomicU64 = AtomicU64::new(FEW);
/// A collection of all generations was due at the last step.
static COLLECTED: AtomicBool = AtomicBool::new(false);

/// Every so many bytes, the young ones are collected. A minor collection takes some hundred microseconds, reading this
/// much from memory some milliseconds.
const STEP: u64 = 64 << 20;

/// So many are never too many.
const FEW: u64 = 4 * STEP;

/// What to do before more is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing.
    Nothing,
    /// Collect the young objects.
    Minor,
    /// Collect all.
    Major,
}

/// So many bytes more are Haskell's to free.
pub(crate) fn lend(bytes: u64) -> Due {
    let alive = ALIVE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    let total = TOTAL.fetch_add(bytes, Ordering::Relaxed) + bytes;
    if total / STEP == (total - bytes) / STEP {
        return Due::Nothing;
    }
    if COLLECTED.swap(false, Ordering::Relaxed) {
        // As GHC does with its own: the next time when there are twice as many as were left.
        MANY.store(FEW.max(2 * alive), Ordering::Relaxed);
    }
    if alive <= MANY.load(Ordering::Relaxed) {
        return Due::Minor;
    }
    COLLECTED.store(true, Ordering::Relaxed);
    Due::Major
}

/// So many were freed.
pub(crate) fn give_back(bytes: u64) {
    ALIVE.fetch_sub(bytes, Ordering::Relaxed);
}

/// Bytes that Haskell holds.
pub fn alive() -> u64 {
    ALIVE.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In one test, since the counters are the process's.
    #[test]
    fn a_collection_is_due_at_each_step_and_of_all_when_there_are_many() {
        let half = STEP / 2;
        assert_eq!(
            [lend(half), lend(half), lend(half), lend(half)],
            [Due::Nothing, Due::Minor, Due::Nothing, Due::Minor]
        );
        assert_eq!([lend(STEP), lend(STEP), lend(STEP)], [Due::Minor, Due::Minor, Due::Major]);
        // Nothing came back: it is kept, and the next time is at twice as much.
        assert_eq!([lend(STEP), lend(STEP)], [Due::Minor, Due::Minor]);
        give_back(7 * STEP);
        assert_eq!(alive(), 0);
        assert_eq!(lend(STEP), Due::Minor);
        give_back(STEP);
    }
}
