//! What becomes of objects and closures that Haskell holds.

use crate::harness::*;
use crate::haskell::*;
use rs_in_hs_runtime::carried::Hold;
use rs_in_hs_runtime::closure::Closure;
use rs_in_hs_runtime::direct::Returned;
use rs_in_hs_runtime::object::Object;
use rs_in_hs_runtime::reference::{self, Opaque};

/// An engine whose things tell when they are dropped.
fn things() -> (Receiver<String>, Engine) {
    let (tell, told) = unbounded();
    let make = move |name: String| Object::new(Thing { name, dropped: tell.clone() });
    let [open, several, later, slow] = [(); 4].map(|()| make.clone());
    let engine = Engine::new()
        .call("open", move |_, name: String| open(name))
        .call("several", move |_, count: u64| (0..count).map(|at| several(at.to_string())).collect::<Vec<_>>())
        .call_later("later", move |token: CallToken<Object<Thing>>, name: String| token.answer(later(name)))
        .call("name", |_, thing: Object<Thing>| thing.name.clone())
        .call("odd_only", move |_, (number, name): (u64, String)| {
            assert!(number % 2 == 1, "{number} is even");
            slow(name)
        });
    (told, engine)
}

fn open(running: &Running, name: &str) -> (u64, Hold) {
    running.call("open", &name.to_string()).answer_and_claim()
}

fn name_of(running: &Running, id: u64) -> Sent {
    running.send_with(Kind::Call, "name", &id, reference::hold(id).into_iter().collect(), None)
}

fn closed(method: &str) -> Failure {
    Failure::Closed { method: method.into() }
}

#[test]
fn an_object_is_there_for_as_long_as_somebody_holds_it() {
    let (told, engine) = things();
    let running = start(USUAL, engine);
    let call = running.call("open", &"a".to_string());
    GHC.wait(call.waiter);
    // The answer holds it.
    let id: u64 = call
        .slot
        .outcome(|outcome| match outcome {
            Outcome::Answer(answer) => wire::from_bytes(&answer.head).unwrap(),
            other => panic!("{other:?}"),
        })
        .unwrap();
    let [one, two] = [(); 2].map(|()| reference::hold(id).unwrap());
    call.release();
    assert_eq!(name_of(&running, id).answer::<String>(), "a");
    drop(one);
    assert_eq!(name_of(&running, id).answer::<String>(), "a");
    none(&told);
    drop(two);
    assert_eq!(next(&told), "a");
    assert_eq!(name_of(&running, id).failure(), closed("name"));
    assert!(reference::hold(id).is_none() && !reference::close(id));
    // A hold too few is nobody's.
    reference::release(id);
    running.finish();
}

/// The slot is released before anybody has read what is in it, or before there is an answer.
#[test]
fn lost_answers_hold_nothing() {
    let (told, engine) = things();
    let running = start(USUAL, engine);
    for name in ["open", "later"] {
        let call = running.call(name, &"unread".to_string());
        GHC.wait(call.waiter);
        none(&told);
        call.release();
        assert_eq!(next(&told), "unread");
    }
    let (gate, pass) = gate();
    let (_, more) = things();
    drop(running);
    let engine = more.call("gate", move |_, (): ()| pass());
    let running = start(USUAL, engine);
    let first = running.call("gate", &());
    next(&gate.arrived);
    let queued = running.call("open", &"never".to_string());
    let waiter = queued.release();
    gate.passes.send(()).unwrap();
    first.answer::<()>();
    assert_eq!(GHC.fate(waiter), Fate::Freed);
    running.finish();
}

#[test]
fn closing_is_for_all_holders_and_ends_no_use() {
    let (gate, pass) = gate();
    let (told, engine) = things();
    let engine = engine.call("use", move |_, thing: Object<Thing>| {
        pass();
        thing.name.clone()
    });
    let running = start(USUAL, engine);
    let (id, hold) = open(&running, "a");
    let used = running.send_with(Kind::Call, "use", &id, vec![reference::hold(id).unwrap()], None);
    next(&gate.arrived);
    assert!(reference::close(id));
    assert!(!reference::close(id));
    assert!(reference::hold(id).is_none());
    none(&told);
    gate.passes.send(()).unwrap();
    assert_eq!(used.answer::<String>(), "a");
    assert_eq!(next(&told), "a");
    // Finalizers come later, and find nothing.
    drop(hold);
    running.finish();
}

