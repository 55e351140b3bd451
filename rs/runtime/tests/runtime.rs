//! The runtime, from its start to its stop, through the safe half's own functions: GHC is played by [`Ghc`].
//!
//! A process has one runtime, so the tests take turns ([`Running`] holds the lock). None sleeps: what has to have
//! happened is waited for, and a wait of [`LONG`] has failed.
#![cfg(not(loom))]

use flume::{Receiver, Sender, unbounded};
use rs_in_hs_runtime::engine::EngineError;
use rs_in_hs_runtime::failure::Failure;
use rs_in_hs_runtime::intake::Refusal;
use rs_in_hs_runtime::method::method_id;
use rs_in_hs_runtime::notice::Next;
use rs_in_hs_runtime::runtime::{self, NotRunning, StartError, SubmitError};
use rs_in_hs_runtime::slot::{Kind, Outcome, Place, Slot};
use rs_in_hs_runtime::stats::{COUNTERS, Depths};
use rs_in_hs_runtime::waker::{Rts, Waker};
use rs_in_hs_runtime::{CallToken, Context, Engine, wire};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// No test takes so long.
const LONG: Duration = Duration::from_secs(20);

/// GHC's runtime system: a StablePtr is an index.
struct Ghc {
    fates: Mutex<Vec<Fate>>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Alive,
    Put,
    Freed,
}

static GHC: Ghc = Ghc { fates: Mutex::new(Vec::new()), changed: Condvar::new() };

impl Ghc {
    fn waker(&'static self) -> (usize, Waker) {
        let mut fates = self.lock();
        fates.push(Fate::Alive);
        let waiter = fates.len() - 1;
        (waiter, Waker::new(self, waiter, 0, &COUNTERS.stable_ptrs))
    }

    fn spend(&self, waiter: usize, fate: Fate) {
        let mut fates = self.lock();
        let before = std::mem::replace(&mut fates[waiter], fate);
        drop(fates);
        if before != Fate::Alive {
            // A panic on a worker would be caught.
            eprintln!("a StablePtr is {fate:?} that was {before:?} before");
            std::process::abort();
        }
        self.changed.notify_all();
    }

    fn fate(&self, waiter: usize) -> Fate {
        self.lock()[waiter]
    }

