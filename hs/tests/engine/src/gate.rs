//! A place where handlers wait until the test lets them go.
//!
//! The test works it through C functions of its own, since the queue is what the handlers block.

use rs_in_hs::Context;
use std::ffi::c_int;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often a waiting handler asks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(1);

/// Bounds every wait: a test that goes wrong fails, and does not hang.
const LIMIT: Duration = Duration::from_secs(20);

struct State {
    open: bool,
    /// How often it was opened: who waits leaves by that, too, where it is closed again at once.
    openings: u64,
    entered: u64,
    inside: u64,
    cancelled: u64,
}

static STATE: Mutex<State> = Mutex::new(State { open: false, openings: 0, entered: 0, inside: 0, cancelled: 0 });
static CHANGED: Condvar = Condvar::new();

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits at the gate; one that obeys leaves when it is cancelled too, and says so.
pub fn pass(context: &Context, obeys: bool) -> bool {
    let mut state = state();
    state.entered += 1;
    state.inside += 1;
    CHANGED.notify_all();
    let (mut cancelled, before) = (false, state.openings);
    while !state.open && state.openings == before && !cancelled {
        state = CHANGED.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        cancelled = obeys && context.is_cancelled();
    }
    state.inside -= 1;
    state.cancelled += u64::from(cancelled);
    CHANGED.notify_all();
    cancelled
}

fn wait_until(reached: impl Fn(&State) -> bool) -> bool {
    let waited = CHANGED.wait_timeout_while(state(), LIMIT, |state| !reached(state));
    let (_guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
    !timeout.timed_out()
}

/// Closes the gate and forgets who was cancelled there.
#[unsafe(no_mangle)]
pub extern "C" fn gate_close() {
    let mut state = state();
    state.open = false;
    state.cancelled = 0;
}

/// Lets all go.
#[unsafe(no_mangle)]
pub extern "C" fn gate_open() {
    let mut state = state();
    state.open = true;
    state.openings += 1;
    drop(state);
    CHANGED.notify_all();
}

/// Waits until so many handlers are at the gate; false when that takes too long.
#[unsafe(no_mangle)]
pub extern "C" fn gate_await_inside(handlers: u64) -> bool {
    wait_until(|state| state.inside == handlers)
}

/// Waits until so many handlers have left because they were cancelled; false when that takes too long.
#[unsafe(no_mangle)]
pub extern "C" fn gate_await_cancelled(handlers: u64) -> bool {
    wait_until(|state| state.cancelled == handlers)
}

unsafe extern "C" {
    fn atexit(act: extern "C" fn()) -> c_int;
}

/// Opens the gate after the Haskell runtime system has exited, and keeps the process until a second handler has
/// entered: until the worker has done what is to be done after the first.
#[unsafe(no_mangle)]
pub extern "C" fn gate_open_at_exit() {
    extern "C" fn open() {
        gate_open();
        wait_until(|state| state.entered == 2);
    }
    // SAFETY: the function may be called at any time, and does not unwind.
    unsafe { atexit(open) };
}
