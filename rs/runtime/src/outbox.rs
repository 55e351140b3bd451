//! The way to Haskell's functions: calls that Rust makes, for one Haskell thread to take and to have others run.
//!
//! No thread of Rust's runs Haskell. Whoever calls puts the call here, and wakes the reader, as an answer wakes its caller;
//! the reader starts a Haskell thread for each, so none waits for another. How a call ends is the business of its slot,
//! as of the calls in the other direction.

use crate::failure::Failure;
use crate::slot::{Outcome, Slot};
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use crate::waker::Waker;
use std::collections::{HashMap, VecDeque};

/// What a call brings to the reader.
pub trait Invoke {
    /// Where its end goes.
    fn slot(&self) -> &Arc<Slot>;
}

/// What the reader is to do.
pub enum Summons<C> {
    /// Run a function.
    Call(Arc<C>),
    /// Nobody waits any more for the call of this number.
    Cancel(u64),
    /// Nobody in Rust has the function of this reference any more.
    Release(u64),
}

struct State<C> {
    summons: VecDeque<Summons<C>>,
    /// Calls that have not ended.
    open: HashMap<u64, Arc<Slot>>,
    reader: Option<Waker>,
    closed: bool,
}

/// See the module's documentation.
pub struct Outbox<C> {
    capacity: usize,
    state: Mutex<State<C>>,
}

/// Why a call was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// So many as there may be have not ended.
    Full,
    /// The runtime shuts down.
    Closed,
}

/// What [`Outbox::next`] found.
pub enum Next<C> {
    /// Something to do.
    Summons(Summons<C>),
    /// Nothing yet: the waker will be woken when there is, or at shutdown.
    Wait,
    /// Nothing, ever.
    Closed,
}

impl<C: Invoke> Outbox<C> {
    /// For so many calls at once.
    pub fn new(capacity: usize) -> Self {
        let state = State { summons: VecDeque::new(), open: HashMap::new(), reader: None, closed: false };
        Outbox { capacity, state: Mutex::new(state) }
    }

    /// Puts a call in. Whoever does says of it by [`Outbox::end`] that it has ended.
    pub fn call(&self, call: Arc<C>) -> Result<(), Refusal> {
        let mut state = lock(&self.state);
        if state.closed {
            return Err(Refusal::Closed);
        }
        if state.open.len() >= self.capacity {
            return Err(Refusal::Full);
        }
        state.open.insert(call.slot().id(), call.slot().clone());
        self.put(state, Summons::Call(call));
        Ok(())
    }

    /// A call has ended; where Haskell does not know it yet, it is told.
    pub fn end(&self, number: u64, tell: bool) {
        let mut state = lock(&self.state);
        let slot = state.open.remove(&number);
        let is_it = |summons: &Summons<C>| matches!(summons, Summons::Call(call) if call.slot().id() == number);
        // The newest are at the end. One that the reader has not taken yet needs not be told of.
        let at = slot.as_ref().and_then(|_| state.summons.iter().rposition(is_it));
        let untaken = at.and_then(|at| state.summons.remove(at));
        if tell && slot.is_some() && untaken.is_none() && !state.closed {
            self.put(state, Summons::Cancel(number));
        } else {
            drop(state);
        }
        drop((slot, untaken));
    }

    /// Nobody in Rust has this function any more.
    pub fn release(&self, function: u64) {
        let state = lock(&self.state);
        if !state.closed {
            self.put(state, Summons::Release(function));
        }
    }

    fn put(&self, mut state: MutexGuard<'_, State<C>>, summons: Summons<C>) {
        state.summons.push_back(summons);
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// The oldest, or a place to wait for it.
    pub fn next(&self, waker: Waker) -> Next<C> {
        let mut state = lock(&self.state);
        let mut skipped = Vec::new();
        let next = loop {
            match state.summons.pop_front() {
                // Nobody waits for it any more.
                Some(Summons::Call(call)) if call.slot().is_settled() => skipped.push(call),
                Some(summons) => break Some(summons),
                None => break None,
            }
        };
        let (next, unused) = match next {
            Some(summons) => (Next::Summons(summons), Some(waker)),
            None if state.closed => (Next::Closed, Some(waker)),
            None => (Next::Wait, state.reader.replace(waker)),
        };
        drop(state);
        drop((skipped, unused));
        next
    }

    /// Shutdown: no call gets to Haskell any more, and those that have not ended, end. The reader is told.
    pub fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let (open, summons) = (std::mem::take(&mut state.open), std::mem::take(&mut state.summons));
        let reader = state.reader.take();
        drop(state);
        drop(summons);
        for slot in open.into_values() {
            slot.settle(Outcome::from(Failure::ShuttingDown));
        }
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}
