//! Calls on the caller's own thread.

use crate::harness::*;
use rs_in_hs_runtime::direct::{Refused, Returned};
use std::sync::atomic::{AtomicU64, Ordering};

/// What a direct call came to.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    /// Its answer, without a slot.
    Answer(Vec<u8>),
    /// A slot that is over.
    Over(Outcome),
    /// A slot that a token will end.
    Later,
    Refused(Refused),
}

const ROOM: usize = 16;

fn direct_of(
    epoch: u64,
    name: &str,
    request: &[u8],
    nonblocking: bool,
) -> Result<(Came, Option<Arc<Slot>>), NotRunning> {
    Ok(match runtime::direct(epoch, method_id(name), request, ROOM, nonblocking)? {
        Err(refused) => (Came::Refused(refused), None),
        Ok(Returned::Answered(answer)) => (Came::Answer(answer.to_vec()), None),
        Ok(Returned::Slot(slot)) => (slot.outcome(Outcome::clone).map_or(Came::Later, Came::Over), Some(slot)),
    })
}

fn direct<Q: Encode>(running: &Running, name: &str, request: &Q) -> Came {
    direct_of(running.epoch, name, &wire::to_bytes(request, usize::MAX).unwrap(), false).unwrap().0
}

fn answer<A: Encode>(answer: &A) -> Came {
    Came::Answer(wire::to_bytes(answer, usize::MAX).unwrap())
}

#[test]
fn runs_on_the_callers_thread() {
    let caller = thread::current().id();
    let engine = Engine::new().call("where", move |context, number: u64| {
        assert!(!context.is_cancelled() && context.deadline().is_none());
        assert_eq!(thread::current().id(), caller);
        number + 1
    });
    let running = start(USUAL, engine);
    let (slots, calls) = (COUNTERS.live_slots.get(), COUNTERS.calls.get());
    assert_eq!(direct(&running, "where", &41_u64), answer(&42_u64));
    assert_eq!(COUNTERS.live_slots.get(), slots);
    assert_eq!(COUNTERS.calls.get(), calls + 1);
}

#[test]
fn an_answer_without_room_has_a_slot() {
    let running = start(USUAL, Engine::new().call("zeros", |_, count: u64| vec![0_u8; count as usize]));
    for count in [0, 1, 8] {
        assert_eq!(direct(&running, "zeros", &(count as u64)), answer(&vec![0_u8; count]));
    }
    let nine = wire::to_bytes(&vec![0_u8; 9], 100).unwrap();
    assert_eq!(direct(&running, "zeros", &9_u64), Came::Over(Outcome::Answer(nine.into())));
    // The memory went with it; the next answer has memory of its own.
    assert_eq!(direct(&running, "zeros", &1_u64), answer(&vec![0_u8]));
}

#[test]
fn every_failure_has_a_slot() {
    let engine = Engine::new()
        .call("fail", |_, text: String| -> u64 { panic!("{text}") })
        .call("zeros", |_, count: u64| vec![0_u8; count as usize]);
    let running = start(USUAL, engine);
    let panics = COUNTERS.panics.get();
    let Came::Over(Outcome::Failed(Failure::Panicked { method, place, message }, _)) =
        direct(&running, "fail", &"ein Übel".to_string())
    else {
        panic!("another end")
    };
    assert_eq!((&*method, &*message), ("fail", "ein Übel"));
    assert!(place.contains("direct.rs:"), "{place}");
    assert_eq!(COUNTERS.panics.get(), panics + 1);
    let undecodable = direct(&running, "zeros", &1_u8);
    assert!(matches!(undecodable, Came::Over(Outcome::Failed(Failure::Undecodable { .. }, _))), "{undecodable:?}");
    let too_large = Failure::AnswerTooLarge { method: "zeros".into(), size: 4097, limit: 4096 };
    assert_eq!(direct(&running, "zeros", &4089_u64), Came::Over(too_large.into()));
    // The thread, which is Haskell's, goes on.
    assert_eq!(direct(&running, "zeros", &0_u64), answer(&Vec::<u8>::new()));
}

