//! Calls of Haskell functions as futures.

use crate::harness::*;
use crate::haskell::*;
use rs_in_hs_runtime::function::{Callback, CallbackError, Reply};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{self, Poll, Wake};

type Function = Callback<u64, u64>;

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Woken {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Wakes by a panic.
struct Sour;

impl Wake for Sour {
    fn wake(self: Arc<Self>) {
        panic!("sour to wake")
    }
}

fn poll(reply: &mut Reply<u64>, task: &Arc<impl Wake + Send + Sync + 'static>) -> Poll<Result<u64, CallbackError>> {
    let waker = task::Waker::from(task.clone());
    Pin::new(reply).poll(&mut task::Context::from_waker(&waker))
}

/// An engine that hands out what it is given, and a function that it was given.
fn kept(settings: Settings) -> (Running, u64, Function) {
    let (give, given) = unbounded();
    let engine = Engine::new().call("keep", move |_, function: Function| give.send(function).unwrap());
    let running = start(settings, engine);
    let hold = running.offer();
    let id = hold.id();
    running.send_with(Kind::Call, "keep", &id, vec![hold], None).answer::<()>();
    let function = taken(&given);
    (running, id, function)
}

#[test]
fn the_task_that_polled_last_is_woken_once() {
    let (running, _, function) = kept(USUAL);
    let mut reply = function.call_later(1);
    let tasks = [(); 2].map(|()| Arc::<Woken>::default());
    let invoked = running.invoked();
    for task in [&tasks[0], &tasks[1], &tasks[1]] {
        assert_eq!(poll(&mut reply, task), Poll::Pending);
    }
    give_back(invoked, &2_u64);
    assert_eq!(tasks.each_ref().map(|task| task.count()), [0, 1]);
    // No waker outlives the call.
    assert_eq!(tasks.each_ref().map(Arc::strong_count), [1, 1]);
    assert_eq!(poll(&mut reply, &tasks[0]), Poll::Ready(Ok(2)));
    drop((reply, function));
    running.finish();
}

#[test]
fn a_future_that_is_dropped_cancels_its_call() {
    let (running, id, function) = kept(USUAL);
    let task = Arc::<Woken>::default();
    for is_polled in [false, true] {
        let mut reply = function.call_later(1);
        let invoked = running.invoked();
        if is_polled {
            assert_eq!(poll(&mut reply, &task), Poll::Pending);
        }
        drop(reply);
        running.cancelled(invoked.number());
        end(invoked, result_of(&2_u64));
    }
    // Of one that is over before Haskell looks, it never hears.
    drop(function.call_later(1));
    running.no_summons();
    // One that was ready, and that nobody polled again, cancels nothing.
    let reply = function.call_later(1);
    give_back(running.invoked(), &2_u64);
    drop(reply);
    running.no_summons();
    drop(function);
    running.released(id);
    running.finish();
}

#[test]
fn a_future_ends_by_its_limit_and_by_shutdown() {
    let (running, _, function) = kept(USUAL);
    let task = Arc::<Woken>::default();
    let mut reply = function.call_later_timeout(Duration::from_millis(10), 1);
    let invoked = running.invoked();
    assert_eq!(poll(&mut reply, &task), Poll::Pending);
    until(|| task.count() == 1);
    assert_eq!(poll(&mut reply, &task), Poll::Ready(Err(CallbackError::TimedOut)));
    running.cancelled(invoked.number());
    let mut waits = function.call_later(1);
    assert_eq!(poll(&mut waits, &task), Poll::Pending);
    assert_eq!(running.stop(), 0);
    assert_eq!(task.count(), 2);
    assert_eq!(poll(&mut waits, &task), Poll::Ready(Err(CallbackError::ShuttingDown)));
    let mut late = function.call_later(1);
    assert_eq!(poll(&mut late, &task), Poll::Ready(Err(CallbackError::ShuttingDown)));
    drop((reply, waits, late, function, invoked));
    running.was_stopped();
}

/// Deadlines, answers, cancellations and shutdown have nothing to do with what an executor does.
#[test]
fn a_waker_that_panics_harms_nobody() {
    let (running, _, function) = kept(USUAL);
    let panics = COUNTERS.panics.get();
    let (sour, task) = (Arc::new(Sour), Arc::<Woken>::default());
    let moment = Duration::from_millis(10);
    let mut replies = [(); 2].map(|()| function.call_later_timeout(moment, 1));
    assert_eq!(poll(&mut replies[0], &sour), Poll::Pending);
    assert_eq!(poll(&mut replies[1], &task), Poll::Pending);
    // The thread that watches the deadlines goes on.
    until(|| task.count() == 1);
    assert_eq!(COUNTERS.panics.get(), panics + 1);
    drop(replies);
    let mut replies = [(); 3].map(|()| function.call_later(1));
    for reply in &mut replies {
        assert_eq!(poll(reply, &sour), Poll::Pending);
    }
    assert_eq!(running.stop(), 0);
    assert_eq!(COUNTERS.panics.get(), panics + 4);
    for mut reply in replies {
        assert_eq!(poll(&mut reply, &task), Poll::Ready(Err(CallbackError::ShuttingDown)));
    }
    drop(function);
    running.was_stopped();
}

/// The reply comes later than the handler's answer: that one's slot is gone with its caller.
#[test]
fn a_reply_outlives_the_handler_that_asked_for_it() {
    let (give, given) = unbounded();
    let engine = Engine::new().call("ask", move |_, (function, number): (Function, u64)| {
        give.send(function.call_later(number)).unwrap();
    });
    let running = start(USUAL, engine);
    running.ask("ask", 1).answer::<()>();
    let mut reply = taken(&given);
    let invoked = running.invoked();
    // That of the reply is all there is.
    until(|| COUNTERS.live_slots.get() == 1);
    give_back(invoked, &2_u64);
    assert_eq!(poll(&mut reply, &Arc::<Woken>::default()), Poll::Ready(Ok(2)));
    drop(reply);
    running.finish();
}

/// The caller goes away while the handler, which has only asked, still runs.
#[test]
fn a_reply_ends_with_the_handlers_caller() {
    let (gate, pass) = gate();
    let (give, given) = unbounded();
    let engine = Engine::new().call("ask", move |_, (function, number): (Function, u64)| {
        give.send(function.call_later(number)).unwrap();
        pass();
    });
    let running = start(USUAL, engine);
    let call = running.ask("ask", 1);
    next(&gate.arrived);
    let (mut reply, task) = (taken(&given), Arc::<Woken>::default());
    assert_eq!(poll(&mut reply, &task), Poll::Pending);
    let invoked = running.invoked();
    call.release();
    // By the thread where an engine's code may run.
    until(|| task.count() == 1);
    assert_eq!(poll(&mut reply, &task), Poll::Ready(Err(CallbackError::Cancelled)));
    running.cancelled(invoked.number());
    gate.passes.send(()).unwrap();
    drop((reply, invoked));
    running.finish();
}

/// Its caller has its answer, and does not go away.
#[test]
fn a_handler_that_has_answered_may_still_ask() {
    let (give, given) = unbounded();
    let engine = Engine::new().call_later("ask", move |token: CallToken<u64>, (function, number): (Function, u64)| {
        token.answer(number);
        give.send(function.call_later(number)).unwrap();
    });
    let running = start(USUAL, engine);
    let call = running.ask("ask", 8);
    let (mut reply, task) = (taken(&given), Arc::<Woken>::default());
    assert_eq!(call.answer::<u64>(), 8);
    assert_eq!(poll(&mut reply, &task), Poll::Pending);
    give_back(running.invoked(), &9_u64);
    assert_eq!(poll(&mut reply, &task), Poll::Ready(Ok(9)));
    drop(reply);
    running.finish();
}
