//! The deadlines of calls, soonest first.
//!
//! A deadline is kept here and not with `System.Timeout`, which costs more than a whole call
//! (`docs/decisions/0004-deadlines.md`). The dispatch thread sleeps until the soonest; whoever adds a sooner one
//! pokes it.

use crate::slot::{Outcome, Slot};
use crate::sync::{Arc, Mutex, lock};
use std::collections::BTreeMap;
use std::time::Instant;

#[derive(Default)]
struct State {
    pending: BTreeMap<(Instant, u64), Arc<Slot>>,
    /// When the dispatch thread looks here next; `None`: not before it is poked.
    looks_at: Option<Instant>,
    /// It has been poked, and has not looked since.
    poked: bool,
    closed: bool,
}

/// See the module's documentation.
#[derive(Default)]
pub struct Deadlines(Mutex<State>);

impl Deadlines {
    /// Keeps watch over a slot that has a deadline; says whether the dispatch thread has to be poked.
    #[must_use]
    pub fn watch(&self, slot: &Arc<Slot>) -> bool {
        let Some(at) = slot.deadline() else { return false };
        let mut state = lock(&self.0);
        if state.closed {
            return false;
        }
        state.pending.insert((at, slot.id()), slot.clone());
        let sooner = state.looks_at.is_none_or(|next| at < next);
        if sooner {
            state.looks_at = Some(at);
        }
        let poke = sooner && !state.poked;
        state.poked |= poke;
        poke
    }

    /// The caller has let go of this slot.
    pub fn forget(&self, slot: &Slot) {
        if let Some(at) = slot.deadline() {
            let forgotten = lock(&self.0).pending.remove(&(at, slot.id()));
            drop(forgotten);
        }
    }

    /// Times out every call whose deadline has come; says when to look again.
    pub fn expire(&self, now: Instant) -> Option<Instant> {
        let mut due = Vec::new();
        let mut state = lock(&self.0);
        while let Some(first) = state.pending.first_entry().filter(|first| first.key().0 <= now) {
            due.push(first.remove());
        }
        state.poked = false;
        state.looks_at = state.pending.keys().next().map(|&(at, _)| at);
        let next = state.looks_at;
        drop(state);
        for slot in due {
            slot.settle(Outcome::TimedOut);
        }
        next
    }

    /// Lets go of all slots, and takes no more: for shutdown.
    pub fn close(&self) {
        let mut state = lock(&self.0);
        state.closed = true;
        let pending = std::mem::take(&mut state.pending);
        drop(state);
        drop(pending);
    }
}