/// The message holds what it refers to until it was handled, though its sender has let go.
#[test]
fn requests_hold_what_they_refer_to() {
    let (gate, pass) = gate();
    let (told, engine) = things();
    let (tell, names) = unbounded();
    let engine = engine
        .call("gate", move |_, (): ()| pass())
        .cast("name", move |_, thing: Object<Thing>| tell.send(thing.name.clone()).unwrap());
    let running = start(USUAL, engine);
    let (id, hold) = open(&running, "a");
    let first = running.call("gate", &());
    next(&gate.arrived);
    running.send_with(Kind::Cast, "name", &id, vec![hold], None).release();
    none(&told);
    gate.passes.send(()).unwrap();
    first.answer::<()>();
    assert_eq!(next(&names), "a");
    assert_eq!(next(&told), "a");
    running.finish();
}

#[test]
fn answers_of_batches_and_tokens_hold_what_they_refer_to() {
    let (told, engine) = things();
    let running = start(USUAL, engine);
    let mut holds = Vec::new();
    let mut hold = |ids: &[u64]| holds.extend(ids.iter().map(|&id| reference::hold(id).unwrap()));
    for name in ["open", "later"] {
        let batch = running.batch(Kind::Call, name, &["a".to_string(), "b".to_string()]);
        GHC.wait(batch.waiter);
        hold(&ids_of(&batch).map(Option::unwrap));
        batch.release();
    }
    let (ids, several) = several(&running, 3);
    hold(&ids);
    drop(several);
    none(&told);
    drop(holds);
    let mut dropped: Vec<_> = (0..7).map(|_| next(&told)).collect();
    dropped.sort();
    assert_eq!(dropped, ["0", "1", "2", "a", "a", "b", "b"]);
    // Of a batch of which some fail, the others' are there.
    let batch = running.batch(Kind::Call, "odd_only", &[(2_u64, "even".to_string()), (3, "odd".to_string())]);
    GHC.wait(batch.waiter);
    let [None, Some(id)] = ids_of(&batch) else { panic!("another answer") };
    let hold = reference::hold(id).unwrap();
    batch.release();
    assert_eq!(name_of(&running, id).answer::<String>(), "odd");
    drop(hold);
    assert_eq!(next(&told), "odd");
    running.finish();
}

/// The references in the answers to a batch of two.
fn ids_of(batch: &Sent) -> [Option<u64>; 2] {
    let bytes = batch.slot.outcome(|outcome| match outcome {
        Outcome::Answers(bytes, _) => bytes.clone(),
        other => panic!("{other:?}"),
    });
    let bytes = bytes.unwrap();
    let mut at = &bytes[..];
    [(); 2].map(|()| {
        let (status, rest) = at.split_first().unwrap();
        let (len, rest) = rest.split_first_chunk().unwrap();
        let (answer, rest) = rest.split_at(u64::from_le_bytes(*len) as usize);
        at = rest;
        (*status == 0).then(|| wire::from_bytes(answer).unwrap())
    })
}

/// A direct call's answer with references, and its slot.
fn several(running: &Running, count: u64) -> (Vec<u64>, Arc<Slot>) {
    let request = wire::to_bytes(&count, 100).unwrap();
    match runtime::direct(running.epoch, method_id("several"), &request, 1000, false).unwrap().unwrap() {
        Returned::Slot(slot) => {
            let ids = slot.outcome(|outcome| match outcome {
                Outcome::Answer(answer) => wire::from_bytes(&answer.head).unwrap(),
                other => panic!("{other:?}"),
            });
            (ids.unwrap(), slot)
        }
        Returned::Answered(_) => panic!("an answer without a slot holds nothing"),
    }
}

#[test]
fn other_numbers_are_told_from_an_objects() {
    struct Other;
    impl Opaque for Other {
        const NAME: &'static str = "Other";
        const DOCS: &'static str = "";
        const PLACE: &'static str = "";
    }
    let (_, engine) = things();
    let (stream, given, streams) = handed::<u64>();
    let engine = engine
        .merge(streams)
        .call("other", |_, (): ()| Object::new(Other))
        .call("double", |_, (): ()| Closure::new(|number: u64| 2 * number));
    let running = start(USUAL, engine);
    let (other, kept) = running.call("other", &()).answer_and_claim();
    let (double, also) = running.call("double", &()).answer_and_claim();
    let reader = running.subscribe(stream, 1, rs_in_hs_runtime::channel::Overflow::Wait);
    let function = running.offer();
    for id in [other, double, reader.id, function.id()] {
        let Failure::Undecodable { method, reason } = name_of(&running, id).failure() else { panic!("another") };
        assert_eq!(method, "name");
        assert!(reason.contains("at byte 0: not Thing"), "{reason}");
        assert_eq!(reference::stream(id).is_some(), id == reader.id);
        let applied = running.call("rs-in-hs.apply", &(id, 4_u64));
        match id == double {
            true => assert_eq!(applied.answer::<u64>(), 8),
            false => assert!(matches!(applied.failure(), Failure::Undecodable { .. })),
        }
    }
    for id in [0, u64::MAX, function.id() + 1000] {
        assert_eq!(name_of(&running, id).failure(), closed("name"));
        assert_eq!(running.call("rs-in-hs.apply", &(id, 4_u64)).failure(), closed("rs-in-hs.apply"));
    }
    assert!(matches!(running.call("rs-in-hs.apply", &7_u8).failure(), Failure::Undecodable { .. }));
    drop((kept, also, function, taken(&given)));
    running.finish();
}

