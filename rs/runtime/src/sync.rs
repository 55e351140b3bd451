//! The one door through which atomics, locks and the job queue come in, so that loom can take their place.
//!
//! Under `--cfg loom` the same names mean loom's primitives, and the code that uses them is the shipped code.

use std::sync::PoisonError;

#[cfg(loom)]
pub use loom::sync::{Mutex, MutexGuard, atomic};
#[cfg(not(loom))]
pub use std::sync::{Mutex, MutexGuard, atomic};

// Under loom too: stable Rust takes no other `Arc` as `self`. The models ask it for its counts instead.
pub use std::sync::Arc;

/// Locks, whatever a panic elsewhere may have left: every critical section of this crate leaves its data valid
/// at each step, so a poisoned lock carries no news.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The job queue: flume's bounded channel, or a model of it under loom.
pub mod queue {
    #[cfg(not(loom))]
    pub use flume::{Receiver, Sender, bounded};

    #[cfg(loom)]
    pub use model::{Receiver, Sender, bounded};

    /// As much of flume as the intake needs, on loom's lock: loom has to see every point at which threads may swap.
    #[cfg(loom)]
    mod model {
        use super::super::{Arc, Mutex, lock};
        use std::collections::VecDeque;

        /// The sending half.
        pub struct Sender<T>(Arc<Mutex<VecDeque<T>>>, usize);
        /// The receiving half.
        pub struct Receiver<T>(Arc<Mutex<VecDeque<T>>>);

        /// A queue of at most `capacity` items.
        pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
            let items = Arc::new(Mutex::new(VecDeque::new()));
            (Sender(items.clone(), capacity), Receiver(items))
        }

        impl<T> Clone for Sender<T> {
            fn clone(&self) -> Self {
                Sender(self.0.clone(), self.1)
            }
        }

        impl<T> Sender<T> {
            /// Puts an item in, or gives it back where the queue is full.
            pub fn try_send(&self, item: T) -> Result<(), T> {
                let mut items = lock(&self.0);
                if items.len() == self.1 {
                    return Err(item);
                }
                items.push_back(item);
                Ok(())
            }
        }

        impl<T> Receiver<T> {
            /// Takes the oldest item, if there is one.
            pub fn try_recv(&self) -> Result<T, ()> {
                lock(&self.0).pop_front().ok_or(())
            }
        }
    }
}