    fn wait(&self, waiter: usize) {
        let waited = self.changed.wait_timeout_while(self.lock(), LONG, |fates| fates[waiter] == Fate::Alive);
        drop(waited);
        assert_eq!(self.fate(waiter), Fate::Put);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fate>> {
        self.fates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rts for Ghc {
    fn put(&self, _capability: i32, stable_ptr: usize) {
        self.spend(stable_ptr, Fate::Put);
    }

    fn free(&self, stable_ptr: usize) {
        self.spend(stable_ptr, Fate::Freed);
    }
}

#[derive(Clone, Copy)]
struct Settings {
    max_msg_len: u64,
    queue_capacity: u64,
    workers: u64,
    shutdown_limit: Duration,
}

const USUAL: Settings = Settings { max_msg_len: 4096, queue_capacity: 4, workers: 1, shutdown_limit: LONG };

impl Settings {
    fn bytes(self) -> Vec<u8> {
        let limit = u64::try_from(self.shutdown_limit.as_micros()).unwrap();
        let numbers = [u64::from_le_bytes(*b"rs-in-h1"), self.max_msg_len, self.queue_capacity, self.workers, limit];
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }
}

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A runtime that is stopped by the end of its test, however that ends.
struct Running {
    epoch: u64,
    _alone: MutexGuard<'static, ()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = runtime::stop(self.epoch);
    }
}

fn start(settings: Settings, engine: Engine) -> Running {
    let alone = alone();
    let epoch = runtime::start(&settings.bytes(), || engine).unwrap();
    Running { epoch, _alone: alone }
}

/// A job as its sender holds it.
struct Sent {
    slot: Arc<Slot>,
    waiter: usize,
    place: Place,
}

impl Running {
    fn slot<Q: Serialize>(&self, kind: Kind, name: &str, request: &Q, timeout: Option<Duration>) -> Arc<Slot> {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        runtime::slot(kind, method_id(name), deadline, wire::to_bytes(request, usize::MAX).unwrap())
    }

    fn send<Q: Serialize>(&self, kind: Kind, name: &str, request: &Q, timeout: Option<Duration>) -> Sent {
        let slot = self.slot(kind, name, request, timeout);
        let (waiter, waker) = GHC.waker();
        let place = runtime::submit(self.epoch, &slot, Some(waker)).unwrap();
        Sent { slot, waiter, place }
    }

    fn call<Q: Serialize>(&self, name: &str, request: &Q) -> Sent {
        self.send(Kind::Call, name, request, None)
    }

    /// Returns once there is room.
    fn cast<Q: Serialize>(&self, name: &str, request: &Q) {
        let sent = self.send(Kind::Cast, name, request, None);
        match sent.place {
            Place::Line => GHC.wait(sent.waiter),
            place => assert_eq!(place, Place::Admitted),
        }
        sent.release();
    }

    fn stop(&self) -> usize {
        runtime::stop(self.epoch).unwrap()
    }
}

impl Sent {
    fn wait(self) -> Outcome {
        GHC.wait(self.waiter);
        let outcome = self.slot.outcome(Outcome::clone).expect("the waiter is woken by the end");
        runtime::release(self.slot);
        outcome
    }

    fn answer<A: DeserializeOwned>(self) -> A {
        match self.wait() {
            Outcome::Answer(bytes) => wire::from_bytes(&bytes).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn failure(self) -> Failure {
        match self.wait() {
            Outcome::Failed(failure, payload) => {
                assert_eq!(payload, failure.payload());
                failure
            }
            other => panic!("{other:?}"),
        }
    }

    fn release(self) -> usize {
        runtime::release(self.slot);
        self.waiter
    }
}

/// Something that comes once, or the test fails.
fn next<T: Debug>(events: &Receiver<T>) -> T {
    events.recv_timeout(LONG).expect("it happens in time")
}

fn none<T: Debug>(events: &Receiver<T>) {
    assert!(events.is_empty(), "{:?}", events.try_recv());
}

/// Where handlers wait: each says that it is there, and goes on when a pass comes.
struct Gate {
    arrived: Receiver<()>,
    passes: Sender<()>,
}

fn gate() -> (Gate, impl Fn() + Clone + Send + Sync + 'static) {
    let ((arrive, arrived), (passes, passing)) = (unbounded(), unbounded());
    let pass = move || {
        arrive.send(()).unwrap();
        next(&passing);
    };
    (Gate { arrived, passes }, pass)
}

fn until(condition: impl Fn() -> bool) {
    let limit = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < limit, "it does not come true");
        thread::yield_now();
    }
}

/// An engine whose call `note` and cast `note` tell what they were sent.
fn notes() -> (Receiver<u64>, Engine) {
    let (told, notes) = unbounded();
    let also = told.clone();
    let engine = Engine::new()
        .call("note", move |_, number: u64| told.send(number).unwrap())
        .cast("note", move |_, number: u64| also.send(number).unwrap());
    (notes, engine)
}

// Order and parallelism.

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

// Cancellation and deadlines.

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

/// A handler that says when it begins, and when it has learnt that it is cancelled.
fn patient() -> (Receiver<&'static str>, Engine) {
    let (tell, told) = unbounded();
    let watch = move |context: &Context, (): ()| {
        assert!(!context.is_cancelled());
        tell.send("began").unwrap();
        until(|| context.is_cancelled());
        tell.send("cancelled").unwrap();
    };
    (told, Engine::new().call("watch", watch.clone()).cast("watch", watch))
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

// Shutdown.

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
        assert_eq!(runtime::stop(epoch), Ok(0));
        // The engine is gone, and what it held.
        assert_eq!(Arc::strong_count(&state), 1);
    }
}

#[test]
fn an_epoch_that_is_over_is_not_running() {
    let running = start(USUAL, Engine::new());
    let epoch = running.epoch;
    assert!(matches!(runtime::start(&USUAL.bytes(), Engine::new), Err(StartError::AlreadyRunning)));
    assert_eq!(runtime::max_msg_len(epoch), Ok(4096));
    assert_eq!(runtime::max_msg_len(epoch + 1), Err(NotRunning));
    assert_eq!(runtime::stop(epoch + 1), Err(NotRunning));
    running.stop();
    let slot = runtime::slot(Kind::Call, 1, None, vec![]);
    let (waiter, waker) = GHC.waker();
    assert_eq!(runtime::submit(epoch, &slot, Some(waker)), Err(SubmitError::NotRunning(NotRunning)));
    assert_eq!(GHC.fate(waiter), Fate::Freed);
    assert_eq!(runtime::stop(epoch), Err(NotRunning));
    assert!(matches!(runtime::next_notice(epoch, GHC.waker().1), Next::Closed));
}

#[test]
fn a_slot_is_submitted_once() {
    let running = start(USUAL, Engine::new());
    let slot = running.slot(Kind::Cast, "nobody", &(), None);
    assert_eq!(runtime::submit(running.epoch, &slot, None), Ok(Place::Admitted));
    assert_eq!(runtime::submit(running.epoch, &slot, None), Err(Refusal::Resubmitted.into()));
}

/// The news of a cast that is handled while the runtime shuts down is there after it. Many rounds: it is a matter of
/// which thread comes first.
#[test]
fn notices_of_the_shutdown_can_be_read_after_it() {
    for round in 0..100 {
        let running = start(USUAL, Engine::new());
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

// Tokens.

/// An engine whose call `later` hands its token out.
fn tokens() -> (Receiver<CallToken<u64>>, Engine) {
    let (give, given) = unbounded();
    (given, Engine::new().call_later("later", move |token, (): ()| give.send(token).unwrap()))
}

fn token(tokens: &Receiver<CallToken<u64>>) -> CallToken<u64> {
    tokens.recv_timeout(LONG).expect("a token comes in time")
}

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

// Engines that misbehave.

#[test]
fn a_panic_is_the_callers_and_the_worker_lives_on() {
    struct Sour;
    impl Serialize for Sour {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("sour to encode")
        }
    }
    #[derive(Debug)]
    struct Bitter;
    impl<'de> serde::Deserialize<'de> for Bitter {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            panic!("bitter to decode")
        }
    }
    let (tokens, engine) = tokens();
    let engine = engine
        .call("handler", |_, text: String| -> u64 { panic!("{text}") })
        .call("answer", |_, (): ()| Sour)
        .call("request", |_, _: Bitter| ())
        .call_later("later.answer", |token: CallToken<Sour>, (): ()| token.answer(Sour))
        .call_later("later.handler", |_token: CallToken<()>, (): ()| panic!("with the token"));
    let running = start(USUAL, engine);
    let panics = COUNTERS.panics.get();
    let expected = [
        (running.call("handler", &"ein Übel".to_string()), "handler", "ein Übel"),
        (running.call("answer", &()), "answer", "sour to encode"),
        (running.call("request", &()), "request", "bitter to decode"),
        (running.call("later.answer", &()), "later.answer", "sour to encode"),
        (running.call("later.handler", &()), "later.handler", "with the token"),
    ];
    let count = expected.len() as u64;
    for (call, name, text) in expected {
        let Failure::Panicked { method, place, message } = call.failure() else { panic!("{name}: another failure") };
        assert_eq!((&*method, &*message), (name, text));
        assert!(place.contains("runtime.rs:"), "{place}");
    }
    let call = running.call("later", &());
    token(&tokens).answer(7);
    assert_eq!(call.answer::<u64>(), 7);
    running.stop();
    assert_eq!(COUNTERS.panics.get() - panics, count);
}

#[test]
fn an_engine_with_a_duplicate_name_is_refused() {
    let _alone = alone();
    let twice = || Engine::new().call("a", |_, (): ()| ()).call_later("a", |_: CallToken<()>, (): ()| ());
    let error = runtime::start(&USUAL.bytes(), twice).unwrap_err();
    assert!(matches!(error, StartError::Engine(EngineError::Duplicate("a"))), "{error}");
    let merged = || Engine::new().cast("b", |_, (): ()| ()).merge(Engine::new().cast("b", |_, (): ()| ()));
    let error = runtime::start(&USUAL.bytes(), merged).unwrap_err();
    assert!(matches!(error, StartError::Engine(EngineError::Duplicate("b"))), "{error}");
    // A call and a cast may share a name.
    let shared = || Engine::new().call("c", |_, (): ()| ()).cast("c", |_, (): ()| ());
    let epoch = runtime::start(&USUAL.bytes(), shared).unwrap();
    runtime::stop(epoch).unwrap();
}

#[test]
fn a_builder_that_panics_is_refused() {
    let _alone = alone();
    let error = runtime::start(&USUAL.bytes(), || panic!("no {}", "model")).unwrap_err();
    let StartError::EnginePanicked { place, message } = &error else { panic!("{error}") };
    assert_eq!(message, "no model");
    assert!(place.contains("runtime.rs:"), "{place}");
    let epoch = runtime::start(&USUAL.bytes(), Engine::new).unwrap();
    runtime::stop(epoch).unwrap();
}

#[test]
fn panic_abort_is_refused_at_compile_time() {
    let checked = Command::new(env!("CARGO"))
        .args(["check", "--package", "rs-in-hs-runtime", "--config", "profile.dev.panic=\"abort\"", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("panic-abort"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&checked.stderr);
    assert!(!checked.status.success(), "{text}");
    assert!(text.contains("rs-in-hs turns panics into Haskell exceptions, which needs unwinding"), "{text}");
}