#[test]
fn numbers_of_a_run_that_is_over_stay_closed() {
    let (told, engine) = things();
    let mut running = start(USUAL, engine);
    let (old, hold) = open(&running, "old");
    let unsent = running.slot(Kind::Call, "name", &old, None);
    unsent.carry(reference::hold(old).unwrap());
    let (also_told, engine) = things();
    running.restart(USUAL, engine);
    assert_eq!(next(&told), "old");
    let (new, kept) = open(&running, "new");
    assert!(new > old);
    for id in [old, old] {
        assert_eq!(name_of(&running, id).failure(), closed("name"));
    }
    // A message of that run, which holds what is gone, to this one.
    let (waiter, waker) = GHC.waker();
    runtime::submit(running.epoch, &unsent, Some(waker)).unwrap();
    assert_eq!(Sent { slot: unsent, waiter, place: Place::Admitted }.failure(), closed("name"));
    drop(hold);
    assert_eq!(name_of(&running, new).answer::<String>(), "new");
    drop(kept);
    assert_eq!(next(&also_told), "new");
    running.finish();
}

#[test]
fn closures_run_where_methods_do_and_are_dropped_once() {
    let (gate, pass) = gate();
    let (tell, told) = unbounded();
    let engine = Engine::new()
        .call("adder", move |_, summand: u64| {
            let thing = Thing { name: summand.to_string(), dropped: tell.clone() };
            Closure::new(move |number: u64| {
                let _ = &thing;
                number.checked_add(summand).expect("no overflow")
            })
        })
        .call("waiter", move |_, (): ()| {
            let pass = pass.clone();
            Closure::with_context(move |context: &Context, (): ()| {
                pass();
                context.is_cancelled()
            })
        });
    let running = start(USUAL, engine);
    let (id, hold) = running.call("adder", &5_u64).answer_and_claim();
    let apply = |id: u64, number: u64| running.call("rs-in-hs.apply", &(id, number));
    assert_eq!(apply(id, 7).answer::<u64>(), 12);
    let Failure::Panicked { method, message, .. } = apply(id, u64::MAX).failure() else { panic!("another") };
    assert_eq!((&*method, &*message), ("rs-in-hs.apply", "no overflow"));
    let failure = running.call("rs-in-hs.apply", &(id, 1_u8)).failure();
    assert!(matches!(failure, Failure::Undecodable { .. }), "{failure:?}");
    assert_eq!(apply(id, 8).answer::<u64>(), 13);
    none(&told);
    drop(hold);
    assert_eq!(next(&told), "5");
    assert_eq!(apply(id, 7).failure(), closed("rs-in-hs.apply"));

    // One that is closed while it runs, for a caller that has gone.
    let (id, hold) = running.call("waiter", &()).answer_and_claim();
    let call = running.call("rs-in-hs.apply", &id);
    next(&gate.arrived);
    assert!(reference::close(id));
    until(|| COUNTERS.closures.get() == 1);
    call.release();
    gate.passes.send(()).unwrap();
    drop(hold);
    running.finish();
}

/// Something whose destructor does what it is told.
struct Odd(Option<Box<dyn FnOnce() + Send + Sync>>);

impl Opaque for Odd {
    const NAME: &'static str = "Odd";
    const DOCS: &'static str = "";
    const PLACE: &'static str = "";
}

impl Drop for Odd {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end();
        }
    }
}

