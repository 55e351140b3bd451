//! Events, from their producer to their subscriber.

use crate::harness::*;
use crate::haskell::*;
use rs_in_hs_runtime::channel::Overflow;
use rs_in_hs_runtime::object::Object;
use rs_in_hs_runtime::stream::{Events, SendError};
use rs_in_hs_runtime::wire::WireError;

/// A runtime with a stream whose events the test sends.
fn pushed(settings: Settings, capacity: u64, overflow: Overflow) -> (Running, Reader, Events<u64>) {
    let (method, given, engine) = handed();
    let running = start(settings, engine);
    let reader = running.subscribe(method, capacity, overflow);
    (running, reader, taken(&given))
}

#[test]
fn events_come_in_order_and_then_the_end() {
    let (running, reader, events) = pushed(USUAL, 4, Overflow::Wait);
    let Read::Wait(waiter) = reader.look::<u64>() else { panic!("there is one") };
    for event in 0..3_u64 {
        events.send(event).unwrap();
    }
    GHC.wait(waiter);
    drop(events);
    for event in 0..3_u64 {
        assert_eq!(reader.look(), Read::Event(event));
    }
    for _ in 0..2 {
        assert_eq!(reader.look::<u64>(), Read::End);
    }
    reader.close();
    assert_eq!(reader.look::<u64>(), Read::Closed);
    running.finish();
}

#[test]
fn whoever_waits_is_woken_by_an_event_the_end_or_its_leaving() {
    for end in 0..3 {
        let (running, reader, events) = pushed(USUAL, 1, Overflow::Wait);
        let Read::Wait(waiter) = reader.look::<u64>() else { panic!("there is one") };
        match end {
            0 => events.send(1).unwrap(),
            1 => events.clone().fail("on purpose"),
            _ => reader.close(),
        }
        assert_eq!(GHC.fate(waiter), Fate::Put);
        let expected = [Read::Event(1), Read::Failed(failed_with("on purpose")), Read::Closed];
        assert_eq!(reader.look::<u64>(), expected[end]);
        drop(events);
        running.finish();
    }
}

fn failed_with(message: &str) -> Failure {
    Failure::StreamFailed { message: message.into() }
}

/// Whoever is first takes it, and the others wait again. One that goes away may have been woken for what it did not take, so
/// all look then, too.
#[test]
fn all_who_wait_are_woken() {
    let (running, reader, events) = pushed(USUAL, 1, Overflow::Wait);
    let waiters = [(); 2].map(|()| match reader.look::<u64>() {
        Read::Wait(waiter) => waiter,
        other => panic!("{other:?}"),
    });
    assert_eq!(waiters.map(|waiter| GHC.fate(waiter)), [Fate::Alive, Fate::Alive]);
    events.send(1).unwrap();
    assert_eq!(waiters.map(|waiter| GHC.fate(waiter)), [Fate::Put, Fate::Put]);
    assert_eq!(reader.look(), Read::Event(1_u64));
    let Read::Wait(waiter) = reader.look::<u64>() else { panic!("there is one") };
    rs_in_hs_runtime::reference::stream(reader.id).unwrap().forget_reader();
    assert_eq!(GHC.fate(waiter), Fate::Put);
    events.send(2).unwrap();
    assert_eq!(reader.look(), Read::Event(2_u64));
    drop(events);
    running.finish();
}

#[test]
fn without_room_it_is_as_the_subscriber_has_chosen() {
    let cases = [
        (Overflow::Wait, Err(SendError::Full), vec![0_u64, 1], 0),
        (Overflow::DropOldest, Ok(()), vec![2, 3], 2),
        (Overflow::DropNewest, Ok(()), vec![0, 1], 2),
        (Overflow::Fail, Err(SendError::Closed), vec![0, 1], 0),
    ];
    for (overflow, sent, expected, dropped) in cases {
        let (running, reader, events) = pushed(USUAL, 2, overflow);
        let total = COUNTERS.events_dropped.get();
        assert_eq!([0, 1, 2, 3].map(|event| events.try_send(event)), [Ok(()), Ok(()), sent.clone(), sent]);
        assert_eq!((reader.dropped(), COUNTERS.events_dropped.get()), (dropped, total + dropped));
        for event in expected {
            assert_eq!(reader.look(), Read::Event(event));
        }
        match overflow {
            Overflow::Fail => {
                assert_eq!(reader.look::<u64>(), Read::Failed(Failure::Overflowed { capacity: 2 }));
                assert_eq!(reader.look::<u64>(), Read::End);
                // It does not begin anew, though there is room.
                assert_eq!(events.send(4), Err(SendError::Closed));
            }
            _ => assert!(matches!(reader.look::<u64>(), Read::Wait(_))),
        }
        drop(events);
        running.finish();
    }
}

