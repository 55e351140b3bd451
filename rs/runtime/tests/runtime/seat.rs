//! Who works while a handler waits for Haskell.

use crate::harness::*;
use crate::haskell::*;
use rs_in_hs_runtime::function::{Callback, CallbackError};
use std::sync::atomic::{AtomicUsize, Ordering};

type Function = Callback<u64, u64>;

/// An engine that calls what it is given, and answers with what that returns.
fn asking() -> Engine {
    Engine::new().call("ask", |_, (function, number): (Function, u64)| function.call(number).unwrap())
}

#[test]
fn a_chain_there_and_back_on_one_worker() {
    const DEPTH: u64 = 100;

    let running = start(Settings { queue_capacity: DEPTH + 1, ..USUAL }, asking());
    let epoch = running.epoch;
    let server = running.serve(move |call| match argument::<u64>(call) {
        DEPTH => result_of(&0_u64),
        depth => result_of(&(1 + ask(epoch, "ask", depth + 1).answer::<u64>())),
    });
    assert_eq!(running.ask("ask", 0).answer::<u64>(), DEPTH);
    // The threads that were hired for it are there for the next one.
    assert_eq!(running.ask("ask", 0).answer::<u64>(), DEPTH);
    running.finish();
    server.join().unwrap();
}

/// In every order in which some wait and some come back.
#[test]
fn others_go_on_meanwhile_with_one_worker_and_with_several() {
    for workers in [1, 2] {
        let (notes, engine) = notes();
        let running = start(Settings { workers, queue_capacity: 20, ..USUAL }, engine.merge(asking()));
        let mut waiting = Vec::new();
        for number in 0..6_u64 {
            let call = running.ask("ask", number);
            let invoked = running.invoked();
            running.call("note", &number).answer::<()>();
            running.cast("note", &number);
            assert_eq!([next(&notes), next(&notes)], [number; 2]);
            waiting.push((call, invoked));
            if number % 3 == 2 {
                let (call, invoked) = waiting.remove(0);
                give_back(invoked, &(100 + number));
                assert_eq!(call.answer::<u64>(), 100 + number);
            }
        }
        for (number, (call, invoked)) in waiting.into_iter().enumerate().rev() {
            give_back(invoked, &(number as u64));
            assert_eq!(call.answer::<u64>(), number as u64);
        }
        running.finish();
    }
}

/// What one worker has taken for itself, and has not begun, is for whoever takes its seat.
#[test]
fn jobs_behind_one_that_waits_are_begun_in_their_order() {
    let (gate, pass) = gate();
    let (notes, engine) = notes();
    let also = pass.clone();
    let engine =
        engine.call("gate", move |_, (): ()| pass()).call("ask", move |_, (function, number): (Function, u64)| {
            also();
            function.call(number).unwrap()
        });
    let running = start(Settings { queue_capacity: 20, ..USUAL }, engine);
    let first = running.call("gate", &());
    next(&gate.arrived);
    // All of these are taken at once.
    let asked = running.ask("ask", 1);
    (0..5_u64).for_each(|number| running.cast("note", &number));
    gate.passes.send(()).unwrap();
    first.answer::<()>();
    next(&gate.arrived);
    // And these come later.
    (5..9_u64).for_each(|number| running.cast("note", &number));
    gate.passes.send(()).unwrap();
    let invoked = running.invoked();
    for number in 0..9_u64 {
        assert_eq!(next(&notes), number);
    }
    give_back(invoked, &2_u64);
    assert_eq!(asked.answer::<u64>(), 2);
    running.finish();
}

/// Those that have come back work beside those that took their seats; no further job begins before a seat is free.
#[test]
fn no_more_than_the_workers_begin_jobs() {
    let (gate, pass) = gate();
    let inside = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (counted, highest) = (inside.clone(), most.clone());
    let engine = asking().call("gate", move |_, (): ()| {
        highest.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        pass();
        counted.fetch_sub(1, Ordering::SeqCst);
    });
    let running = start(Settings { workers: 2, queue_capacity: 20, ..USUAL }, engine);
    // Four threads more.
    let asked: Vec<_> = (0..4).map(|number| (running.ask("ask", number), running.invoked())).collect();
    for (call, invoked) in asked {
        give_back(invoked, &1_u64);
        assert_eq!(call.answer::<u64>(), 1);
    }
    let calls: Vec<_> = (0..6).map(|_| running.call("gate", &())).collect();
    (0..6).for_each(|_| gate.passes.send(()).unwrap());
    calls.into_iter().for_each(Sent::answer::<()>);
    assert!(most.load(Ordering::SeqCst) <= 2);
    running.finish();
}

/// One that came back, and does not end, and one that has its seat, which does not end either, while a third waits for it.
#[test]
fn shutdown_leaves_behind_what_came_back_and_what_took_its_seat() {
    let (gate, pass) = gate();
    let (notes, engine) = notes();
    let engine = engine.call("ask", move |_, (function, number): (Function, u64)| {
        function.call(number).unwrap();
        pass();
    });
    let limit = Duration::from_millis(100);
    let running = start(Settings { shutdown_limit: limit, queue_capacity: 20, ..USUAL }, engine);
    let asked = [1, 2].map(|number| (running.ask("ask", number), running.invoked()));
    let calls = asked.map(|(call, invoked)| {
        give_back(invoked, &1_u64);
        next(&gate.arrived);
        call
    });
    let (note, cast) = (running.call("note", &1_u64), running.slot(Kind::Cast, "note", &2_u64, None));
    assert_eq!(runtime::submit(running.epoch, &cast, None), Ok(Place::Admitted));
    drop(cast);
    assert_eq!(running.stop(), 2);
    assert_eq!(note.failure(), Failure::ShuttingDown);
    for call in calls {
        assert_eq!(call.failure(), Failure::ShuttingDown);
        gate.passes.send(()).unwrap();
    }
    none(&notes);
    assert_eq!(running.notices(), [Failure::CastDropped { method: "note".into() }]);
    running.was_stopped();
}

/// As many threads as there may be wait. Whoever would be one more is told, and does not wait.
#[test]
fn there_is_an_end_to_hiring() {
    const MOST: u64 = 2048;

    let (tell, told) = unbounded();
    let engine = Engine::new()
        .call("ask", move |_, (function, number): (Function, u64)| tell.send(function.call(number)).unwrap());
    let running = start(Settings { queue_capacity: 2 * MOST, ..USUAL }, engine);
    let calls: Vec<_> = (0..MOST).map(|number| running.ask("ask", number)).collect();
    let invoked: Vec<_> = (1..MOST).map(|_| running.invoked()).collect();
    let count = MOST as usize;
    // Haskell does not hear of it.
    assert_eq!(next(&told), Err(CallbackError::TooMany { count }));
    // The one that was refused still works.
    let one_more = running.ask("ask", MOST);
    assert_eq!(next(&told), Err(CallbackError::TooMany { count }));
    one_more.answer::<()>();
    for call in invoked {
        give_back(call, &1_u64);
    }
    calls.into_iter().for_each(Sent::answer::<()>);
    assert_eq!(told.drain().collect::<Vec<_>>(), vec![Ok(1); count - 1]);
    running.finish();
}
