//! Waking whoever waits, exactly once.

use crate::signal::Signal;
use crate::stats::{COUNTERS, Counter};
use crate::sync::Arc;

/// What the Haskell runtime system does for a [`Waker`].
///
/// The implementation that talks to GHC lives in the boundary crate; tests bring their own and count.
pub trait Rts: Send + Sync + 'static {
    /// Puts `()` into the MVar behind `stable_ptr` and frees the pointer. Must not block.
    fn put(&self, capability: i32, stable_ptr: usize);
    /// Frees `stable_ptr` without a put.
    fn free(&self, stable_ptr: usize);
}

/// Somebody in Rust who is told when it is over. Must not block, or run an engine's code.
pub trait Told: Send + Sync {
    /// It is.
    fn tell(&self);
}

impl Told for Signal {
    fn tell(&self) {
        self.give();
    }
}

/// The right to wake one waiting Haskell thread, and the ownership of the `StablePtr` that names its MVar; or that to wake
/// one who waits in Rust.
///
/// A second put on one StablePtr corrupts GHC's table of them silently, and a lost one leaks its MVar and keeps
/// the thread blocked for ever, so the pointer's life is this value's life: [`Waker::wake`] consumes it, and
/// dropping it frees the pointer. It cannot be cloned.
pub struct Waker(Target);

enum Target {
    Haskell {
        rts: &'static dyn Rts,
        stable_ptr: usize,
        capability: i32,
        alive: &'static Counter,
    },
    Rust(Arc<dyn Told>),
    /// It has been used.
    Nobody,
}

impl Waker {
    /// Takes over `stable_ptr`. `capability` is where the waiter runs, so that the put happens beside it. `alive`
    /// counts the waker for as long as it lives.
    pub fn new(rts: &'static dyn Rts, stable_ptr: usize, capability: i32, alive: &'static Counter) -> Self {
        alive.raise();
        Waker(Target::Haskell { rts, stable_ptr, capability, alive })
    }

    /// One for somebody in Rust, who is woken in any case: also where this is dropped.
    pub fn rust(who: Arc<dyn Told>) -> Self {
        Waker(Target::Rust(who))
    }

    /// Wakes whoever waits. Never blocks.
    pub fn wake(mut self) {
        match std::mem::replace(&mut self.0, Target::Nobody) {
            Target::Haskell { rts, stable_ptr, capability, alive } => {
                // Counted as gone before the thread runs: what it then reads says that nobody waits. Shutdown has to know
                // of the put as well, which may still be under way then.
                COUNTERS.puts_under_way.raise();
                alive.lower();
                rts.put(capability, stable_ptr);
                COUNTERS.puts_under_way.lower();
            }
            Target::Rust(who) => who.tell(),
            Target::Nobody => {}
        }
    }
}

impl Drop for Waker {
    fn drop(&mut self) {
        match &self.0 {
            Target::Haskell { rts, stable_ptr, alive, .. } => {
                rts.free(*stable_ptr);
                alive.lower();
            }
            Target::Rust(who) => who.tell(),
            Target::Nobody => {}
        }
    }
}
