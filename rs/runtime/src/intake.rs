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
//! One worker alone takes all jobs that there are at once, and so meets the callers at the lock once for many jobs; they
//! count as queued until they begin. Several take one each, so that none has jobs that another could begin.
//!
//! A worker that waits for Haskell in the middle of a job leaves its seat to another, which may have to be hired: so the
//! function that it waits for may call the engine, and nobody else is held up. When it comes back, both go on, and whoever
//! is through first waits for a seat (`docs/decisions/0017-callbacks.md`).
//!
//! The lock is held for a few moves of pointers, never across a wake-up, a free of many bytes or a wait, so the unsafe
//! imports of Haskell may take it. Whoever has taken it may then take a slot's, never the other way round.

use crate::failure::Failure;
use crate::slot::{Kind, Outcome, Place, Slot};
use crate::spin::Spin;
use crate::stats::{COUNTERS, Depths};
use crate::sync::atomic::{AtomicUsize, Ordering};
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

struct State {
    jobs: VecDeque<Arc<Slot>>,
    calls: BTreeMap<u64, Arc<Slot>>,
    casts: BTreeMap<u64, Arc<Slot>>,
    /// Workers that wait for a job.
    idle: usize,
    /// How many of them were woken and have not come back yet: one wake-up for each is enough.
    woken: usize,
    /// Workers that have jobs, and do not wait for Haskell.
    running: usize,
    /// Workers that wait for Haskell in the middle of a job.
    aside: usize,
    /// Workers that were hired to take such a one's place.
    spare: usize,
    closed: bool,
}

impl State {
    fn line(&mut self, kind: Kind) -> &mut BTreeMap<u64, Arc<Slot>> {
        match kind {
            Kind::Call => &mut self.calls,
            Kind::Cast => &mut self.casts,
        }
    }

    /// Whether a worker is to be woken for a job that was put in.
    fn wakes(&mut self, seats: usize) -> bool {
        let wakes = self.idle > self.woken && self.running + self.woken < seats;
        self.woken += usize::from(wakes);
        wakes
    }
}

/// So many workers that were hired are kept for the next time.
const SPARES: usize = 4;

/// What a worker takes jobs with.
pub struct Hand {
    /// Those that it has taken.
    pub jobs: VecDeque<Arc<Slot>>,
    spin: Spin,
    /// It has a seat.
    is_running: bool,
}

impl Hand {
    /// An empty one.
    pub fn new(spin: Spin) -> Self {
        Hand { jobs: VecDeque::new(), spin, is_running: false }
    }
}

/// See the module's documentation.
pub struct Intake {
    capacity: usize,
    /// How many workers have jobs at a time.
    seats: usize,
    /// Jobs of each kind that were admitted and have not begun. It grows under the lock only, and is at the capacity for
    /// as long as there is a line.
    calls: AtomicUsize,
    casts: AtomicUsize,
    state: Mutex<State>,
    /// A job has come, or the intake was closed.
    changed: Condvar,
}

