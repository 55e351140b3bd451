//! What Rust waits for: a thread, or a future.

use crate::panics;
use crate::sync::{Condvar, Mutex, lock, wait};
use std::task;

#[derive(Default)]
struct State {
    is_given: bool,
    task: Option<task::Waker>,
}

/// Given once, to one who waits.
///
/// To wake a future runs its executor's code. Whoever gives may be a thread that must not do that, like the one that sees to
/// deadlines, or a function that Haskell imports `unsafe`: so it is left to a thread for that, but for who comes with an
/// answer, by [`Signal::waking_here`].
#[derive(Default)]
pub struct Signal {
    state: Mutex<State>,
    given: Condvar,
}

impl Signal {
    /// Wakes whoever waits, and will.
    pub fn give(&self) {
        let mut state = lock(&self.state);
        state.is_given = true;
        let task = state.task.take();
        drop(state);
        self.given.notify_all();
        if let Some(task) = task {
            #[cfg(not(loom))]
            crate::reference::wake_later(task);
            #[cfg(loom)]
            task.wake();
        }
    }

    /// Has this give it, on a thread that may run an executor's code: a future that waits is woken here.
    pub fn waking_here(&self, give: impl FnOnce()) {
        let task = lock(&self.state).task.take();
        give();
        // Also where somebody else was first, and has not found it.
        if let Some(task) = task {
            panics::contain("a future panicked while it was woken", || task.wake());
        }
    }

    /// Blocks until it is given.
    pub fn wait(&self) {
        let mut state = lock(&self.state);
        while !state.is_given {
            state = wait(&self.given, state);
        }
    }

    /// Whether it has been given; if not, the task is woken when it is.
    pub fn poll(&self, task: &task::Waker) -> bool {
        // An executor's code, too: not under the lock.
        let task = task.clone();
        let mut state = lock(&self.state);
        let is_given = state.is_given;
        let unused = if is_given { Some(task) } else { state.task.replace(task) };
        drop(state);
        drop(unused);
        is_given
    }
}
