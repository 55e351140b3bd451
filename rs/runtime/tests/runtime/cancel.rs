//! Callers that go away, and deadlines that come.

use crate::harness::*;

#[test]
fn a_cancelled_call_that_has_not_begun_is_skipped() {
    let (gate, pass) = gate();
    let (notes, engine) = notes();
    let running = start(USUAL, engine.call("gate", move |_, (): ()| pass()));
    let held = running.call("gate", &());
    next(&gate.arrived);
    let queued: Vec<_> = (0..6u64).map(|number| running.call("note", &number)).collect();
    assert_eq!(queued[3].place, Place::Admitted);
    assert_eq!(queued[4].place, Place::Line);
    let (cancelled, kept): (Vec<_>, Vec<_>) = queued.into_iter().zip(0..6).partition(|(_, number)| number % 2 == 0);
    for (call, _) in cancelled {
        assert_eq!(GHC.fate(call.release()), Fate::Freed);
    }
    gate.passes.send(()).unwrap();
    held.answer::<()>();
    for (call, _) in kept {
        call.answer::<()>();
    }
    // 5 was in the line, and moved up.
    assert_eq!(notes.drain().collect::<Vec<_>>(), [1, 3, 5]);
}

#[test]
fn a_running_handler_sees_the_release() {
    let (told, engine) = patient();
    let running = start(USUAL, engine);
    let call = running.call("watch", &());
    assert_eq!(next(&told), "began");
    assert_eq!(GHC.fate(call.release()), Fate::Freed);
    assert_eq!(next(&told), "cancelled");
}

#[test]
fn a_running_handler_sees_the_deadline() {
    let (told, engine) = patient();
    let running = start(USUAL, engine);
    let call = running.send(Kind::Call, "watch", &(), Some(Duration::from_millis(30)));
    assert_eq!(call.wait(), Outcome::TimedOut);
    assert_eq!(next(&told), "began");
    assert_eq!(next(&told), "cancelled");
}

#[test]
fn a_running_cast_is_cancelled_by_shutdown_alone() {
    let (told, engine) = patient();
    let running = start(USUAL, engine);
    running.cast("watch", &());
    assert_eq!(next(&told), "began");
    none(&told);
    assert_eq!(running.stop(), 0);
    assert_eq!(next(&told), "cancelled");
}

#[test]
fn a_handler_knows_its_deadline() {
    let engine = Engine::new().call("left", |context, (): ()| {
        assert_eq!(context.deadline().is_some(), context.time_left().is_some());
        context.time_left().map(|left| u64::try_from(left.as_micros()).unwrap())
    });
    let running = start(USUAL, engine);
    let left = running.send(Kind::Call, "left", &(), Some(LONG)).answer::<Option<u64>>().unwrap();
    assert!(left > 0 && u128::from(left) <= LONG.as_micros(), "{left}");
    assert_eq!(running.call("left", &()).answer::<Option<u64>>(), None);
}

#[test]
fn a_deadline_comes_in_the_line_and_in_the_queue() {
    let (gate, pass) = gate();
    let (notes, engine) = notes();
    let running = start(Settings { queue_capacity: 1, ..USUAL }, engine.call("gate", move |_, (): ()| pass()));
    let held = running.call("gate", &());
    next(&gate.arrived);
    let queued = running.send(Kind::Call, "note", &1u64, Some(Duration::from_millis(40)));
    // Sooner than the one that the dispatch thread sleeps for.
    let in_line = running.send(Kind::Call, "note", &2u64, Some(Duration::from_millis(20)));
    let patient = running.call("note", &3u64);
    assert_eq!([queued.place, in_line.place, patient.place], [Place::Admitted, Place::Line, Place::Line]);
    assert_eq!(in_line.wait(), Outcome::TimedOut);
    assert_eq!(queued.wait(), Outcome::TimedOut);
    assert_eq!(runtime::depths().calls_waiting, 1);
    gate.passes.send(()).unwrap();
    held.answer::<()>();
    patient.answer::<()>();
    assert_eq!(notes.drain().collect::<Vec<_>>(), [3]);
}

#[test]
fn deadlines_come_soonest_first() {
    let (gate, pass) = gate();
    let running = start(Settings { queue_capacity: 100, ..USUAL }, Engine::new().call("gate", move |_, (): ()| pass()));
    let held = running.call("gate", &());
    next(&gate.arrived);
    let began = Instant::now();
    // Set latest first, so that each is sooner than all before it.
    let calls: Vec<_> = (1..=20)
        .rev()
        .map(|n| (5 * n, running.send(Kind::Call, "gate", &(), Some(Duration::from_millis(5 * n)))))
        .collect();
    for (timeout, call) in calls.into_iter().rev() {
        assert_eq!(call.wait(), Outcome::TimedOut);
        assert!(began.elapsed() >= Duration::from_millis(timeout));
    }
    gate.passes.send(()).unwrap();
    held.answer::<()>();
    assert!(gate.arrived.is_empty());
}
