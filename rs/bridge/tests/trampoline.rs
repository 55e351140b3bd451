//! Trampolines as their owner sees them. `c_abi` has C call them.

use rs_in_hs::trampoline::{Trampoline, TrampolineError};
use std::ffi::{c_int, c_void};
use std::fmt::{self, Display, Formatter};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock, mpsc};
use std::thread;

type IntToInt = Trampoline<fn(c_int) -> c_int>;

#[test]
fn calls_the_closure_in_both_orders() {
    let next = IntToInt::new(|number| number + 1);
    assert_eq!(next.function()(41, next.context()), 42);
    assert_eq!(next.function_context_first()(next.context(), 41), 42);

    let difference = Trampoline::<fn(f64, f64) -> f64>::new(|x, y| x - y);
    assert_eq!(difference.function()(2.0, 3.0, difference.context()), -1.0);
    assert_eq!(difference.function_context_first()(difference.context(), 2.0, 3.0), -1.0);
    assert_eq!(difference.take_error(), None);
}

#[test]
fn a_panic_is_kept_with_its_place() {
    let odd = IntToInt::new(|number| {
        assert!(number % 2 == 1, "{number} is not odd");
        number
    });
    assert_eq!(odd.function()(4, odd.context()), 0);
    let Some(TrampolineError::Panicked { message, place }) = odd.take_error() else { panic!("it has not panicked") };
    assert_eq!(message, "4 is not odd");
    assert!(place.starts_with(file!()), "{place}");
    assert_eq!(odd.take_error(), None, "it was taken");
    assert_eq!(odd.function()(5, odd.context()), 5);
}

#[test]
fn the_last_error_is_kept() {
    let refuses = Trampoline::<fn(f64) -> f64>::fallible(|x| if x < 0.0 { Err(format!("{x} < 0")) } else { Ok(x) });
    for x in [-1.0, -2.0] {
        assert_eq!(refuses.function()(x, refuses.context()), 0.0);
    }
    assert_eq!(refuses.function()(4.0, refuses.context()), 4.0);
    assert_eq!(refuses.take_error(), Some(TrampolineError::Failed("-2 < 0".into())));
}

/// An error that cannot even be told.
struct Unspeakable;

impl Display for Unspeakable {
    fn fmt(&self, _: &mut Formatter<'_>) -> fmt::Result {
        panic!("no words");
    }
}

#[test]
fn an_error_whose_text_panics() {
    let refuses = Trampoline::<fn()>::fallible(|| Err(Unspeakable));
    refuses.function()(refuses.context());
    let error = refuses.take_error();
    assert!(matches!(&error, Some(TrampolineError::Panicked { message, .. }) if message == "no words"), "{error:?}");
}

#[test]
fn contexts_that_stand_for_nothing() {
    let next = IntToInt::new(|number| number + 1);
    let (function, gone) = (next.function(), next.context());
    drop(next);
    // Each gets a number of its own, so this one is not taken for the one before.
    let other = IntToInt::new(|number| number + 2);
    for context in [gone, ptr::null_mut(), ptr::without_provenance_mut::<c_void>(usize::MAX)] {
        assert_eq!(function(41, context), 0);
    }
    let real = Trampoline::<fn(f64) -> f64>::new(|x| x);
    assert_eq!(function(41, real.context()), 0, "of another signature");
    assert_eq!(other.take_error(), None);
    assert_eq!(real.take_error(), None);
}

/// The state of a closure whose destructor panics.
struct Bomb(Arc<AtomicU64>);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("dropped");
    }
}

#[test]
fn dropped_while_it_runs_it_goes_on() {
    let (inside, drops) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU64::new(0)));
    let (go, gone) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let (barrier, bomb) = (inside.clone(), Bomb(drops.clone()));
    let slow = IntToInt::new(move |number| {
        barrier.wait();
        gone.lock().unwrap().recv().unwrap();
        number + c_int::from(bomb.0.load(Ordering::SeqCst) == 0)
    });
    let (function, context) = (slow.function(), slow.context().addr());
    let call = move || function(41, ptr::without_provenance_mut(context));
    let caller = thread::spawn(call);
    inside.wait();
    drop(slow);
    assert_eq!(call(), 0, "a second call does not find it");
    go.send(()).unwrap();
    assert_eq!(caller.join().unwrap(), 42);
    assert_eq!(drops.load(Ordering::SeqCst), 1, "the caller has dropped the closure, and lived");
}

#[test]
fn a_closure_may_drop_its_own_trampoline_and_make_others() {
    static OWN: OnceLock<Mutex<Option<IntToInt>>> = OnceLock::new();
    let held = Arc::new(());
    let holds = held.clone();
    let own = IntToInt::new(move |number| {
        drop(OWN.get().unwrap().lock().unwrap().take());
        let nested = IntToInt::new(|number| number * 2);
        nested.function()(number, nested.context()) + Arc::strong_count(&holds) as c_int
    });
    let (function, context) = (own.function(), own.context());
    OWN.set(Mutex::new(Some(own))).unwrap();
    assert_eq!(function(20, context), 42);
    assert_eq!(function(20, context), 0);
    assert_eq!(Arc::strong_count(&held), 1, "what it held is dropped");
}

#[test]
fn a_panic_around_a_call_keeps_its_own_report() {
    let inner = Trampoline::<fn()>::new(|| panic!("inner"));
    let (function, context) = (inner.function(), inner.context().addr());
    let outer = Trampoline::<fn()>::new(move || {
        function(ptr::without_provenance_mut(context));
        panic!("outer");
    });
    outer.function()(outer.context());
    for (trampoline, expected) in [(&inner, "inner"), (&outer, "outer")] {
        let error = trampoline.take_error();
        assert!(matches!(&error, Some(TrampolineError::Panicked { message, .. }) if message == expected), "{error:?}");
    }
}
