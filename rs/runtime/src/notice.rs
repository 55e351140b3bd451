//! News for Haskell that no caller waits for: casts that failed.
//!
//! A worker puts a notice into the bounded queue back to Haskell and goes on; the dispatch thread carries it to the
//! [`Inbox`], from which one Haskell thread reads. A worker never waits for either: what finds the queue or the inbox
//! full is dropped and counted.

use crate::slot::Slot;
use crate::stats::COUNTERS;
use crate::sync::{Arc, Mutex, lock};
use crate::waker::Waker;
use std::collections::VecDeque;

struct State {
    notices: VecDeque<Arc<Slot>>,
    reader: Option<Waker>,
    closed: bool,
}

/// The notices that Haskell has not read yet, and the thread that waits for them.
///
/// A notice is the settled slot of a cast that failed, so Haskell reads it as it reads the end of a call.
pub struct Inbox {
    capacity: usize,
    state: Mutex<State>,
}

/// What [`Inbox::next`] found.
pub enum Next {
    /// A notice.
    Notice(Arc<Slot>),
    /// None yet: the waker will be woken when there is one, or at shutdown.
    Wait,
    /// None, ever.
    Closed,
}

impl Inbox {
    /// An inbox for at most `capacity` notices.
    pub fn new(capacity: usize) -> Self {
        let state = State { notices: VecDeque::new(), reader: None, closed: false };
        Inbox { capacity, state: Mutex::new(state) }
    }

    /// Takes a notice in and wakes the reader.
    pub fn put(&self, notice: Arc<Slot>) {
        let mut state = lock(&self.state);
        let refused = if state.closed || state.notices.len() == self.capacity {
            COUNTERS.notices_dropped.raise();
            Some(notice)
        } else {
            state.notices.push_back(notice);
            None
        };
        let reader = state.reader.take();
        drop(state);
        drop(refused);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// The oldest notice, or a place to wait for it. Notices that came before shutdown are still given out.
    pub fn next(&self, waker: Waker) -> Next {
        let mut state = lock(&self.state);
        let (next, unused) = match state.notices.pop_front() {
            Some(notice) => (Next::Notice(notice), Some(waker)),
            None if state.closed => (Next::Closed, Some(waker)),
            None => (Next::Wait, state.reader.replace(waker)),
        };
        drop(state);
        drop(unused);
        next
    }

    /// How many notices wait.
    pub fn len(&self) -> usize {
        lock(&self.state).notices.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Wakes the reader for the last time; what it has not read is let go when the inbox is dropped.
    pub fn close(&self) {
        let reader = {
            let mut state = lock(&self.state);
            state.closed = true;
            state.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}