/// On the only worker a producer waits; others are served meanwhile, and it goes on with each event that is read.
#[test]
fn a_producer_that_waits_for_room_holds_up_nobody() {
    let (method, given, engine) = handed::<u64>();
    let (notes, also) = notes();
    let (tell, told) = unbounded();
    let kept = Arc::new(Mutex::new(None::<Events<u64>>));
    let pusher = kept.clone();
    let engine = engine.merge(also).call("push", move |_, count: u64| {
        let events = pusher.lock().unwrap().clone().unwrap();
        (0..count).for_each(|event| tell.send(events.send(event)).unwrap());
    });
    let running = start(USUAL, engine);
    let reader = running.subscribe(method, 1, Overflow::Wait);
    *kept.lock().unwrap() = Some(taken(&given));
    let push = running.call("push", &4_u64);
    for event in 0..4_u64 {
        assert_eq!(next(&told), Ok(()));
        running.call("note", &event).answer::<()>();
        assert_eq!(next(&notes), event);
        if event < 3 {
            none(&told);
        }
        assert_eq!(reader.next(), Read::Event(event));
    }
    push.answer::<()>();
    // And with one that leaves.
    let push = running.call("push", &3_u64);
    assert_eq!(next(&told), Ok(()));
    reader.close();
    assert_eq!([next(&told), next(&told)], [(); 2].map(|()| Err(SendError::Closed)));
    push.answer::<()>();
    kept.lock().unwrap().take();
    running.finish();
}

/// Nobody listens before it has returned: to wait would be in vain.
#[test]
fn a_method_that_sends_more_than_there_is_room_for_is_told() {
    let (tell, told) = unbounded();
    let (method, engine) = streaming("eager", move |_, events: Events<u64>| {
        let sent = [1, 2, 3].map(|event| events.send(event));
        tell.send(sent).unwrap();
    });
    let running = start(USUAL, engine);
    let reader = running.subscribe(method, 2, Overflow::Wait);
    assert_eq!(next(&told), [Ok(()), Ok(()), Err(SendError::Full)]);
    assert_eq!([reader.next(), reader.next(), reader.next()], [Read::Event(1_u64), Read::Event(2), Read::End]);
    running.finish();
}

#[test]
fn a_failure_comes_after_what_was_sent() {
    let (running, reader, events) = pushed(USUAL, 4, Overflow::Wait);
    events.send(1).unwrap();
    let clone = events.clone();
    events.fail("no more");
    assert_eq!(clone.send(2), Err(SendError::Closed));
    // The first end is the one.
    clone.fail("again");
    assert_eq!(reader.look(), Read::Event(1_u64));
    assert_eq!(reader.look::<u64>(), Read::Failed(failed_with("no more")));
    assert_eq!(reader.look::<u64>(), Read::End);
    running.finish();
}

#[test]
fn a_panic_of_its_producer_ends_a_stream() {
    let (running, reader, events) = pushed(USUAL, 4, Overflow::Wait);
    let kept = events.clone();
    let panics = COUNTERS.panics.get();
    let producer = thread::spawn(move || {
        let _clone = events.clone();
        events.send(1).unwrap();
        panic!("on purpose");
    });
    assert!(producer.join().is_err());
    assert_eq!(COUNTERS.panics.get(), panics + 1);
    assert_eq!(reader.look(), Read::Event(1_u64));
    let Read::Failed(Failure::Panicked { method, place, message }) = reader.look::<u64>() else { panic!("another") };
    assert_eq!((&*method, &*message), ("handed", "on purpose"));
    assert!(place.contains("stream.rs:"), "{place}");
    assert_eq!(kept.send(2), Err(SendError::Closed));
    drop(kept);
    running.finish();
}

/// The method fails after it has given its events away: whoever has them learns that nobody will ever listen.
#[test]
fn a_stream_whose_method_panics_has_no_subscriber() {
    let (give, given) = unbounded();
    let (method, engine) = streaming("torn", move |_, events: Events<u64>| {
        give.send(events.clone()).unwrap();
        panic!("on purpose");
    });
    let running = start(USUAL, engine);
    let panics = COUNTERS.panics.get();
    let failure = running.request_stream(method, 1, Overflow::Wait as u8).failure();
    assert!(matches!(failure, Failure::Panicked { .. }), "{failure:?}");
    assert_eq!(COUNTERS.panics.get(), panics + 1);
    let events = taken(&given);
    let (hook, ran) = unbounded();
    events.on_close(move || hook.send(()).unwrap());
    assert!(events.is_closed());
    next(&ran);
    assert_eq!(events.send(1), Err(SendError::Closed));
    drop(events);
    running.finish();
}