#[test]
fn what_cannot_be_run_is_refused() {
    let engine = notes().1.call("slow", |_, (): ()| ()).call_nonblocking("fast", |_, (): ()| 7_u64);
    let running = start(USUAL, engine);
    let epoch = running.epoch;
    let calls = COUNTERS.calls.get();
    let refused = |name, request: &[u8], nonblocking| direct_of(epoch, name, request, nonblocking).unwrap().0;
    assert_eq!(refused("nobody", &[], false), Came::Refused(Refused::UnknownMethod));
    assert_eq!(refused("slow", &[], true), Came::Refused(Refused::MayBlock));
    assert_eq!(refused("fast", &[0; 4097], true), Came::Refused(Refused::TooLarge));
    assert_eq!(COUNTERS.calls.get(), calls);
    assert_eq!(refused("fast", &[], true), answer(&7_u64));
    assert_eq!(refused("fast", &[], false), answer(&7_u64));
    assert_eq!(running.call("fast", &()).answer::<u64>(), 7);
    assert_eq!(direct_of(epoch + 1, "fast", &[], true).err(), Some(NotRunning));
    running.stop();
    assert_eq!(direct_of(epoch, "fast", &[], true).err(), Some(NotRunning));
}

/// The memory for answers is the thread's, and a handler may call another while it writes its own.
#[test]
fn a_handler_calls_directly_in_turn() {
    static EPOCH: AtomicU64 = AtomicU64::new(0);
    let engine = Engine::new().call("countdown", |_, number: u64| -> (u64, u64) {
        if number == 0 {
            return (0, 0);
        }
        let bytes = wire::to_bytes(&(number - 1), 8).unwrap();
        let (came, _) = direct_of(EPOCH.load(Ordering::Relaxed), "countdown", &bytes, false).unwrap();
        let Came::Answer(inner) = came else { panic!("{came:?}") };
        let (below, sum): (u64, u64) = wire::from_bytes(&inner).unwrap();
        assert_eq!(below + 1, number);
        (number, sum + number)
    });
    let running = start(USUAL, engine);
    EPOCH.store(running.epoch, Ordering::Relaxed);
    assert_eq!(direct(&running, "countdown", &10_u64), answer(&(10_u64, 55_u64)));
}

#[test]
fn a_token_answers_a_direct_call_later() {
    let (tokens, engine) = tokens();
    let running = start(USUAL, engine);
    for comes_first in [true, false] {
        let (came, slot) = direct_of(running.epoch, "later", &[], false).unwrap();
        assert_eq!(came, Came::Later);
        let (slot, token) = (slot.unwrap(), token(&tokens));
        let (waiter, waker) = GHC.waker();
        if comes_first {
            token.answer(7);
            drop(slot.attach(waker));
            assert_eq!(GHC.fate(waiter), Fate::Freed);
        } else {
            assert!(slot.attach(waker).is_ok());
            thread::spawn(move || token.answer(7));
            GHC.wait(waiter);
        }
        assert_eq!(slot.outcome(Outcome::clone), Some(Outcome::Answer(wire::to_bytes(&7_u64, 8).unwrap().into())));
        runtime::release(slot);
    }
}

#[test]
fn the_caller_of_a_token_leaves() {
    let (tokens, engine) = tokens();
    let running = start(USUAL, engine);
    let (_, slot) = direct_of(running.epoch, "later", &[], false).unwrap();
    let token = token(&tokens);
    let slot = slot.unwrap();
    let (waiter, waker) = GHC.waker();
    assert!(slot.attach(waker).is_ok());
    runtime::release(slot);
    assert_eq!(GHC.fate(waiter), Fate::Freed);
    assert!(token.context().is_cancelled());
    token.answer(1);
}

#[test]
fn shutdown_answers_direct_calls_whose_tokens_are_kept() {
    let (tokens, engine) = tokens();
    let running = start(USUAL, engine);
    let (_, slot) = direct_of(running.epoch, "later", &[], false).unwrap();
    let (token, slot) = (token(&tokens), slot.unwrap());
    let (waiter, waker) = GHC.waker();
    assert!(slot.attach(waker).is_ok());
    assert_eq!(running.stop(), 0);
    assert_eq!(GHC.fate(waiter), Fate::Put);
    assert_eq!(slot.outcome(Outcome::clone), Some(Failure::ShuttingDown.into()));
    token.answer(1);
}

