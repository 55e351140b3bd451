//! The slot in which a call lives, from its request to its outcome.
//!
//! A slot is shared by two parties: the Haskell caller, which holds an opaque handle, and whoever in Rust has the
//! job (the queue, the line before it, a worker, a token). Rust owns all of its memory, so a caller that is killed
//! lets go of its handle at once, and an answer that comes late settles nothing and harms nobody.
//!
//! ```text
//!            enqueue           start             settle(answer | failure)
//!  Filling ──────────▶ Queued ───────▶ Running ───────────────────────────▶ Settled
//!     │                  │  settle(failure | timed out | cancelled)  ▲  ▲
//!     │                  └───────────────────────────────────────────┘  │
//!     └── release: cancelled ───────────────────────────────────────────┘
//! ```
//!
//! What holds, and what the loom model checks:
//! - exactly one `settle` wins; the others change nothing and are told so;
//! - the winner takes the waker out under the lock and uses it after the lock, so each waker is used exactly once;
//! - the winner gives up its reference before it wakes the caller, so when the caller lets go, the slot is freed;
//! - a settled slot never changes again, so the caller may read the outcome in place.

use crate::answer::Answer;
use crate::carried::{Carried, Hold};
use crate::failure::Failure;
use crate::lent::{self, Due};
use crate::requests::Requests;
use crate::stats::COUNTERS;
use crate::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use crate::sync::{Arc, Mutex, lock};
use crate::waker::Waker;
use std::time::Instant;

/// A number that no other slot of the process has.
pub(crate) fn new_id() -> u64 {
    // Not one of a model's: nothing depends on which numbers they are.
    static IDS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    IDS.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Whether the caller waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It does.
    Call,
    /// It does not: once the queue has accepted the job, the caller goes on.
    Cast,
}

/// How a slot ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The handler's answer. Empty for a cast.
    Answer(Answer),
    /// The answers to a batch: see [`crate::batch`].
    Answers(Vec<u8>, Carried),
    /// There is none, and why: the cause, and its fields encoded, ready to be read in place.
    Failed(Failure, Vec<u8>),
    /// The deadline came first.
    TimedOut,
    /// The caller went away first.
    Cancelled,
}

impl Outcome {
    /// How calls end that were made for one that ends like this. Nobody waits for them then, but where it was answered.
    fn of_inner(&self) -> Option<Outcome> {
        match self {
            Outcome::Answer(_) | Outcome::Answers(..) => None,
            Outcome::TimedOut => Some(Outcome::TimedOut),
            Outcome::Failed(..) | Outcome::Cancelled => Some(Outcome::Cancelled),
        }
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        let payload = failure.payload();
        Outcome::Failed(failure, payload)
    }
}

enum State {
    /// The caller writes the request.
    Filling { request: Vec<u8> },
    /// In the queue, or in the line before it. A cast has a waiter only while it is in the line.
    Queued { request: Vec<u8>, waiter: Option<Waker> },
    /// A worker or a token has it.
    Running {
        waiter: Option<Waker>,
        /// Calls of Haskell functions that are made for it, and end with it.
        inner: Vec<Arc<Slot>>,
    },
    /// Over.
    Settled(Outcome),
}

/// Where a slot stands in the intake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Place {
    /// Not submitted.
    Outside = 0,
    /// Waiting for room in the queue.
    Line = 1,
    /// The queue has accepted it.
    Admitted = 2,
}

/// See the module's documentation.
pub struct Slot {
    id: u64,
    kind: Kind,
    method: u64,
    is_batch: bool,
    deadline: Option<Instant>,
    place: AtomicU8,
    /// Mirrors `State::Settled`, for handlers that ask often.
    settled: AtomicBool,
    /// Bytes of the answer that Haskell reads where they are, and frees.
    lent: AtomicU64,
    /// Casts of a batch that is running, and that have not begun themselves.
    left: AtomicUsize,
    state: Mutex<State>,
    /// What the request refers to.
    carried: Mutex<Vec<Hold>>,
}

impl Slot {
    /// A slot that nobody has submitted. Of those that will be, each has an `id` of its own.
    pub fn new(id: u64, kind: Kind, method: u64, deadline: Option<Instant>, request: Vec<u8>) -> Arc<Self> {
        Self::made(id, kind, method, false, deadline, State::Filling { request })
    }

    /// One that goes into the queue at once, with the waiter of a call.
    pub(crate) fn queued(
        id: u64,
        kind: Kind,
        method: u64,
        deadline: Option<Instant>,
        request: Vec<u8>,
        waiter: Option<Waker>,
    ) -> Arc<Self> {
        Self::made(id, kind, method, false, deadline, State::Queued { request, waiter })
    }

