//! The one door through which atomics and locks come in, so that loom can take their place.
//!
//! Under `--cfg loom` the same names mean loom's primitives, and the code that uses them is the shipped code.

use std::sync::PoisonError;

#[cfg(loom)]
pub use loom::sync::{Condvar, Mutex, MutexGuard, atomic};
#[cfg(not(loom))]
pub use std::sync::{Condvar, Mutex, MutexGuard, atomic};

// Under loom too: stable Rust takes no other `Arc` as `self`. The models ask it for its counts instead.
pub use std::sync::Arc;

/// Locks, whatever a panic elsewhere may have left: every critical section of this crate leaves its data valid
/// at each step, so a poisoned lock carries no news.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits on a condition, whatever a panic elsewhere may have left.
pub fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}