#[test]
fn shutdown_waits_for_a_direct_call() {
    let (told, engine) = patient();
    let running = start(USUAL, engine);
    let epoch = running.epoch;
    let caller = thread::spawn(move || direct_of(epoch, "watch", &[], false).unwrap().0);
    assert_eq!(next(&told), "began");
    assert_eq!(running.stop(), 0);
    assert_eq!(next(&told), "cancelled");
    assert_eq!(caller.join().unwrap(), answer(&()));
}

/// One that is left behind has the engine to itself, and drops it; another runtime runs by then.
#[test]
fn a_direct_call_that_is_left_behind_drops_the_engine() {
    struct Dropped(Sender<thread::ThreadId>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.send(thread::current().id()).unwrap();
        }
    }
    let (tell, dropped) = unbounded();
    let state = Dropped(tell);
    let (gate, pass) = gate();
    let engine = Engine::new().call("gate", move |context, (): ()| {
        let _ = &state;
        pass();
        context.is_cancelled()
    });
    let running = start(Settings { shutdown_limit: Duration::from_millis(20), ..USUAL }, engine);
    let epoch = running.epoch;
    let caller = thread::spawn(move || direct_of(epoch, "gate", &[], false).unwrap().0);
    let thread = caller.thread().id();
    next(&gate.arrived);
    assert_eq!(running.stop(), 1);
    assert!(dropped.is_empty());
    let epoch = runtime::start(&USUAL.bytes(), || Engine::new().call("one", |_, (): ()| 1_u64)).unwrap();
    gate.passes.send(()).unwrap();
    assert_eq!(caller.join().unwrap(), answer(&true));
    assert_eq!(next(&dropped), thread);
    assert_eq!(direct_of(epoch, "one", &[], false).unwrap().0, answer(&1_u64));
    assert_eq!(runtime::stop(epoch, || {}), Ok(0));
}

#[test]
fn the_panic_of_an_engine_that_a_direct_call_drops_is_not_its_callers() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    let (bomb, (gate, pass)) = (Bomb, gate());
    let engine = Engine::new().call("gate", move |_, (): ()| {
        let _ = &bomb;
        pass();
    });
    let running = start(Settings { shutdown_limit: Duration::ZERO, ..USUAL }, engine);
    let epoch = running.epoch;
    let caller = thread::spawn(move || direct_of(epoch, "gate", &[], false).unwrap().0);
    next(&gate.arrived);
    assert_eq!(running.stop(), 1);
    let panics = COUNTERS.panics.get();
    gate.passes.send(()).unwrap();
    // Nobody is there to get the panic, least of all this caller.
    assert_eq!(caller.join().unwrap(), answer(&()));
    assert_eq!(COUNTERS.panics.get(), panics + 1);
}

/// Callers come all the time while it starts and stops; each is answered, or told why not.
#[test]
fn direct_calls_meet_shutdown() {
    let _alone = alone();
    static EPOCH: AtomicU64 = AtomicU64::new(0);
    /// Ends the callers, also where an assertion does not hold.
    struct End<'a>(&'a AtomicU64);
    impl Drop for End<'_> {
        fn drop(&mut self) {
            self.0.store(1, Ordering::Relaxed);
        }
    }
    let state = Arc::new(());
    let done = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while done.load(Ordering::Relaxed) == 0 {
                    let epoch = EPOCH.load(Ordering::Relaxed);
                    match direct_of(epoch, "increment", &1_u64.to_le_bytes(), true) {
                        Err(NotRunning) => thread::yield_now(),
                        Ok((came, _)) => assert!(
                            came == answer(&2_u64) || came == Came::Over(Failure::ShuttingDown.into()),
                            "{came:?}"
                        ),
                    }
                }
            });
        }
        let _end = End(&done);
        for _ in 0..200 {
            let kept = state.clone();
            let engine = Engine::new().call_nonblocking("increment", move |_, number: u64| {
                let _ = &kept;
                number + 1
            });
            let epoch = runtime::start(&USUAL.bytes(), || engine).unwrap();
            EPOCH.store(epoch, Ordering::Relaxed);
            assert_eq!(direct_of(epoch, "increment", &1_u64.to_le_bytes(), true).unwrap().0, answer(&2_u64));
            assert_eq!(runtime::stop(epoch, || {}), Ok(0));
            // No caller has the engine any more.
            assert_eq!(Arc::strong_count(&state), 1);
        }
    });
}