/// The answer finds no caller, or one that lets go of it unread.
#[test]
fn a_subscriber_that_never_comes_has_left() {
    let (gate, pass) = gate();
    let (give, given) = unbounded();
    let (method, engine) = streaming("slow", move |_, events: Events<u64>| {
        pass();
        give.send(events).unwrap();
    });
    let running = start(USUAL, engine);
    for is_late in [false, true] {
        let call = running.request_stream(method, 1, Overflow::Wait as u8);
        next(&gate.arrived);
        if is_late {
            gate.passes.send(()).unwrap();
            GHC.wait(call.waiter);
            call.release();
        } else {
            call.release();
            gate.passes.send(()).unwrap();
        }
        let events = taken(&given);
        until(|| events.is_closed());
        assert_eq!(events.send(1), Err(SendError::Closed));
    }
    running.finish();
}

#[test]
fn hooks_run_once_when_the_subscriber_has_left() {
    let (running, reader, events) = pushed(USUAL, 4, Overflow::Wait);
    let (tell, told) = unbounded();
    let hook = |name: &'static str| {
        let (tell, kept) = (tell.clone(), events.clone());
        move || {
            // They may use the stream that they are of.
            assert_eq!(kept.send(1), Err(SendError::Closed));
            tell.send((name, thread::current().id())).unwrap();
        }
    };
    events.on_close(hook("first"));
    events.on_close(|| panic!("on purpose"));
    events.on_close(hook("second"));
    let panics = COUNTERS.panics.get();
    none(&told);
    reader.close();
    let (first, second) = (next(&told), next(&told));
    assert_eq!((first.0, second.0), ("first", "second"));
    assert!(first.1 == second.1 && first.1 != thread::current().id());
    assert_eq!(COUNTERS.panics.get(), panics + 1);
    events.on_close(hook("late"));
    assert_eq!(told.try_recv(), Ok(("late", thread::current().id())));
    none(&told);
    drop(events);
    running.finish();
}

#[test]
fn what_is_fed_ends_fails_or_is_left() {
    let (method, engine) = streaming("count", |_, events: Events<u64>| events.feed(0..3));
    let (endless, more) = streaming("endless", |_, events: Events<u64>| events.feed(0..));
    let (bulky, most) = streaming("bulky", |_, events: Events<Vec<u8>>| {
        events.feed([10, 5000, 10].into_iter().map(|size| vec![0; size]));
    });
    let (torn, panics) = streaming("torn", |_, events: Events<u64>| {
        events.feed((0..).map(|event| if event < 2 { event } else { panic!("on purpose") }));
    });
    let running = start(USUAL, engine.merge(more).merge(most).merge(panics));
    let reader = running.subscribe(method, 1, Overflow::Wait);
    let all: [Read<u64>; 4] = std::array::from_fn(|_| reader.next());
    assert_eq!(all, [Read::Event(0), Read::Event(1), Read::Event(2), Read::End]);

    let reader = running.subscribe(endless, 1, Overflow::Wait);
    assert_eq!([reader.next(), reader.next()], [Read::Event(0_u64), Read::Event(1)]);
    reader.close();

    // It does not end as if there were no more.
    let reader = running.subscribe(bulky, 1, Overflow::Wait);
    assert_eq!(reader.next(), Read::Event(vec![0_u8; 10]));
    let Read::Failed(Failure::StreamFailed { message }) = reader.next::<u64>() else { panic!("another") };
    assert!(message.contains("5008 bytes are over the limit of 4096"), "{message}");

    let panics = COUNTERS.panics.get();
    let reader = running.subscribe(torn, 1, Overflow::Wait);
    assert_eq!([reader.next(), reader.next()], [Read::Event(0_u64), Read::Event(1)]);
    let Read::Failed(Failure::Panicked { message, .. }) = reader.next::<u64>() else { panic!("another") };
    assert_eq!(message, "on purpose");
    until(|| COUNTERS.panics.get() == panics + 1);
    running.finish();
}

