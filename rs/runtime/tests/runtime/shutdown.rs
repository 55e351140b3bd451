//! What stop answers, and what it leaves behind.

use crate::harness::*;

#[test]
fn a_graceful_stop_answers_all() {
    let (notes, engine) = notes();
    let (told, watching) = patient();
    let running = start(Settings { queue_capacity: 3, ..USUAL }, engine.merge(watching));
    let held = running.call("watch", &());
    assert_eq!(next(&told), "began");
    for number in 0..3u64 {
        running.cast("note", &number);
    }
    let calls: Vec<_> = (10..20u64).map(|number| running.call("note", &number)).collect();
    let waiting = running.send(Kind::Cast, "note", &4u64, None);
    assert_eq!(waiting.place, Place::Line);
    // The handler ends when it learns of the shutdown, and not before.
    assert_eq!(running.stop(), 0);
    assert_eq!(next(&told), "cancelled");
    held.answer::<()>();
    for call in calls {
        assert_eq!(call.failure(), Failure::ShuttingDown);
    }
    let mut handled = vec![0, 1, 2];
    match waiting.wait() {
        // The worker made room for it between the word of the shutdown and the end of the line.
        Outcome::Answer(_) => handled.push(4),
        other => assert_eq!(other, Failure::ShuttingDown.into()),
    }
    assert_eq!(notes.drain().collect::<Vec<_>>(), handled);
    assert_eq!(runtime::depths(), Depths::default());
}

#[test]
fn a_handler_that_never_ends_is_left_behind() {
    let limit = Duration::from_millis(100);
    let (gate, pass) = gate();
    let (ended, end) = unbounded();
    let (notes, engine) = notes();
    let engine = engine.call("gate", move |_, (): ()| {
        pass();
        ended.send(()).unwrap();
        7u64
    });
    let running = start(Settings { shutdown_limit: limit, ..USUAL }, engine);
    let held = running.call("gate", &());
    next(&gate.arrived);
    running.cast("note", &1u64);
    let began = Instant::now();
    assert_eq!(running.stop(), 1);
    let took = began.elapsed();
    assert!(took >= limit && took < limit + Duration::from_secs(1), "{took:?}");
    assert_eq!(held.failure(), Failure::ShuttingDown);
    assert_eq!(COUNTERS.stable_ptrs.get(), 0);
    // Its end comes late, and changes nothing.
    gate.passes.send(()).unwrap();
    next(&end);
    assert!(notes.is_empty());
}

#[test]
fn restarts_a_hundred_times() {
    let _alone = alone();
    let mut last = 0;
    for round in 0..100u64 {
        let state = Arc::new(());
        let kept = state.clone();
        let engine = Engine::new().call("round", move |_, (): ()| {
            let _ = &kept;
            round
        });
        let epoch = runtime::start(&USUAL.bytes(), || engine).unwrap();
        assert!(epoch > last);
        last = epoch;
        let slot = runtime::slot(Kind::Call, method_id("round"), None, vec![]);
        let (waiter, waker) = GHC.waker();
        runtime::submit(epoch, &slot, Some(waker)).unwrap();
        let answer: u64 = Sent { slot, waiter, place: Place::Admitted }.answer();
        assert_eq!(answer, round);
        assert_eq!(runtime::stop(epoch, || {}), Ok(0));
        // The engine is gone, and what it held.
        assert_eq!(Arc::strong_count(&state), 1);
    }
}

#[test]
fn an_epoch_that_is_over_is_not_running() {
    let running = start(USUAL, Engine::new());
    let epoch = running.epoch;
    assert!(matches!(runtime::start(&USUAL.bytes(), Engine::new), Err(StartError::AlreadyRunning)));
    assert_eq!(runtime::limit(epoch), Ok(4096));
    assert_eq!(runtime::limit(epoch + 1), Err(NotRunning));
    assert_eq!(runtime::stop(epoch + 1, || {}), Err(NotRunning));
    running.stop();
    let slot = runtime::slot(Kind::Call, 1, None, vec![]);
    let (waiter, waker) = GHC.waker();
    assert_eq!(runtime::submit(epoch, &slot, Some(waker)), Err(SubmitError::NotRunning(NotRunning)));
    assert_eq!(GHC.fate(waiter), Fate::Freed);
    assert_eq!(runtime::stop(epoch, || {}), Err(NotRunning));
    assert!(matches!(runtime::next_notice(epoch, GHC.waker().1), Next::Closed));
}

#[test]
fn a_slot_is_submitted_once() {
    let running = start(USUAL, Engine::new().cast("any", |_, (): ()| {}));
    let slot = running.slot(Kind::Cast, "any", &(), None);
    assert_eq!(runtime::submit(running.epoch, &slot, None), Ok(Place::Admitted));
    assert_eq!(runtime::submit(running.epoch, &slot, None), Err(Refusal::Resubmitted.into()));
}

/// The news of a cast that is handled while the runtime shuts down is there after it. Many rounds: it is a matter of
/// which thread comes first.
#[test]
fn notices_of_the_shutdown_can_be_read_after_it() {
    for round in 0..100 {
        let engine = ["one", "two", "three"]
            .into_iter()
            .fold(Engine::new(), |engine, name| engine.cast(name, |_, (): ()| panic!("on purpose")));
        let running = start(USUAL, engine);
        for name in ["one", "two", "three"] {
            running.cast(name, &());
        }
        running.stop();
        for name in ["one", "two", "three"] {
            let Next::Notice(notice) = runtime::next_notice(running.epoch, GHC.waker().1) else {
                panic!("round {round}: no news of {name}");
            };
            assert_eq!(notice.method(), method_id(name));
        }
    }
}