    /// One for many requests, which lie in `requests` as [`crate::batch`] says.
    pub fn batch(id: u64, kind: Kind, method: u64, requests: Vec<u8>) -> Arc<Self> {
        Self::made(id, kind, method, true, None, State::Filling { request: requests })
    }

    /// One for a call that has begun without a queue.
    pub fn running(id: u64, method: u64) -> Arc<Self> {
        Self::made(id, Kind::Call, method, false, None, State::Running { waiter: None, inner: Vec::new() })
    }

    /// One for a call in the other direction.
    pub fn called(id: u64, deadline: Option<Instant>, waiter: Waker) -> Arc<Self> {
        let state = State::Running { waiter: Some(waiter), inner: Vec::new() };
        Self::made(id, Kind::Call, 0, false, deadline, state)
    }

    /// One that is over.
    pub fn settled(id: u64, method: u64, outcome: Outcome) -> Arc<Self> {
        Self::made(id, Kind::Call, method, false, None, State::Settled(outcome))
    }

    fn made(id: u64, kind: Kind, method: u64, is_batch: bool, deadline: Option<Instant>, state: State) -> Arc<Self> {
        COUNTERS.live_slots.raise();
        Arc::new(Slot {
            id,
            kind,
            method,
            is_batch,
            deadline,
            place: AtomicU8::new(Place::Outside as u8),
            settled: AtomicBool::new(matches!(state, State::Settled(_))),
            lent: AtomicU64::new(0),
            left: AtomicUsize::new(0),
            state: Mutex::new(state),
            carried: Mutex::new(Vec::new()),
        })
    }

    /// A number that no other submitted slot of the process has; slots made later have greater ones.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Call or cast.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The id of the method that is called.
    pub fn method(&self) -> u64 {
        self.method
    }

    /// Whether it holds many requests.
    pub fn is_batch(&self) -> bool {
        self.is_batch
    }

    /// When the call times out.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Where the slot stands in the intake.
    pub fn place(&self) -> Place {
        match self.place.load(Ordering::Acquire) {
            0 => Place::Outside,
            1 => Place::Line,
            _ => Place::Admitted,
        }
    }

    pub(crate) fn set_place(&self, place: Place) {
        self.place.store(place as u8, Ordering::Release);
    }

