//! The way in: the bounded queue of jobs, and the lines of callers before it.
//!
//! Calls and casts share one queue, so that one worker handles what one thread sends in order, and each kind has a
//! bound of its own on its share, so that a flood of casts does not keep calls out
//! (`docs/decisions/0002-one-channel.md`). It is a queue of our own, since admission, the line and the queue then take
//! one lock where a channel in between takes three (`docs/decisions/0011-one-lock.md`).
//!
//! A caller that finds its share full joins the line, and its job moves into the queue when a worker makes room: in the
//! order in which the requests were made, with no wake-up of the caller in between. Every waiting job has a blocked
//! caller, so the line is as bounded as they are; a caller that gives up takes its job out again.
//!
//! The lock is held for a few moves of pointers, never across a wake-up, a free of many bytes or a wait, so the unsafe
//! imports of Haskell may take it. Whoever has taken it may then take a slot's, never the other way round.

use crate::failure::Failure;
use crate::slot::{Kind, Outcome, Place, Slot};
use crate::stats::{COUNTERS, Depths};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, lock, wait};
use crate::waker::Waker;
use std::collections::{BTreeMap, VecDeque};
use thiserror::Error;

/// Why a job was not taken. The waiter's StablePtr is freed in each case.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// No room, and nobody to wait for it.
    #[error("the queue is full")]
    Full,
    /// The runtime takes no more jobs.
    #[error("the runtime is shutting down")]
    Closed,
    /// The slot was submitted before.
    #[error("the slot was submitted before")]
    Resubmitted,
}

/// What one kind has of the queue.
#[derive(Default)]
struct Lane {
    /// Jobs of this kind in the queue.
    depth: usize,
    line: BTreeMap<u64, Arc<Slot>>,
}

struct State {
    jobs: VecDeque<Arc<Slot>>,
    calls: Lane,
    casts: Lane,
    /// Workers that wait for a job.
    idle: usize,
    /// How many of them were woken and have not come back yet: one wake-up for each is enough.
    woken: usize,
    closed: bool,
}

impl State {
    fn lane(&mut self, kind: Kind) -> &mut Lane {
        match kind {
            Kind::Call => &mut self.calls,
            Kind::Cast => &mut self.casts,
        }
    }

    /// Puts a job in; whether a worker is to be woken for it.
    fn push(&mut self, slot: Arc<Slot>) -> bool {
        slot.set_place(Place::Admitted);
        self.lane(slot.kind()).depth += 1;
        self.jobs.push_back(slot);
        let wakes = self.idle > self.woken;
        self.woken += usize::from(wakes);
        wakes
    }

    /// Takes the oldest job out, and moves the first of the line up.
    fn pop(&mut self) -> Option<Popped> {
        let job = self.jobs.pop_front()?;
        let Lane { depth, line } = self.lane(job.kind());
        *depth -= 1;
        let first = std::iter::from_fn(|| line.pop_first())
            .map(|(_, slot)| slot)
            // One that is over already, and whose caller has not taken it out yet, needs no room.
            .find(|slot| !slot.is_settled());
        let Some(first) = first else { return Some(Popped { job, admitted: None, wakes: false }) };
        // Taken out before another worker can begin the job, which would take it for a call's.
        let admitted = if first.kind() == Kind::Cast { first.admit() } else { None };
        let wakes = self.push(first);
        Some(Popped { job, admitted, wakes })
    }
}

/// What comes of taking a job, after the lock.
struct Popped {
    job: Arc<Slot>,
    /// The caller of a cast that has moved up.
    admitted: Option<Waker>,
    /// Whether a worker is to be woken for what has moved up.
    wakes: bool,
}

/// See the module's documentation.
pub struct Intake {
    capacity: usize,
    state: Mutex<State>,
    /// A job has come, or the intake was closed.
    changed: Condvar,
}

