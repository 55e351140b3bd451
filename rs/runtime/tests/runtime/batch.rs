//! Many requests in one message.

use crate::harness::*;
use std::sync::Barrier;

/// An engine whose call `halve` fails in every way for some numbers: it panics for odd ones.
fn halving() -> Engine {
    Engine::new()
        .call("halve", |_, number: u64| {
            assert!(number.is_multiple_of(2), "{number} is odd");
            number / 2
        })
        .call("zeros", |_, count: u64| vec![0_u8; count as usize])
}

#[test]
fn each_is_answered_or_fails_by_itself_in_order() {
    let running = start(USUAL, halving());
    let panics = COUNTERS.panics.get();
    let found = running.batch(Kind::Call, "halve", &[8_u64, 7, 6, 5, 4]).answers::<u64>();
    assert_eq!([&found[0], &found[2], &found[4]], [&Ok(4), &Ok(3), &Ok(2)]);
    for (at, number) in [(1, 7), (3, 5)] {
        let (code, payload) = found[at].clone().unwrap_err();
        assert_eq!(code, 14);
        let (method, place, message): (String, String, String) = wire::from_bytes(&payload).unwrap();
        assert_eq!((method, message), ("halve".into(), format!("{number} is odd")));
        assert!(place.contains("batch.rs:"), "{place}");
    }
    assert_eq!(found.len(), 5);
    assert_eq!(COUNTERS.panics.get() - panics, 2);
}

#[test]
fn what_cannot_be_decoded_or_is_too_large_fails_alone() {
    let running = start(USUAL, halving());
    let found = running.batch(Kind::Call, "halve", &[vec![1_u8; 1], vec![], vec![9; 9]]).answers::<u64>();
    // A vector of bytes is its length and they: 9, 8 and 17 bytes, of which only those of none are a number.
    assert_eq!(found[1], Ok(0));
    for at in [0, 2] {
        let (code, payload) = found[at].clone().unwrap_err();
        let (method, reason): (String, String) = wire::from_bytes(&payload).unwrap();
        assert_eq!((code, &*method), (15, "halve"));
        assert!(reason.contains("left over"), "{reason}");
    }
    let too_large = failed(Failure::AnswerTooLarge { method: "zeros".into(), size: 4097, limit: 4096 });
    let found = running.batch(Kind::Call, "zeros", &[1_u64, 4089, 4088]).answers::<Vec<u8>>();
    assert_eq!(found, [Ok(vec![0]), too_large, Ok(vec![0; 4088])]);
    // As large together as one may be: the rest is left.
    let found = running.batch(Kind::Call, "zeros", &[2000_u64, 4088, 1, 1]).answers::<Vec<u8>>();
    assert_eq!(found, [Ok(vec![0; 2000]), Ok(vec![0; 4088])]);
}

#[test]
fn an_answer_that_had_a_tail_is_whole() {
    let running = start(Settings { max_msg_len: 1 << 20, ..USUAL }, halving().merge(tokens_of_bytes().1));
    let found = running.batch(Kind::Call, "zeros", &[100_000_u64, 1]).answers::<Vec<u8>>();
    assert_eq!(found, [Ok(vec![0; 100_000]), Ok(vec![0])]);
    running.stop();
    drop(running);

    let (tokens, engine) = tokens_of_bytes();
    let running = start(Settings { max_msg_len: 1 << 20, ..USUAL }, engine);
    let batch = running.batch(Kind::Call, "bytes", &[(), ()]);
    for (byte, count) in [(1, 100_000), (2, 3)] {
        tokens.recv_timeout(LONG).unwrap().answer(vec![byte; count]);
    }
    assert_eq!(batch.answers::<Vec<u8>>(), [Ok(vec![1; 100_000]), Ok(vec![2; 3])]);
}

fn tokens_of_bytes() -> (Receiver<CallToken<Vec<u8>>>, Engine) {
    let (give, given) = unbounded();
    (given, Engine::new().call_later("bytes", move |token, (): ()| give.send(token).unwrap()))
}

#[test]
fn none_are_answered_by_nothing() {
    let (_tokens, engine) = tokens();
    let running = start(USUAL, halving().merge(engine).merge(notes().1));
    assert_eq!(running.batch::<u64>(Kind::Call, "halve", &[]).answers::<u64>(), []);
    assert_eq!(running.batch::<()>(Kind::Call, "later", &[]).answers::<u64>(), []);
    running.casts::<u64>("note", &[]);
    running.stop();
    assert_eq!(running.notices(), []);
}

#[test]
fn bytes_that_are_no_batch_fail_as_a_whole() {
    let (_tokens, engine) = tokens();
    let running = start(USUAL, halving().merge(engine).merge(notes().1));
    let messages = [vec![0; 7], vec![1, 0, 0, 0, 0, 0, 0, 0], vec![0xff; 8], vec![0; 17]];
    let count = messages.len();
    for message in messages {
        for name in ["halve", "later"] {
            let failure = running.batch_of_bytes(Kind::Call, name, message.clone()).failure();
            let Failure::Undecodable { method, reason } = failure else { panic!("{failure}") };
            assert_eq!((&*method, &*reason), (name, "it is no list of requests"));
        }
        let cast = running.batch_of_bytes(Kind::Cast, "note", message);
        if cast.place == Place::Line {
            GHC.wait(cast.waiter);
        }
        cast.release();
    }
    running.stop();
    let notices = running.notices();
    assert_eq!(notices.len(), count);
    assert!(notices.iter().all(|notice| matches!(notice, Failure::Undecodable { .. })), "{notices:?}");
}