impl Intake {
    /// An intake for `capacity` calls and `capacity` casts, and so many workers.
    pub fn new(capacity: usize, seats: usize) -> Self {
        let state = State {
            jobs: VecDeque::new(),
            calls: BTreeMap::new(),
            casts: BTreeMap::new(),
            idle: 0,
            woken: 0,
            running: 0,
            aside: 0,
            spare: 0,
            closed: false,
        };
        Intake {
            capacity,
            seats,
            calls: AtomicUsize::new(0),
            casts: AtomicUsize::new(0),
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    fn depth(&self, kind: Kind) -> &AtomicUsize {
        match kind {
            Kind::Call => &self.calls,
            Kind::Cast => &self.casts,
        }
    }

    fn has_room(&self, kind: Kind) -> bool {
        self.depth(kind).load(Ordering::Relaxed) < self.capacity
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
        match () {
            () if state.closed => Err(Refusal::Closed),
            () if state.line(kind).is_empty() && self.has_room(kind) => Ok(Place::Admitted),
            () if waits => Ok(Place::Line),
            () => Err(Refusal::Full),
        }
    }

    fn put(&self, mut state: MutexGuard<'_, State>, slot: &Arc<Slot>, place: Place) {
        let wakes = if place == Place::Admitted {
            self.push(&mut state, slot.clone());
            state.wakes(self.seats)
        } else {
            slot.set_place(place);
            state.line(slot.kind()).insert(slot.id(), slot.clone());
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

    fn push(&self, state: &mut State, slot: Arc<Slot>) {
        slot.set_place(Place::Admitted);
        self.depth(slot.kind()).fetch_add(1, Ordering::Relaxed);
        state.jobs.push_back(slot);
    }

    /// Takes at least one job, and at most so many, the oldest first; waits for one. False where there will be none for this
    /// worker: once the intake is closed and the queue empty, or where more were hired than are needed now.
    ///
    /// Whoever takes jobs says of each by [`Intake::begin`] that it begins: until then they count as queued. Who comes again
    /// has ended those that it took.
    pub fn take(&self, most: usize, hand: &mut Hand) -> bool {
        let Hand { spin, jobs, is_running } = hand;
        let mut state = lock(&self.state);
        if std::mem::take(is_running) {
            state.running -= 1;
            if state.closed {
                // Others may wait for this seat, to find that there is nothing left to do.
                self.changed.notify_all();
            }
        }
        if state.jobs.is_empty() && !state.closed && spin.is_on() {
            drop(state);
            spin.until(|| self.calls.load(Ordering::Relaxed) + self.casts.load(Ordering::Relaxed) > 0);
            state = lock(&self.state);
        }
        loop {
            if !state.jobs.is_empty() && state.running < self.seats {
                state.running += 1;
                *is_running = true;
                if jobs.is_empty() && state.jobs.len() <= most {
                    std::mem::swap(jobs, &mut state.jobs);
                } else {
                    let count = most.min(state.jobs.len());
                    jobs.extend(state.jobs.drain(..count));
                }
                return true;
            }
            if state.closed && state.jobs.is_empty() {
                return false;
            }
            if state.spare > state.aside + SPARES {
                // Nobody waits whose place it could take, and others are there for whoever will.
                state.spare -= 1;
                return false;
            }
            state.idle += 1;
            state = wait(&self.changed, state);
            state.idle -= 1;
            state.woken = state.woken.saturating_sub(1);
        }
    }

    /// A worker is about to wait for Haskell: what it has not begun goes back to the head of the queue, for whoever takes its
    /// seat. Says whether nobody is there to take it, and one more worker is to be hired.
    pub fn step_aside(&self, jobs: VecDeque<Arc<Slot>>) -> bool {
        let mut state = lock(&self.state);
        jobs.into_iter().rev().for_each(|job| state.jobs.push_front(job));
        state.running = state.running.saturating_sub(1);
        state.aside += 1;
        let hires = state.aside > state.spare;
        state.spare += usize::from(hires);
        let wakes = !hires && !state.jobs.is_empty() && state.wakes(self.seats);
        drop(state);
        if wakes {
            self.changed.notify_one();
        }
        hires
    }

    /// It goes on with its job, beside whoever has taken its seat.
    pub fn step_back(&self) {
        let mut state = lock(&self.state);
        state.aside -= 1;
        state.running += 1;
    }

    /// The worker that was to be hired could not be: how many there are.
    pub fn not_hired(&self) -> usize {
        let mut state = lock(&self.state);
        state.spare -= 1;
        self.seats + state.spare
    }

    /// The oldest job, if there is one, which does not begin any more.
    pub fn discard(&self) -> Option<Arc<Slot>> {
        let slot = lock(&self.state).jobs.pop_front();
        match &slot {
            Some(slot) => self.begin(slot.kind()),
            // Workers may wait for a seat that its worker never leaves, to find that there is nothing left to do.
            None => self.changed.notify_all(),
        }
        slot
    }

    /// A job of this kind begins, or never will: whoever is first in the line moves up.
    pub fn begin(&self, kind: Kind) {
        // A line is only there while the queue is full. Who joins one later than this has looked under the lock: either
        // before it is taken here, and is found, or after, and has seen that there is room.
        if self.depth(kind).fetch_sub(1, Ordering::Relaxed) < self.capacity {
            return;
        }
        let mut admitted = Vec::new();
        let mut state = lock(&self.state);
        let mut wakes = 0;
        while self.has_room(kind) {
            let Some((_, slot)) = state.line(kind).pop_first() else { break };
            // One that is over already, and whose caller has not taken it out yet, needs no room.
            if slot.is_settled() {
                continue;
            }
            // Taken out before another worker can begin the job, which would take it for a call's.
            admitted.extend(if kind == Kind::Cast { slot.admit() } else { None });
            self.push(&mut state, slot);
            wakes += usize::from(state.wakes(self.seats));
        }
        drop(state);
        (0..wakes).for_each(|_| self.changed.notify_one());
        // Woken once their jobs are in the queue, so that what their threads send next comes behind them.
        admitted.into_iter().for_each(Waker::wake);
    }

    /// The caller has let go of this slot: if it is in the line, it leaves it.
    pub fn withdraw(&self, slot: &Slot) {
        if slot.place() == Place::Line {
            let left = lock(&self.state).line(slot.kind()).remove(&slot.id());
            drop(left);
        }
    }

    /// Takes no more jobs, and answers all that wait in the line. Those in the queue are for the workers; once it is
    /// empty, they are told so.
    pub fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let lines = [Kind::Call, Kind::Cast].map(|kind| std::mem::take(state.line(kind)));
        drop(state);
        self.changed.notify_all();
        for slot in lines.into_iter().flat_map(BTreeMap::into_values) {
            slot.settle(Outcome::from(Failure::ShuttingDown));
        }
    }

    /// How many wait, for statistics.
    pub fn depths(&self) -> Depths {
        let state = lock(&self.state);
        let depth = |kind| self.depth(kind).load(Ordering::Relaxed) as u64;
        Depths {
            calls_queued: depth(Kind::Call),
            casts_queued: depth(Kind::Cast),
            calls_waiting: state.calls.len() as u64,
            casts_waiting: state.casts.len() as u64,
            notices_queued: 0,
        }
    }
}
