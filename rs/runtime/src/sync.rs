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
        use flume::TryRecvError;
        use std::collections::VecDeque;

        struct State<T> {
            items: VecDeque<T>,
            capacity: usize,
            senders: usize,
        }

        /// The sending half.
        pub struct Sender<T>(Arc<Mutex<State<T>>>);
        /// The receiving half.
        pub struct Receiver<T>(Arc<Mutex<State<T>>>);

        /// A queue of at most `capacity` items.
        pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
            let state = Arc::new(Mutex::new(State { items: VecDeque::new(), capacity, senders: 1 }));
            (Sender(state.clone()), Receiver(state))
        }

        impl<T> Clone for Sender<T> {
            fn clone(&self) -> Self {
                lock(&self.0).senders += 1;
                Sender(self.0.clone())
            }
        }

        impl<T> Drop for Sender<T> {
            fn drop(&mut self) {
                lock(&self.0).senders -= 1;
            }
        }

        impl<T> Sender<T> {
            /// Puts an item in, or gives it back where the queue is full.
            pub fn try_send(&self, item: T) -> Result<(), T> {
                let mut state = lock(&self.0);
                if state.items.len() == state.capacity {
                    return Err(item);
                }
                state.items.push_back(item);
                Ok(())
            }
        }

        impl<T> Receiver<T> {
            /// Takes the oldest item, if there is one; tells whether there can be more.
            pub fn try_recv(&self) -> Result<T, TryRecvError> {
                let mut state = lock(&self.0);
                let none = if state.senders == 0 { TryRecvError::Disconnected } else { TryRecvError::Empty };
                state.items.pop_front().ok_or(none)
            }
        }
    }
}
