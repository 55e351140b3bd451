//! Counters of the process: what is alive now, and what has happened since the library was loaded.
//!
//! They are always the standard atomics, also under loom: no decision depends on them, so they have no place in a
//! model, but for [`Counters::nobody_wakes`], for which shutdown waits.

use std::sync::atomic::{AtomicU64, Ordering};

/// One number that many threads change; on a cache line of its own, so that two numbers do not slow each other down.
#[derive(Default)]
#[repr(align(64))]
pub struct Counter(AtomicU64);

impl Counter {
    const fn new() -> Self {
        Counter(AtomicU64::new(0))
    }

    /// One more.
    pub fn raise(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// One less; what this thread did before is visible to whoever reads the lower number.
    pub fn lower(&self) {
        self.0.fetch_sub(1, Ordering::Release);
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// Counts a thing for as long as it lives.
pub(crate) struct Alive(&'static Counter);

impl Alive {
    pub(crate) fn new(counter: &'static Counter) -> Self {
        counter.raise();
        Alive(counter)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.lower();
    }
}

/// The counters of the process. Totals only ever grow, through re-inits too.
pub struct Counters {
    /// Call slots alive: each is held by a caller, a queue, a worker or a token.
    pub live_slots: Counter,
    /// StablePtrs that Rust owns: one for each Haskell thread that waits for a call or for room.
    pub stable_ptrs: Counter,
    /// StablePtrs of threads that wait for notices: at most one a runtime, for as long as it runs.
    pub notice_readers: Counter,
    /// Threads that are waking a Haskell thread just now.
    pub puts_under_way: Counter,
    /// Calls submitted.
    pub calls: Counter,
    /// Casts submitted.
    pub casts: Counter,
    /// Handlers that panicked, in decoding and encoding too.
    pub panics: Counter,
    /// Calls whose deadline came first.
    pub timeouts: Counter,
    /// Calls and waiting casts whose caller went away.
    pub cancellations: Counter,
    /// Notices of failed casts that found the queue back to Haskell full.
    pub notices_dropped: Counter,
    /// Streams alive: until both the subscriber and the producer have let go.
    pub subscriptions: Counter,
    /// Haskell functions that Rust has, or that are on their way to it.
    pub callbacks: Counter,
    /// Closures alive: until neither side has them.
    pub closures: Counter,
    /// Objects alive: until neither side has them.
    pub objects: Counter,
    /// Events that found a stream's queue full.
    pub events_dropped: Counter,
    /// Trampolines alive: closures that C can call.
    pub trampolines: Counter,
}

/// See [`Counters`].
pub static COUNTERS: Counters = Counters {
    live_slots: Counter::new(),
    stable_ptrs: Counter::new(),
    notice_readers: Counter::new(),
    puts_under_way: Counter::new(),
    calls: Counter::new(),
    casts: Counter::new(),
    panics: Counter::new(),
    timeouts: Counter::new(),
    cancellations: Counter::new(),
    notices_dropped: Counter::new(),
    subscriptions: Counter::new(),
    callbacks: Counter::new(),
    closures: Counter::new(),
    objects: Counter::new(),
    events_dropped: Counter::new(),
    trampolines: Counter::new(),
};

impl Counters {
    /// Whether no thread has, or is about to use, a right to wake a Haskell thread.
    pub fn nobody_wakes(&self) -> bool {
        // In this order: a waker that is used is counted under way before it is counted as gone.
        self.stable_ptrs.get() == 0 && self.notice_readers.get() == 0 && self.puts_under_way.get() == 0
    }
}

/// How full the queues of the running runtime are; all zero when none runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depths {
    /// Calls accepted and not yet begun.
    pub calls_queued: u64,
    /// Casts accepted and not yet begun.
    pub casts_queued: u64,
    /// Callers that wait for room in the call queue.
    pub calls_waiting: u64,
    /// Callers that wait for room in the cast queue.
    pub casts_waiting: u64,
    /// Notices on their way to Haskell.
    pub notices_queued: u64,
}
