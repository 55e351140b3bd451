//! Closures that the C programs call: one of each signature, and what their owner can do with them.

use crate::GATE;
use rs_in_hs::trampoline::{Signature, Trampoline, TrampolineError};
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

type Visit = fn();
type Ask = fn() -> c_int;
type Count = fn(c_int) -> c_int;
type Real = fn(f64) -> f64;
type Real2 = fn(f64, f64) -> f64;
type Bytes = fn(&[u8]) -> c_int;

/// One of each.
struct Owned {
    visit: Trampoline<Visit>,
    ask: Trampoline<Ask>,
    count: Trampoline<Count>,
    real: Trampoline<Real>,
    real2: Trampoline<Real2>,
    bytes: Trampoline<Bytes>,
    waits: Trampoline<Count>,
}

static OWNED: Mutex<Option<Owned>> = Mutex::new(None);
static VISITS: AtomicU64 = AtomicU64::new(0);

/// What C gets of a trampoline.
#[repr(C)]
pub struct Pair<S: Signature> {
    last: S::Function,
    first: S::FunctionContextFirst,
    context: *mut c_void,
}

impl<S: Signature> Pair<S> {
    fn of(trampoline: &Trampoline<S>) -> Self {
        Pair { last: trampoline.function(), first: trampoline.function_context_first(), context: trampoline.context() }
    }
}

/// What C gets of all.
#[repr(C)]
pub struct Pairs {
    visit: Pair<Visit>,
    ask: Pair<Ask>,
    count: Pair<Count>,
    real: Pair<Real>,
    real2: Pair<Real2>,
    bytes: Pair<Bytes>,
    waits: Pair<Count>,
}

/// Fails for arguments below 0: odd ones panic, even ones return an error.
fn not_negative(number: c_int) -> Result<c_int, String> {
    assert!(number >= 0 || number % 2 == 0, "{number} is negative");
    if number < 0 { Err(format!("{number} is refused")) } else { Ok(number) }
}

/// Makes them; those of before are dropped.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_trampolines() -> Pairs {
    let owned = Owned {
        visit: Trampoline::<Visit>::new(|| {
            assert!(VISITS.fetch_add(1, Ordering::SeqCst) < 1000, "too many visits");
        }),
        ask: Trampoline::<Ask>::fallible(|| not_negative(VISITS.load(Ordering::SeqCst) as c_int - 1)),
        count: Trampoline::<Count>::fallible(|number| not_negative(number).map(|number| number + 1)),
        real: Trampoline::<Real>::fallible(|x| not_negative(x as c_int).map(|_| x / 2.0)),
        real2: Trampoline::<Real2>::fallible(|x, y| not_negative(x as c_int).map(|_| x - y)),
        bytes: Trampoline::<Bytes>::fallible(|bytes| {
            not_negative(bytes.iter().map(|&byte| c_int::from(byte.cast_signed())).sum())
        }),
        waits: Trampoline::<Count>::new(|number| {
            GATE.pass();
            number + 1
        }),
    };
    let pairs = Pairs {
        visit: Pair::of(&owned.visit),
        ask: Pair::of(&owned.ask),
        count: Pair::of(&owned.count),
        real: Pair::of(&owned.real),
        real2: Pair::of(&owned.real2),
        bytes: Pair::of(&owned.bytes),
        waits: Pair::of(&owned.waits),
    };
    drop(with(|place| place.replace(owned)));
    pairs
}

/// Drops them.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_drop_trampolines() {
    drop(with(Option::take));
}

/// How often `visit` was called.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_visits() -> u64 {
    VISITS.load(Ordering::SeqCst)
}

fn with<R>(act: impl FnOnce(&mut Option<Owned>) -> R) -> R {
    act(&mut OWNED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Takes the error of the one with this number, in the order of the fields: 0 where there is none, 1 after a panic, 2 after
/// an error, 3 where the bytes were none, 4 after a panic whose place is not known, 5 after anything else.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_trampoline_error(at: c_int) -> c_int {
    let error = with(|place| {
        let owned = place.as_ref()?;
        match at {
            0 => owned.visit.take_error(),
            1 => owned.ask.take_error(),
            2 => owned.count.take_error(),
            3 => owned.real.take_error(),
            4 => owned.real2.take_error(),
            5 => owned.bytes.take_error(),
            _ => owned.waits.take_error(),
        }
    });
    match error {
        None => 0,
        Some(TrampolineError::Panicked { message, place }) if message.ends_with(" is negative") => {
            if place.contains("trampolines.rs") { 1 } else { 4 }
        }
        Some(TrampolineError::Failed(text)) if text.ends_with(" is refused") => 2,
        Some(TrampolineError::NoBytes { .. }) => 3,
        Some(_) => 5,
    }
}

/// Makes and drops a trampoline, and another way round a second.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_short_lived_trampolines(number: c_int) -> c_int {
    let first = Trampoline::<Count>::new(move |more| number + more);
    let second = Trampoline::<Count>::new(move |more| number - more);
    let sum = first.function()(1, first.context()) + second.function()(1, second.context());
    drop(first);
    sum
}
