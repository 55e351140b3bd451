//! Callers and workers, played by the models' threads, with the steps that the shipped ones take.
//!
//! What is common to all models is checked by [`Waiter`]: no waiter is used twice, and by [`Waiter::check`]: none is
//! forgotten, and no slot outlives its holders.

use loom::sync::Notify;
pub use loom::sync::atomic::{AtomicUsize, Ordering};
pub use loom::thread;
pub use rs_in_hs_runtime::failure::Failure;
pub use rs_in_hs_runtime::intake::{Hand, Intake, Refusal};
pub use rs_in_hs_runtime::slot::{Kind, Outcome, Place, Slot};
use rs_in_hs_runtime::spin::Spin;
use rs_in_hs_runtime::stats::COUNTERS;
pub use rs_in_hs_runtime::waker::{Rts, Waker};
pub use std::sync::{Arc, Weak};
use std::time::Duration;

/// GHC's runtime system, for one StablePtr.
pub struct Waiter {
    pub puts: AtomicUsize,
    pub frees: AtomicUsize,
    pub slot: Weak<Slot>,
    /// How many references the caller, and whoever else the model says, may hold when the put comes.
    pub held: usize,
    /// For one that waits for something else than the end of a slot, and does not look whether it has come.
    put: Option<Notify>,
}

impl Rts for Waiter {
    fn put(&self, _capability: i32, _stable_ptr: usize) {
        assert!(self.slot.strong_count() <= self.held, "whoever wakes the caller still holds the slot");
        assert_eq!(self.puts.fetch_add(1, Ordering::AcqRel), 0, "put twice");
        assert_eq!(self.frees.load(Ordering::Acquire), 0, "put after it was freed");
        // A point at which loom lets the caller run while whoever woke it is still on its way out. It has to be a
        // write of what the caller reads: loom leaves out orders between two steps that do not touch each other.
        self.puts.fetch_add(0, Ordering::AcqRel);
        if let Some(put) = &self.put {
            put.notify();
        }
    }

    fn free(&self, _stable_ptr: usize) {
        assert_eq!(self.frees.fetch_add(1, Ordering::AcqRel), 0, "freed twice");
        assert_eq!(self.puts.load(Ordering::Acquire), 0, "freed after the put, which frees");
    }
}

/// A call or a cast as its caller holds it.
pub struct Call {
    pub slot: Arc<Slot>,
    pub waiter: &'static Waiter,
}

impl Call {
    /// One whose slot only its caller may hold when it is woken.
    pub fn new(id: u64, kind: Kind) -> Self {
        Self::held(id, kind, 1)
    }

    pub fn held(id: u64, kind: Kind, held: usize) -> Self {
        let slot = Slot::new(id, kind, 7, None, b"request".to_vec());
        let waiter = Waiter::of(&slot, held);
        Call { slot, waiter }
    }

    pub fn submit(&self, intake: &Intake) -> Result<Place, Refusal> {
        intake.submit(&self.slot, Some(self.waiter.waker()))
    }

    /// What `runtime::release` does.
    pub fn release(self, intake: &Intake) -> &'static Waiter {
        intake.withdraw(&self.slot);
        self.slot.release();
        self.waiter
    }

    /// The caller's wait.
    pub fn wait(&self) {
        self.waiter.wait();
    }
}

impl Waiter {
    /// Leaked: a waker's runtime system lives for ever, and a model's run is short.
    pub fn of(slot: &Arc<Slot>, held: usize) -> &'static Self {
        Self::leaked(Arc::downgrade(slot), held, None)
    }

    /// One that waits for something else than the end of a slot.
    pub fn new() -> &'static Self {
        Self::leaked(Weak::new(), 0, Some(Notify::new()))
    }

    fn leaked(slot: Weak<Slot>, held: usize, put: Option<Notify>) -> &'static Self {
        Box::leak(Box::new(Waiter { puts: AtomicUsize::new(0), frees: AtomicUsize::new(0), slot, held, put }))
    }

    pub fn waker(&'static self) -> Waker {
        Waker::new(self, 1, 0, &COUNTERS.stable_ptrs)
    }

    pub fn wait(&self) {
        if let Some(put) = &self.put {
            put.wait();
        }
        while !self.was_put() {
            thread::yield_now();
        }
    }

    pub fn was_put(&self) -> bool {
        self.puts.load(Ordering::Acquire) == 1
    }

    /// Once all threads have ended: put or freed, and the slot gone.
    pub fn check(&self) {
        let (puts, frees) = (self.puts.load(Ordering::Acquire), self.frees.load(Ordering::Acquire));
        assert_eq!(puts + frees, 1, "{puts} puts and {frees} frees of one waiter");
        assert_eq!(self.slot.strong_count(), 0, "a slot was leaked");
    }

    /// The waiter of a cast that found room was not needed.
    pub fn check_spare(&self) {
        assert!(!self.was_put());
        assert_eq!(self.frees.load(Ordering::Acquire), 1);
    }
}

/// A worker's way with one job; says whose it was, where there was one.
pub fn work(intake: &Intake) -> Option<u64> {
    intake.discard().map(handle)
}

pub fn hand() -> Hand {
    Hand::new(Spin::new(Duration::ZERO))
}

/// The next job, which begins; waits for one.
pub fn next(intake: &Intake, hand: &mut Hand) -> Option<Arc<Slot>> {
    intake.take(1, hand).then(|| {
        let slot = hand.jobs.pop_front().expect("there is one");
        intake.begin(slot.kind());
        slot
    })
}

pub fn handle(slot: Arc<Slot>) -> u64 {
    let id = slot.id();
    if let Some(request) = slot.start() {
        assert_eq!(request, b"request");
        slot.settle(Outcome::Answer(request.into()));
    }
    id
}

/// The workers' way with what is in the queue of an intake that is closed: to its end.
pub fn drain(intake: &Intake) {
    let mut hand = hand();
    while let Some(slot) = next(intake, &mut hand) {
        slot.settle(Failure::ShuttingDown.into());
    }
}

pub fn assert_empty(intake: &Intake) {
    assert_eq!(intake.depths(), Default::default());
}

pub fn intake(capacity: usize) -> Arc<Intake> {
    Arc::new(Intake::new(capacity, 2))
}