/// The worker is then free for the next job.
#[test]
fn a_handler_that_answers_at_once_answers_a_batch() {
    let engine = Engine::new().call_later("same", |token: CallToken<u64>, number: u64| token.answer(number));
    let running = start(USUAL, engine);
    for count in 1..4 {
        let numbers: Vec<_> = (0..count).collect();
        let found = running.batch(Kind::Call, "same", &numbers).answers::<u64>();
        assert_eq!(found, numbers.into_iter().map(Ok).collect::<Vec<_>>());
    }
}

#[test]
fn tokens_answer_in_any_order() {
    let (tokens, engine) = tokens();
    let running = start(USUAL, engine);
    let batch = running.batch(Kind::Call, "later", &[(), (), ()]);
    let [first, second, third] = [token(&tokens), token(&tokens), token(&tokens)];
    // The worker is free meanwhile.
    let other = running.call("later", &());
    token(&tokens).answer(9);
    assert_eq!(other.answer::<u64>(), 9);
    thread::spawn(move || third.answer(3)).join().unwrap();
    drop(second);
    assert_eq!(GHC.fate(batch.waiter), Fate::Alive);
    first.answer(1);
    let abandoned = failed(Failure::Abandoned { method: "later".into() });
    assert_eq!(batch.answers::<u64>(), [Ok(1), abandoned, Ok(3)]);
}

/// Two threads bring the last two answers. In every order: `tests/loom.rs`.
#[test]
fn the_last_tokens_meet() {
    let (tokens, engine) = tokens();
    let running = start(USUAL, engine);
    for round in 0..200 {
        let batch = running.batch(Kind::Call, "later", &[(), ()]);
        let (one, other) = (token(&tokens), token(&tokens));
        let barrier = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                barrier.wait();
                one.answer(round);
            });
            barrier.wait();
            other.answer(round + 1);
        });
        assert_eq!(batch.answers::<u64>(), [Ok(round), Ok(round + 1)]);
    }
}

#[test]
fn a_handler_panics_with_its_token_without_it_or_after_the_answer() {
    let (give, given) = unbounded();
    let (tell, told) = unbounded();
    let engine = Engine::new().call_later("panic", move |token: CallToken<u64>, number: u64| match number {
        0 => panic!("with the token"),
        1 => {
            give.send(token).unwrap();
            panic!("without it")
        }
        _ => {
            tell.send(number).unwrap();
            token.answer(number);
            panic!("after the answer")
        }
    });
    let running = start(USUAL, engine);
    let batch = running.batch(Kind::Call, "panic", &[0_u64, 1, 2]);
    let kept = given.recv_timeout(LONG).unwrap();
    next(&told);
    kept.answer(7);
    let found = batch.answers::<u64>();
    let (code, payload) = found[0].clone().unwrap_err();
    let (_, _, message): (String, String, String) = wire::from_bytes(&payload).unwrap();
    assert_eq!((code, &*message), (14, "with the token"));
    assert_eq!(found[1..], [Ok(7), Ok(2)]);
    running.stop();
    // The call whose token was elsewhere has its panic told apart.
    let notices = running.notices();
    assert!(matches!(&notices[..], [Failure::Panicked { message, .. }] if message == "without it"), "{notices:?}");
}

#[test]
fn a_batch_is_cancelled_in_the_middle() {
    let (tell, told) = unbounded();
    let engine = Engine::new().call("watch", move |context, number: u64| {
        tell.send(number).unwrap();
        until(|| context.is_cancelled());
    });
    let (_notes, noting) = notes();
    let running = start(USUAL, engine.merge(noting));
    let cancellations = COUNTERS.cancellations.get();
    let batch = running.batch(Kind::Call, "watch", &[1_u64, 2, 3]);
    assert_eq!(next(&told), 1);
    assert_eq!(GHC.fate(batch.release()), Fate::Freed);
    // The worker has done with it once it serves another; the other two were not begun.
    running.call("note", &7_u64).answer::<()>();
    none(&told);
    assert_eq!(COUNTERS.cancellations.get() - cancellations, 1);
}

#[test]
fn a_batch_of_tokens_is_cancelled_in_the_middle() {
    let (give, given) = unbounded();
    let (gate, pass) = gate();
    let engine = Engine::new().call_later("later", move |token: CallToken<u64>, (): ()| {
        give.send(token).unwrap();
        pass();
    });
    let (_notes, noting) = notes();
    let running = start(USUAL, engine.merge(noting));
    let batch = running.batch(Kind::Call, "later", &[(), (), ()]);
    let kept = given.recv_timeout(LONG).unwrap();
    next(&gate.arrived);
    let slot = Arc::downgrade(&batch.slot);
    batch.release();
    assert!(kept.context().is_cancelled());
    gate.passes.send(()).unwrap();
    running.call("note", &7_u64).answer::<()>();
    assert!(given.is_empty());
    kept.answer(1);
    assert_eq!(slot.strong_count(), 0);
}