#[test]
fn destructors_that_panic_are_counted_and_told() {
    let engine = Engine::new()
        .call("odd", |_, (): ()| Object::new(Odd(Some(Box::new(|| panic!("odd to drop"))))))
        .call("use", |_, _: Object<Odd>| ());
    let running = start(USUAL, engine);
    let panics = COUNTERS.panics.get();
    let kept: Vec<_> = (0..3).map(|_| running.call("odd", &()).answer_and_claim()).collect();
    drop(running.call("odd", &()).answer_and_claim());
    until(|| COUNTERS.panics.get() == panics + 1);
    // The thread that drops things lives on, through the shutdown too.
    assert_eq!(running.stop(), 0);
    assert_eq!(COUNTERS.panics.get(), panics + 4);
    assert_eq!(COUNTERS.objects.get(), 0);
    drop(kept);
    running.was_stopped();
}

/// Shutdown does not wait for ever for a destructor, and leaves it behind; with what comes after it.
#[test]
fn a_destructor_that_blocks_is_left_behind() {
    let (gate, pass) = gate();
    let (told, engine) = things();
    let engine = engine.call("odd", move |_, (): ()| Object::new(Odd(Some(Box::new(pass.clone())))));
    let mut running = start(Settings { shutdown_limit: Duration::from_millis(50), ..USUAL }, engine);
    let (_, hold) = running.call("odd", &()).answer_and_claim();
    drop(hold);
    next(&gate.arrived);
    // Nobody else waits for it.
    let (id, kept) = open(&running, "after");
    assert_eq!(name_of(&running, id).answer::<String>(), "after");
    assert_eq!(running.stop(), 1);
    assert_eq!(COUNTERS.objects.get(), 2);
    none(&told);
    // The next run has a thread of its own.
    let (also_told, engine) = things();
    running.restart(USUAL, engine);
    drop(open(&running, "next"));
    assert_eq!(next(&also_told), "next");
    gate.passes.send(()).unwrap();
    assert_eq!(next(&told), "after");
    drop(kept);
    running.finish();
}

/// A handler that is through only when the runtime shuts down has nothing left to refer to.
#[test]
fn shutdown_takes_nothing_in_any_more() {
    let (gate, pass) = gate();
    let (told, engine) = things();
    let (tell, also) = unbounded();
    let engine = engine.call("slow", move |_, (): ()| {
        pass();
        Object::new(Thing { name: "slow".into(), dropped: tell.clone() })
    });
    let mut running = start(Settings { shutdown_limit: Duration::ZERO, ..USUAL }, engine);
    let (_, hold) = open(&running, "a");
    let call = running.call("slow", &());
    next(&gate.arrived);
    assert_eq!(running.stop(), 1);
    assert_eq!(next(&told), "a");
    assert_eq!(call.failure(), Failure::ShuttingDown);
    // Its end comes in the next run, which has nothing to do with it.
    running.restart(USUAL, Engine::new());
    gate.passes.send(()).unwrap();
    assert_eq!(next(&also), "slow");
    drop(hold);
    running.finish();
}

/// Nor has a direct call that was left behind.
#[test]
fn a_direct_call_that_ends_after_shutdown_has_no_answer_that_refers() {
    let (gate, pass) = gate();
    let engine = Engine::new().call("slow", move |_, (): ()| {
        pass();
        Closure::new(|number: u64| number)
    });
    let running = start(Settings { shutdown_limit: Duration::ZERO, ..USUAL }, engine);
    let epoch = running.epoch;
    let caller = thread::spawn(move || match runtime::direct(epoch, method_id("slow"), &[], 8, false) {
        Ok(Ok(Returned::Slot(slot))) => slot.outcome(Outcome::clone),
        _ => None,
    });
    next(&gate.arrived);
    assert_eq!(running.stop(), 1);
    gate.passes.send(()).unwrap();
    assert_eq!(caller.join().unwrap(), Some(Failure::ShuttingDown.into()));
    running.was_stopped();
}

/// A destructor may use what it has: other objects, and the table of all.
#[test]
fn destructors_that_let_go_of_others() {
    let (told, engine) = things();
    let (tell, also) = unbounded();
    let engine = engine.call("nest", move |_, (): ()| {
        let inner = Object::new(Thing { name: "inner".into(), dropped: tell.clone() });
        let outer = Object::new(Odd(Some(Box::new(move || drop(inner)))));
        (0..50).fold(outer, |inner, _| Object::new(Odd(Some(Box::new(move || drop(inner))))))
    });
    let running = start(USUAL, engine);
    drop(running.call("nest", &()).answer_and_claim());
    assert_eq!(next(&also), "inner");
    let _kept = running.call("nest", &()).answer_and_claim();
    let _open = open(&running, "a");
    assert_eq!(running.stop(), 0);
    assert_eq!((next(&also), next(&told)), ("inner".into(), "a".into()));
    running.was_stopped();
}