/// Producers and subscribers that wait, and a method that sends before it has answered.
#[test]
fn shutdown_ends_all_that_wait() {
    let (gate, pass) = gate();
    let (method, given, engine) = handed::<u64>();
    let (tell, told) = unbounded();
    let (slow, also) = streaming("slow", move |_, events: Events<u64>| {
        let also = events.clone();
        events.send(1).unwrap();
        let tell = tell.clone();
        thread::spawn(move || tell.send(also.send(2)).unwrap());
        pass();
    });
    let mut running = start(Settings { workers: 2, ..USUAL }, engine.merge(also));
    let reader = running.subscribe(method, 1, Overflow::Wait);
    let Read::Wait(waiter) = reader.look::<u64>() else { panic!("there is one") };
    let waits = taken(&given);
    let full = running.subscribe(method, 1, Overflow::Wait);
    let blocked = taken(&given);
    blocked.send(1).unwrap();
    let producer = {
        let blocked = blocked.clone();
        thread::spawn(move || blocked.send(2))
    };
    let late = running.request_stream(slow, 1, Overflow::Wait as u8);
    next(&gate.arrived);
    let epoch = running.epoch;
    let stopping = thread::spawn(move || runtime::stop(epoch, || {}).unwrap());
    assert_eq!(producer.join().unwrap(), Err(SendError::Closed));
    assert_eq!(next(&told), Err(SendError::Closed));
    GHC.wait(waiter);
    gate.passes.send(()).unwrap();
    assert_eq!(stopping.join().unwrap(), 0);
    // It was told that there is a stream, or that there is none any more.
    late.release();
    assert_eq!((reader.look::<u64>(), full.look::<u64>()), (Read::Closed, Read::Closed));
    assert_eq!(waits.send(1), Err(SendError::Closed));
    // What an engine keeps of a run that is over does no harm in the next.
    running.restart(USUAL, Engine::new());
    assert!(waits.is_closed() && blocked.is_closed());
    assert_eq!(blocked.send(1), Err(SendError::Closed));
    assert_eq!(COUNTERS.subscriptions.get(), 2);
    drop((waits, blocked));
    running.finish();
}

/// It is not left behind, though nobody reads.
#[test]
fn shutdown_ends_a_handler_that_waits_for_room() {
    let (method, given, engine) = handed::<u64>();
    let (tell, told) = unbounded();
    let kept = Arc::new(Mutex::new(None::<Events<u64>>));
    let pusher = kept.clone();
    let engine = engine.call("push", move |_, (): ()| {
        let events = pusher.lock().unwrap().take().unwrap();
        [1, 2].into_iter().for_each(|event| tell.send(events.send(event)).unwrap());
    });
    let running = start(USUAL, engine);
    let reader = running.subscribe(method, 1, Overflow::Wait);
    *kept.lock().unwrap() = Some(taken(&given));
    let push = running.call("push", &());
    assert_eq!(next(&told), Ok(()));
    assert_eq!(running.stop(), 0);
    assert_eq!(next(&told), Err(SendError::Closed));
    push.answer::<()>();
    drop(reader);
    running.was_stopped();
}

#[test]
fn options_that_nobody_offers_are_refused() {
    let (method, given, engine) = handed::<u64>();
    let running = start(USUAL, engine);
    for (capacity, overflow) in [(0, 0), ((1 << 20) + 1, 0), (u64::MAX, 0), (1, 4), (1, 255)] {
        let Failure::Undecodable { method, reason } = running.request_stream(method, capacity, overflow).failure()
        else {
            panic!("another failure");
        };
        assert_eq!(method, "handed");
        assert!(reason.starts_with("the stream's options: "), "{reason}");
    }
    assert!(given.is_empty());
    for (capacity, overflow) in [(1, 0), (1 << 20, 3)] {
        running.request_stream(method, capacity, overflow).answer_and_claim();
        drop(taken(&given));
    }
    running.finish();
}

#[test]
fn an_event_that_cannot_be_sent_leaves_the_others() {
    let (method, given, engine) = handed::<Vec<u8>>();
    let running = start(USUAL, engine);
    let reader = running.subscribe(method, 2, Overflow::Wait);
    let events = taken(&given);
    let error = SendError::Unencodable(WireError::TooLarge { size: 4097, limit: 4096 });
    assert_eq!([4088, 4089, 1].map(|size| events.send(vec![7; size])), [Ok(()), Err(error), Ok(())]);
    drop(events);
    let sizes: [Read<Vec<u8>>; 3] = std::array::from_fn(|_| reader.next());
    assert_eq!(sizes, [Read::Event(vec![7; 4088]), Read::Event(vec![7]), Read::End]);
    running.finish();
}

/// What events refer to is there for as long as they are, read or not.
#[test]
fn events_hold_what_they_refer_to() {
    let (method, given, engine) = handed::<Object<Thing>>();
    let running = start(USUAL, engine);
    let reader = running.subscribe(method, 2, Overflow::DropOldest);
    let events = taken(&given);
    let (tell, told) = unbounded();
    let send = |name: &str| events.send(Object::new(Thing { name: name.into(), dropped: tell.clone() })).unwrap();
    send("a");
    send("b");
    none(&told);
    send("c");
    assert_eq!(next(&told), "a");
    // Read, and let go of.
    assert!(matches!(reader.next(), Read::Event(1_u64..)));
    assert_eq!(next(&told), "b");
    none(&told);
    reader.close();
    assert_eq!(next(&told), "c");
    assert_eq!(events.send(Object::new(Thing { name: "d".into(), dropped: tell.clone() })), Err(SendError::Closed));
    assert_eq!(next(&told), "d");
    drop(events);
    running.finish();
}
