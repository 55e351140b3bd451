//! The engine that the C programs in `../c` call, and the strings by which they pull it (`../c/fixture.h`).

use rs_in_hs::{CallToken, Context, Engine};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Where handlers wait until the C program lets them go on.
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    open: bool,
    /// Handlers that have come to the gate, since the library was loaded.
    arrived: u64,
    /// Handlers that have passed it.
    passed: u64,
    /// What the casts of `add` have added up to.
    sum: u64,
    builder_panics: bool,
}

static GATE: Gate = Gate {
    state: Mutex::new(State { open: false, arrived: 0, passed: 0, sum: 0, builder_panics: false }),
    changed: Condvar::new(),
};

/// Longer than any scenario takes; a wait that is over by it has failed.
const LIMIT: Duration = Duration::from_secs(20);

impl Gate {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Whether it came true in time.
    fn wait(&self, until: impl Fn(&State) -> bool) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), LIMIT, |state| !until(state));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A handler comes to the gate, and goes on once it is open.
    fn pass(&self) {
        self.change(|state| state.arrived += 1);
        assert!(self.wait(|state| state.open), "the C program never opened the gate");
        self.change(|state| state.passed += 1);
    }
}

fn give_up(_: &Context, (): ()) {
    panic!("the fixture gives up");
}

fn engine() -> Engine {
    // Its letters take two bytes each: a buffer of any length cuts some of these texts inside one.
    assert!(!GATE.lock().builder_panics, "ääääääääääääääää");
    Engine::new()
        .call("echo", |_, bytes: Vec<u8>| bytes)
        .call("panic", give_up)
        .call("increment", |_, number: u64| number + 1)
        .call("zeros", |_, count: u64| vec![0_u8; count as usize])
        .call_later("abandon", |token: CallToken<()>, (): ()| drop(token))
        .call("gate", |_, (): ()| GATE.pass())
        .cast("gate", |_, (): ()| GATE.pass())
        .cast("add", |_, number: u64| GATE.change(|state| state.sum += number))
        .cast("panic", give_up)
}

rs_in_hs::export!(engine);

/// Opens or shuts the gate.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_gate(open: bool) {
    GATE.change(|state| state.open = open);
}

/// Waits until so many handlers have come to the gate since the program began; false after a long time.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_await_arrived(count: u64) -> bool {
    GATE.wait(|state| state.arrived >= count)
}

/// Waits until so many handlers have passed the gate since the program began; false after a long time.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_await_passed(count: u64) -> bool {
    GATE.wait(|state| state.passed >= count)
}

/// Waits until the casts of `add` have added up to this; false after a long time.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_await_sum(sum: u64) -> bool {
    GATE.wait(|state| state.sum >= sum)
}

/// Whether the function that builds the engine panics from now on.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_builder_panics(panics: bool) {
    GATE.change(|state| state.builder_panics = panics);
}
