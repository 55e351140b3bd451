//! What order one worker keeps, and that several work at once.

use crate::harness::*;

#[test]
fn one_worker_handles_in_the_order_of_submission() {
    const COUNT: u64 = 10_000;
    let (notes, engine) = notes();
    let running = start(Settings { queue_capacity: COUNT, ..USUAL }, engine);
    let mut calls = Vec::new();
    for number in 0..COUNT {
        if number % 3 == 0 {
            calls.push(running.call("note", &number));
        } else {
            running.cast("note", &number);
        }
    }
    for call in calls {
        call.answer::<()>();
    }
    running.stop();
    assert!(notes.drain().eq(0..COUNT));
}

/// As Haskell threads do: a cast that finds no room, and each call, is waited for.
#[test]
fn one_worker_handles_in_order_through_a_full_queue() {
    const COUNT: u64 = 10_000;
    let (notes, engine) = notes();
    let running = start(USUAL, engine);
    for number in 0..COUNT {
        if number % 50 == 0 {
            running.call("note", &number).answer::<()>();
        } else {
            running.cast("note", &number);
        }
    }
    running.stop();
    assert!(notes.drain().eq(0..COUNT));
}

#[test]
fn several_workers_handle_at_the_same_time() {
    let (gate, pass) = gate();
    let running = start(Settings { workers: 3, ..USUAL }, Engine::new().call("gate", move |_, (): ()| pass()));
    let calls: Vec<_> = (0..3).map(|_| running.call("gate", &())).collect();
    for _ in 0..3 {
        next(&gate.arrived);
    }
    for _ in 0..3 {
        gate.passes.send(()).unwrap();
    }
    for call in calls {
        call.answer::<()>();
    }
}
