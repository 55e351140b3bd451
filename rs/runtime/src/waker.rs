//! Waking a Haskell thread, exactly once.

use crate::stats::{COUNTERS, Counter};

/// What the Haskell runtime system does for a [`Waker`].
///
/// The implementation that talks to GHC lives in the boundary crate; tests bring their own and count.
pub trait Rts: Send + Sync + 'static {
    /// Puts `()` into the MVar behind `stable_ptr` and frees the pointer. Must not block.
    fn put(&self, capability: i32, stable_ptr: usize);
    /// Frees `stable_ptr` without a put.
    fn free(&self, stable_ptr: usize);
}

/// The right to wake one waiting Haskell thread, and the ownership of the `StablePtr` that names its MVar.
///
/// A second put on one StablePtr corrupts GHC's table of them silently, and a lost one leaks its MVar and keeps
/// the thread blocked for ever, so the pointer's life is this value's life: [`Waker::wake`] consumes it, and
/// dropping it frees the pointer. It cannot be cloned.
pub struct Waker {
    rts: &'static dyn Rts,
    stable_ptr: usize,
    capability: i32,
    woken: bool,
    alive: &'static Counter,
}

impl Waker {
    /// Takes over `stable_ptr`. `capability` is where the waiter runs, so that the put happens beside it. `alive`
    /// counts the waker for as long as it lives.
    pub fn new(rts: &'static dyn Rts, stable_ptr: usize, capability: i32, alive: &'static Counter) -> Self {
        alive.raise();
        Waker { rts, stable_ptr, capability, woken: false, alive }
    }

    /// Wakes the thread. Never blocks.
    pub fn wake(mut self) {
        self.woken = true;
        // Counted as gone before the thread runs: what it then reads says that nobody waits. Shutdown has to know of
        // the put as well, which may still be under way then.
        COUNTERS.puts_under_way.raise();
        self.alive.lower();
        self.rts.put(self.capability, self.stable_ptr);
        COUNTERS.puts_under_way.lower();
    }
}

impl Drop for Waker {
    fn drop(&mut self) {
        if !self.woken {
            self.rts.free(self.stable_ptr);
            self.alive.lower();
        }
    }
}
