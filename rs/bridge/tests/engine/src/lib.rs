//! The engine that the C programs in `../c` call, and the strings by which they pull it (`../c/fixture.h`).

mod both;
mod trampolines;

use rs_in_hs::{CallToken, Context, Engine};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
    /// How many those were.
    adds: u64,
    builder_panics: bool,
    /// Handlers that have learnt at the gate that they are cancelled.
    cancelled: u64,
    /// The tokens of `keep`, in the order of their calls, until the C program has them used.
    tokens: Vec<Option<CallToken<u64>>>,
}

static GATE: Gate = Gate {
    state: Mutex::new(State {
        open: false,
        arrived: 0,
        passed: 0,
        sum: 0,
        adds: 0,
        builder_panics: false,
        cancelled: 0,
        tokens: Vec::new(),
    }),
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

    /// A handler comes to the gate, and stays until it is cancelled.
    fn watch(&self, context: &Context) {
        self.change(|state| state.arrived += 1);
        let limit = Instant::now() + LIMIT;
        while !context.is_cancelled() {
            assert!(Instant::now() < limit, "nobody cancelled the handler");
            std::thread::yield_now();
        }
        self.change(|state| state.cancelled += 1);
    }

    /// Takes a token out, for the C program to use it.
    fn token(&self, at: usize) -> Option<CallToken<u64>> {
        self.lock().tokens.get_mut(at)?.take()
    }
}

fn give_up(_: &Context, (): ()) {
    panic!("the fixture gives up");
}

/// Some numbers can be halved.
fn halve(number: u64) -> u64 {
    assert!(number.is_multiple_of(2), "{number} is odd");
    number / 2
}

fn engine() -> Engine {
    // Its letters take two bytes each: a buffer of any length cuts some of these texts inside one.
    assert!(!GATE.lock().builder_panics, "ääääääääääääääää");
    both::engine(Engine::new())
        .call("echo", |_, bytes: Vec<u8>| bytes)
        .call("panic", give_up)
        .call("increment", |_, number: u64| number + 1)
        .call("zeros", |_, count: u64| vec![0_u8; count as usize])
        .call_later("abandon", |token: CallToken<()>, (): ()| drop(token))
        .call_nonblocking("increment_at_once", |_, number: u64| number + 1)
        .call("halve", |_, number: u64| halve(number))
        .call("bytes", |_, count: u64| (0..count).map(|at| (at * 7) as u8).collect::<Vec<_>>())
        .call_later("increment_by_token", |token: CallToken<u64>, number: u64| token.answer(number + 1))
        .call_later("keep", |token: CallToken<u64>, (): ()| GATE.change(|state| state.tokens.push(Some(token))))
        .call("watch", |context, _: u64| GATE.watch(context))
        .cast("halve", |_, number: u64| {
            let half = halve(number);
            GATE.change(|state| state.sum += half);
        })
        .call("gate", |_, (): ()| GATE.pass())
        .cast("gate", |_, (): ()| GATE.pass())
        .cast("add", |_, number: u64| {
            GATE.change(|state| {
                state.sum += number;
                state.adds += 1;
            });
        })
        .cast("panic", give_up)
}

rs_in_hs::export!(engine, both::streams);

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

/// How many handlers have come to the gate since the program began.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_arrived() -> u64 {
    GATE.lock().arrived
}

/// How many casts of `add` there have been.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_adds() -> u64 {
    GATE.lock().adds
}

/// Waits until so many handlers of `watch` have learnt that they are cancelled; false after a long time.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_await_cancelled(count: u64) -> bool {
    GATE.wait(|state| state.cancelled >= count)
}

/// Waits until `keep` has been given so many tokens since the program began; false after a long time.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_await_tokens(count: u64) -> bool {
    GATE.wait(|state| state.tokens.len() as u64 >= count)
}

/// Answers the call whose token was given as this one, counted from 0; false where it was used before.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_answer(at: u64, answer: u64) -> bool {
    GATE.token(at as usize).map(|token| token.answer(answer)).is_some()
}

/// Drops that token; false where it was used before.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_drop(at: u64) -> bool {
    GATE.token(at as usize).map(drop).is_some()
}

/// Answers the call whose token was given last; false where there is none, or it was used before.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_answer_any(answer: u64) -> bool {
    let token = GATE.lock().tokens.pop().flatten();
    token.map(|token| token.answer(answer)).is_some()
}

/// How many tokens `keep` has been given, less those that `fixture_answer_any` has taken.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_tokens() -> u64 {
    GATE.lock().tokens.len() as u64
}

/// Whether the function that builds the engine panics from now on.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_builder_panics(panics: bool) {
    GATE.change(|state| state.builder_panics = panics);
}