    /// Whether it is over: answered, failed, timed out or cancelled.
    pub fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }

    /// Filling → Queued. Where the slot was submitted before, the waiter comes back.
    pub(crate) fn enqueue(&self, waiter: Option<Waker>) -> Result<(), Option<Waker>> {
        let mut state = lock(&self.state);
        match &mut *state {
            State::Filling { request } => {
                let request = std::mem::take(request);
                *state = State::Queued { request, waiter };
                Ok(())
            }
            _ => Err(waiter),
        }
    }

    /// A cast leaves the line: its caller, who is to be woken once the job is in the queue.
    pub(crate) fn admit(&self) -> Option<Waker> {
        match &mut *lock(&self.state) {
            State::Queued { waiter, .. } => waiter.take(),
            _ => None,
        }
    }

    /// Queued → Running, with the request's bytes; `None` where the caller has gone and there is nothing to do.
    pub fn start(&self) -> Option<Vec<u8>> {
        let mut state = lock(&self.state);
        match &mut *state {
            State::Queued { request, waiter } => {
                let request = std::mem::take(request);
                let waiter = waiter.take();
                if self.is_batch && self.kind == Kind::Cast {
                    // Bytes that are no batch fail as one cast.
                    let count = Requests::read(&request).map_or(1, Iterator::count);
                    self.left.store(count, Ordering::Relaxed);
                }
                *state = State::Running { waiter, inner: Vec::new() };
                Some(request)
            }
            _ => None,
        }
    }

    /// The next cast of a batch begins; false where it must not, since [`Slot::take_left`] has taken it.
    pub(crate) fn begin_next(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// None of a batch's casts begins any more: how many had not.
    pub(crate) fn take_left(&self) -> usize {
        self.left.swap(0, Ordering::Relaxed)
    }

    /// Has the waiter woken by the end of a call that runs without one; gives it back where there was an end already, or
    /// where there is a waiter.
    pub fn attach(&self, new: Waker) -> Result<(), Waker> {
        match &mut *lock(&self.state) {
            State::Running { waiter: waiter @ None, .. } => {
                *waiter = Some(new);
                Ok(())
            }
            _ => Err(new),
        }
    }

    /// The request refers to this.
    pub fn carry(&self, hold: Hold) {
        lock(&self.carried).push(hold);
    }

    /// What was written to a slot that is not to be handed over, with what that refers to.
    pub fn take_written(&self) -> Option<(Vec<u8>, Vec<Hold>)> {
        match &mut *lock(&self.state) {
            State::Filling { request } => Some((std::mem::take(request), std::mem::take(&mut lock(&self.carried)))),
            _ => None,
        }
    }

    /// A call is made for this one, and ends with it, unless it is answered.
    pub fn link(&self, call: &Arc<Slot>) {
        let end = match &mut *lock(&self.state) {
            State::Running { inner, .. } => {
                inner.push(call.clone());
                None
            }
            State::Settled(outcome) => outcome.of_inner(),
            State::Filling { .. } | State::Queued { .. } => None,
        };
        if let Some(end) = end {
            call.clone().settle(end);
        }
    }

    /// That call is over.
    pub fn unlink(&self, call: &Slot) {
        let unlinked = match &mut *lock(&self.state) {
            State::Running { inner, .. } => {
                let at = inner.iter().position(|other| other.id() == call.id());
                at.map(|at| inner.swap_remove(at))
            }
            _ => None,
        };
        drop(unlinked);
    }

    /// Ends the slot and wakes its caller, unless it is over already; says whether this was the end of it.
    ///
    /// Takes the reference: it is gone before the caller wakes.
    pub fn settle(self: Arc<Self>, outcome: Outcome) -> bool {
        // Whoever reads how it ended does so under the lock, and may take its time.
        if self.is_settled() {
            return false;
        }
        let Some(waiter) = self.finish(outcome, |_| true) else { return false };
        drop(self);
        if let Some(waker) = waiter {
            waker.wake();
        }
        true
    }

    /// The caller lets go. A call that is not over, and a cast that still waits for room, is cancelled; a cast that
    /// was accepted goes on without its caller.
    pub fn release(self: Arc<Self>) {
        // What most calls come to.
        if self.is_settled() {
            return;
        }
        let waits = |state: &State| match state {
            State::Filling { .. } => true,
            State::Queued { waiter, .. } | State::Running { waiter, .. } => self.kind == Kind::Call || waiter.is_some(),
            State::Settled(_) => false,
        };
        drop(self.finish(Outcome::Cancelled, waits));
    }

    /// Whether it has an answer.
    pub(crate) fn is_answered(&self) -> bool {
        self.outcome(|outcome| outcome.of_inner().is_none()).unwrap_or(false)
    }

    /// Reads the outcome in place, if there is one.
    pub fn outcome<R>(&self, read: impl FnOnce(&Outcome) -> R) -> Option<R> {
        match &*lock(&self.state) {
            State::Settled(outcome) => Some(read(outcome)),
            _ => None,
        }
    }

    /// Haskell keeps the caller's reference for as long as it reads the answer's tail. What is due before it does.
    pub fn lend(&self) -> Due {
        let bytes = self.outcome(|outcome| match outcome {
            Outcome::Answer(Answer { tail: Some(tail), .. }) => tail.bytes().len() as u64,
            _ => 0,
        });
        let bytes = bytes.unwrap_or(0);
        self.lent.fetch_add(bytes, Ordering::Relaxed);
        lent::lend(bytes)
    }

    /// → Settled, where the state is as asked. `None` where it is not, or was settled before; else the waiter, if it
    /// has one.
    fn finish(&self, outcome: Outcome, when: impl Fn(&State) -> bool) -> Option<Option<Waker>> {
        let mut state = lock(&self.state);
        if !when(&state) {
            return None;
        }
        let waiter = match &mut *state {
            State::Settled(_) => return None,
            State::Filling { .. } => None,
            State::Queued { waiter, .. } | State::Running { waiter, .. } => waiter.take(),
        };
        // Counted before anybody wakes and looks.
        match outcome {
            Outcome::TimedOut => COUNTERS.timeouts.raise(),
            // What was never handed over, or refused, is no call that anybody left.
            Outcome::Cancelled if matches!(*state, State::Filling { .. }) => {}
            Outcome::Cancelled => COUNTERS.cancellations.raise(),
            Outcome::Answer(_) | Outcome::Answers(..) | Outcome::Failed(..) => {}
        }
        let of_inner = outcome.of_inner();
        let before = std::mem::replace(&mut *state, State::Settled(outcome));
        self.settled.store(true, Ordering::Release);
        drop(state);
        // A request of many megabytes is freed outside the lock.
        if let (State::Running { inner, .. }, Some(end)) = (before, of_inner) {
            inner.into_iter().for_each(|call| _ = call.settle(end.clone()));
        }
        Some(waiter)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let lent = self.lent.load(Ordering::Relaxed);
        if lent > 0 {
            lent::give_back(lent);
        }
        COUNTERS.live_slots.lower();
    }
}