#[test]
fn shutdown_in_the_middle_answers_the_rest() {
    let (told, engine) = patient();
    let running = start(USUAL, engine);
    let batch = running.batch(Kind::Call, "watch", &[(), (), ()]);
    assert_eq!(next(&told), "began");
    assert_eq!(running.stop(), 0);
    let stopped = || failed::<()>(Failure::ShuttingDown);
    assert_eq!(batch.answers::<()>(), [Ok(()), stopped(), stopped()]);
}

#[test]
fn shutdown_in_the_middle_of_tokens_gives_no_more_of_them() {
    let (tell, told) = unbounded();
    let engine = Engine::new().call_later("watch", move |token: CallToken<u64>, number: u64| {
        tell.send(number).unwrap();
        until(|| token.context().is_cancelled());
        token.answer(number);
    });
    let running = start(USUAL, engine);
    let batch = running.batch(Kind::Call, "watch", &[1_u64, 2, 3]);
    assert_eq!(next(&told), 1);
    assert_eq!(running.stop(), 0);
    let stopped = || failed::<u64>(Failure::ShuttingDown);
    assert_eq!(batch.answers::<u64>(), [Ok(1), stopped(), stopped()]);
    none(&told);
}

#[test]
fn shutdown_answers_batches_whose_tokens_are_kept() {
    let (tokens, engine) = tokens();
    let running = start(USUAL, engine);
    let batch = running.batch(Kind::Call, "later", &[(), ()]);
    let (one, other) = (token(&tokens), token(&tokens));
    one.answer(1);
    assert_eq!(running.stop(), 0);
    assert_eq!(batch.failure(), Failure::ShuttingDown);
    other.answer(2);
}

#[test]
fn casts_are_handled_in_order_and_each_failure_is_told() {
    let (tell, told) = unbounded();
    let engine = Engine::new().cast("even", move |_, number: u64| {
        assert!(number.is_multiple_of(2), "{number} is odd");
        tell.send(number).unwrap();
    });
    let running = start(USUAL, engine);
    running.casts("even", &[0_u64, 1, 2, 3, 4]);
    running.casts("even", &[6_u64]);
    running.stop();
    assert_eq!(told.drain().collect::<Vec<_>>(), [0, 2, 4, 6]);
    let messages: Vec<_> = running
        .notices()
        .into_iter()
        .map(|notice| match notice {
            Failure::Panicked { message, .. } => message,
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(messages, ["1 is odd", "3 is odd"]);
}

#[test]
fn casts_that_shutdown_does_not_come_to_are_each_told() {
    let (gate, pass) = gate();
    let engine = notes().1.cast("gate", move |_, (): ()| pass());
    let running = start(Settings { queue_capacity: 10, shutdown_limit: Duration::from_millis(50), ..USUAL }, engine);
    let begun = running.batch(Kind::Cast, "gate", &[(), (), ()]);
    next(&gate.arrived);
    running.casts("note", &[1_u64, 2]);
    running.casts::<u64>("note", &[]);
    running.cast("note", &3_u64);
    begun.release();
    assert_eq!(running.stop(), 1);
    // Two that the handler in the middle kept from beginning, and three behind it; the empty batch held none.
    let of = |name: &str| Failure::CastDropped { method: name.into() };
    let mut notices = running.notices();
    notices.sort_by_key(ToString::to_string);
    assert_eq!(notices, [of("gate"), of("gate"), of("note"), of("note"), of("note")]);
    let dropped = COUNTERS.notices_dropped.get();
    // The handler ends late, and nothing of the batch is run or told any more.
    gate.passes.send(()).unwrap();
    until(|| COUNTERS.live_slots.get() == 0);
    none(&gate.arrived);
    assert_eq!(COUNTERS.notices_dropped.get(), dropped);
}

#[test]
fn casts_wait_for_room_as_one() {
    let (gate, pass) = gate();
    let (told, engine) = notes();
    let running = start(Settings { queue_capacity: 1, ..USUAL }, engine.call("gate", move |_, (): ()| pass()));
    let held = running.call("gate", &());
    next(&gate.arrived);
    running.casts("note", &[1_u64, 2, 3]);
    let waiting = running.batch(Kind::Cast, "note", &[4_u64, 5]);
    let taken_back = running.batch(Kind::Cast, "note", &[6_u64, 7]);
    assert_eq!([waiting.place, taken_back.place], [Place::Line, Place::Line]);
    assert_eq!(runtime::depths().casts_queued, 1);
    assert_eq!(GHC.fate(taken_back.release()), Fate::Freed);
    gate.passes.send(()).unwrap();
    held.answer::<()>();
    GHC.wait(waiting.waiter);
    waiting.release();
    running.stop();
    assert_eq!(told.drain().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}
