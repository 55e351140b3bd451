//! Calls that are answered later.

use crate::harness::*;

#[test]
fn a_token_answers_from_another_thread() {
    let (tokens, engine) = tokens();
    let running = start(USUAL, engine);
    let calls = [running.call("later", &()), running.call("later", &())];
    let (first, second) = (token(&tokens), token(&tokens));
    // In whatever order: the worker is free meanwhile.
    thread::spawn(move || second.answer(2)).join().unwrap();
    thread::spawn(move || first.answer(1)).join().unwrap();
    assert_eq!(calls.map(Sent::answer::<u64>), [1, 2]);
}

#[test]
fn a_dropped_token_answers() {
    let (tokens, engine) = tokens();
    let running = start(USUAL, engine);
    let call = running.call("later", &());
    drop(token(&tokens));
    assert_eq!(call.failure(), Failure::Abandoned { method: "later".into() });
}

#[test]
fn a_token_that_a_panic_drops_tells_of_the_panic() {
    let (tokens, engine) = tokens();
    let running = start(USUAL, engine);
    let call = running.call("later", &());
    let token = token(&tokens);
    let line = line!() + 3;
    let helper = thread::spawn(move || {
        let _token = token;
        panic!("the helper gives up");
    });
    assert!(helper.join().is_err());
    let Failure::Panicked { method, place, message } = call.failure() else { panic!("another failure") };
    assert_eq!((&*method, &*message), ("later", "the helper gives up"));
    assert!(place.starts_with(&format!("{}:{line}:", file!())), "{place}");
}

#[test]
fn a_token_may_outlive_its_caller_and_its_runtime() {
    let (tokens, engine) = tokens();
    let running = start(USUAL, engine);
    let cancelled = running.call("later", &());
    let gone = token(&tokens);
    assert!(!gone.context().is_cancelled());
    cancelled.release();
    assert!(gone.context().is_cancelled());
    gone.answer(1);

    let late = running.send(Kind::Call, "later", &(), Some(Duration::from_millis(20)));
    assert_eq!(late.wait(), Outcome::TimedOut);
    token(&tokens).answer(2);

    let held = running.call("later", &());
    let keeper = token(&tokens);
    // It is no running handler: shutdown answers its caller, and does not wait for it.
    assert_eq!(running.stop(), 0);
    assert_eq!(held.failure(), Failure::ShuttingDown);
    keeper.answer(3);
}
