//! The way in: the bounded queue of jobs, and the line of callers before it.
//!
//! Calls and casts share one flume channel, so that one worker handles what one thread sends in order, and each
//! kind has a bound of its own on its share of the channel, so that a flood of casts does not keep calls out
//! (`docs/decisions/0002-one-channel.md`).
//!
//! A caller that finds its share full joins the line, and its job moves into the channel when a worker makes room:
//! in the order in which the requests were made, with no wake-up of the caller in between. Every waiting job has a blocked caller, so the
//! line is as bounded as they are; a caller that gives up takes its job out again.
//!
//! One lock a kind guards count and line. It is held for a few moves of pointers, never across a wake-up, a free of
//! many bytes or a wait, so the unsafe imports of Haskell may take it. A job is sent after the lock is let go, since
//! sending wakes a worker, whose first act is to take it.

use crate::failure::Failure;
use crate::slot::{Kind, Outcome, Place, Slot};
use crate::stats::{COUNTERS, Depths};
use crate::sync::queue::{Receiver, Sender, bounded};
use crate::sync::{Arc, Mutex, lock};
use crate::waker::Waker;
use std::collections::BTreeMap;
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

struct Lane {
    /// Jobs of this kind in the channel.
    depth: usize,
    line: BTreeMap<u64, Arc<Slot>>,
    /// `None` once the intake is closed.
    jobs: Option<Sender<Arc<Slot>>>,
}

/// See the module's documentation.
pub struct Intake {
    capacity: usize,
    calls: Mutex<Lane>,
    casts: Mutex<Lane>,
}

impl Intake {
    /// An intake for `capacity` calls and `capacity` casts, and the workers' end of it.
    pub fn new(capacity: usize) -> (Self, Receiver<Arc<Slot>>) {
        let (jobs, receiver) = bounded(2 * capacity);
        let lane = || Mutex::new(Lane { depth: 0, line: BTreeMap::new(), jobs: Some(jobs.clone()) });
        (Intake { capacity, calls: lane(), casts: lane() }, receiver)
    }

    fn lane(&self, kind: Kind) -> &Mutex<Lane> {
        match kind {
            Kind::Call => &self.calls,
            Kind::Cast => &self.casts,
        }
    }

    /// Takes a job into the queue, or into the line where the queue is full and there is a waiter to wake.
    ///
    /// A call's waiter is woken by the call's end, a cast's by its admission. Never blocks.
    pub fn submit(&self, slot: &Arc<Slot>, waiter: Option<Waker>) -> Result<Place, Refusal> {
        let mut lane = lock(self.lane(slot.kind()));
        let Lane { depth, line, jobs } = &mut *lane;
        let Some(jobs) = jobs else { return Err(Refusal::Closed) };
        let place = if *depth < self.capacity && line.is_empty() {
            Place::Admitted
        } else if waiter.is_some() {
            Place::Line
        } else {
            return Err(Refusal::Full);
        };
        let (kept, spare) = match (slot.kind(), place) {
            (Kind::Cast, Place::Admitted) => (None, waiter),
            _ => (waiter, None),
        };
        if let Err(waiter) = slot.enqueue(kept) {
            // Freeing a StablePtr may wait for a garbage collection: not under the lock.
            drop(lane);
            drop(waiter);
            return Err(Refusal::Resubmitted);
        }
        slot.set_place(place);
        if place == Place::Admitted {
            *depth += 1;
            let jobs = jobs.clone();
            drop(lane);
            send(&jobs, slot.clone());
        } else {
            line.insert(slot.id(), slot.clone());
            drop(lane);
        }
        drop(spare);
        match slot.kind() {
            Kind::Call => COUNTERS.calls.raise(),
            Kind::Cast => COUNTERS.casts.raise(),
        }
        Ok(place)
    }

    /// A worker has taken a job of this kind out of the channel: whoever is first in the line moves up.
    pub fn taken(&self, kind: Kind) {
        let mut lane = lock(self.lane(kind));
        let Lane { depth, line, jobs } = &mut *lane;
        *depth -= 1;
        // A closed intake has an empty line.
        let Some(jobs) = jobs else { return };
        let first = std::iter::from_fn(|| line.pop_first())
            .map(|(_, slot)| slot)
            // One that is over already, and whose caller has not taken it out yet, needs no room.
            .find(|slot| !slot.is_settled());
        let Some(slot) = first else { return };
        slot.set_place(Place::Admitted);
        *depth += 1;
        let jobs = jobs.clone();
        drop(lane);
        // Taken out before another worker can begin the job, which would take it for a call's; woken after the job is
        // in the channel, so that what its thread sends next comes behind it.
        let waiter = if kind == Kind::Cast { slot.admit() } else { None };
        send(&jobs, slot);
        if let Some(waker) = waiter {
            waker.wake();
        }
    }

    /// The caller has let go of this slot: if it is in the line, it leaves it.
    pub fn withdraw(&self, slot: &Slot) {
        if slot.place() == Place::Line {
            let left = lock(self.lane(slot.kind())).line.remove(&slot.id());
            drop(left);
        }
    }

    /// Takes no more jobs, and answers all that wait in the line. Those in the channel are for the caller to drain;
    /// once it has, and the workers are through, their receivers report the channel's end.
    pub fn close(&self) {
        for lane in [&self.calls, &self.casts] {
            let (jobs, line) = {
                let mut lane = lock(lane);
                (lane.jobs.take(), std::mem::take(&mut lane.line))
            };
            drop(jobs);
            for slot in line.into_values() {
                slot.settle(Outcome::from(Failure::ShuttingDown));
            }
        }
    }

    /// How many wait, for statistics.
    pub fn depths(&self) -> Depths {
        let (calls_queued, calls_waiting) = count(&self.calls);
        let (casts_queued, casts_waiting) = count(&self.casts);
        Depths { calls_queued, casts_queued, calls_waiting, casts_waiting, notices_queued: 0 }
    }
}

fn count(lane: &Mutex<Lane>) -> (u64, u64) {
    let lane = lock(lane);
    (lane.depth as u64, lane.line.len() as u64)
}

/// Between the count and this the intake may be closed; the sender that was cloned keeps the channel open for the job,
/// which a worker, or shutdown, finds there. The channel holds the sum of both shares, so it cannot be full; where its receivers are gone, nobody will ever
/// take the job, so it is answered here.
fn send(jobs: &Sender<Arc<Slot>>, slot: Arc<Slot>) {
    if jobs.try_send(slot.clone()).is_err() {
        slot.settle(Outcome::from(Failure::ShuttingDown));
    }
}