impl Intake {
    /// An intake for `capacity` calls and `capacity` casts.
    pub fn new(capacity: usize) -> Self {
        let state = State {
            jobs: VecDeque::new(),
            calls: Lane::default(),
            casts: Lane::default(),
            idle: 0,
            woken: 0,
            closed: false,
        };
        Intake { capacity, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Takes a job into the queue, or into the line where the queue is full and there is a waiter to wake.
    ///
    /// A call's waiter is woken by the call's end, a cast's by its admission. Never blocks.
    pub fn submit(&self, slot: &Arc<Slot>, waiter: Option<Waker>) -> Result<Place, Refusal> {
        let mut state = lock(&self.state);
        let place = self.place(&mut state, slot.kind(), waiter.is_some())?;
        let (kept, spare) = match (slot.kind(), place) {
            (Kind::Cast, Place::Admitted) => (None, waiter),
            _ => (waiter, None),
        };
        if let Err(waiter) = slot.enqueue(kept) {
            // Freeing a StablePtr may wait for a garbage collection: not under the lock.
            drop(state);
            drop(waiter);
            return Err(Refusal::Resubmitted);
        }
        self.put(state, slot, place);
        drop(spare);
        Ok(place)
    }

    /// The same of a slot that was made for the queue, and that nobody else has seen: of a call with its waiter, or of a
    /// cast without one.
    pub(crate) fn enter(&self, slot: &Arc<Slot>) -> Result<Place, Refusal> {
        let mut state = lock(&self.state);
        let place = self.place(&mut state, slot.kind(), slot.kind() == Kind::Call)?;
        self.put(state, slot, place);
        Ok(place)
    }

    /// Where a job of this kind goes now.
    fn place(&self, state: &mut State, kind: Kind, waits: bool) -> Result<Place, Refusal> {
        if state.closed {
            return Err(Refusal::Closed);
        }
        let Lane { depth, line } = state.lane(kind);
        match () {
            () if *depth < self.capacity && line.is_empty() => Ok(Place::Admitted),
            () if waits => Ok(Place::Line),
            () => Err(Refusal::Full),
        }
    }

    fn put(&self, mut state: MutexGuard<'_, State>, slot: &Arc<Slot>, place: Place) {
        let wakes = if place == Place::Admitted {
            state.push(slot.clone())
        } else {
            slot.set_place(place);
            state.lane(slot.kind()).line.insert(slot.id(), slot.clone());
            false
        };
        drop(state);
        if wakes {
            self.changed.notify_one();
        }
        match slot.kind() {
            Kind::Call => COUNTERS.calls.raise(),
            Kind::Cast => COUNTERS.casts.raise(),
        }
    }

    /// The oldest job; waits for one. `None` once the intake is closed and the queue empty.
    pub fn next(&self) -> Option<Arc<Slot>> {
        let mut state = lock(&self.state);
        loop {
            if let Some(popped) = state.pop() {
                drop(state);
                return Some(self.taken(popped));
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = wait(&self.changed, state);
            state.idle -= 1;
            state.woken = state.woken.saturating_sub(1);
        }
    }

    /// The oldest job, if there is one.
    pub fn try_next(&self) -> Option<Arc<Slot>> {
        let popped = lock(&self.state).pop()?;
        Some(self.taken(popped))
    }

    /// The caller is woken once its job is in the queue, so that what its thread sends next comes behind it.
    fn taken(&self, popped: Popped) -> Arc<Slot> {
        if popped.wakes {
            self.changed.notify_one();
        }
        if let Some(waker) = popped.admitted {
            waker.wake();
        }
        popped.job
    }

    /// The caller has let go of this slot: if it is in the line, it leaves it.
    pub fn withdraw(&self, slot: &Slot) {
        if slot.place() == Place::Line {
            let left = lock(&self.state).lane(slot.kind()).line.remove(&slot.id());
            drop(left);
        }
    }

    /// Takes no more jobs, and answers all that wait in the line. Those in the queue are for the workers; once it is
    /// empty, they are told so.
    pub fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let lines = [Kind::Call, Kind::Cast].map(|kind| std::mem::take(&mut state.lane(kind).line));
        drop(state);
        self.changed.notify_all();
        for slot in lines.into_iter().flat_map(BTreeMap::into_values) {
            slot.settle(Outcome::from(Failure::ShuttingDown));
        }
    }

    /// How many wait, for statistics.
    pub fn depths(&self) -> Depths {
        let state = lock(&self.state);
        Depths {
            calls_queued: state.calls.depth as u64,
            casts_queued: state.casts.depth as u64,
            calls_waiting: state.calls.line.len() as u64,
            casts_waiting: state.casts.line.len() as u64,
            notices_queued: 0,
        }
    }
}
