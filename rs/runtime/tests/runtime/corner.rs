//! What is easily overlooked: who waits for whom, and what is left when nobody looks.

use crate::harness::*;
use crate::haskell::*;
use rs_in_hs_runtime::channel::Overflow;
use rs_in_hs_runtime::function::{Callback, CallbackError, Reply};
use rs_in_hs_runtime::local::Local;
use rs_in_hs_runtime::object::Object;
use rs_in_hs_runtime::stream::SendError;
use std::future::Future;
use std::pin::pin;
use std::task::{Context as Task, Poll, Wake};

const SOON: Duration = Duration::from_secs(3);

fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::task::Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Task::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// Whether it is through in time.
fn in_time(limit: Duration, act: impl FnOnce() + Send + 'static) -> bool {
    let (done, wait) = unbounded();
    thread::spawn(move || {
        act();
        let _ = done.send(());
    });
    wait.recv_timeout(limit).is_ok()
}

/// "Never where none would come: within the method that was given this" — also where it is called directly.
#[test]
fn a_method_that_is_called_directly_does_not_wait_for_its_own_subscriber() {
    let (tell, told) = unbounded();
    let (id, engine) = streaming("numbers", move |_, events| {
        let ends: Vec<_> = (0..2).map(|number| events.send(number)).collect();
        tell.send(ends).unwrap();
    });
    let running = start(USUAL, engine);
    let (epoch, options) = (running.epoch, wire::to_bytes(&(1_u64, Overflow::Wait as u8), 9).unwrap());
    thread::spawn(move || drop(runtime::direct(epoch, id, &options, 64, false)));
    let ends = told.recv_timeout(SOON);
    assert_eq!(ends.ok(), Some(vec![Ok(()), Err(SendError::Full)]), "it waits for ever");
}

struct Client(Mutex<Option<Callback<u64, u64>>>, Sender<Result<u64, CallbackError>>);
opaque!(Client);
impl Drop for Client {
    fn drop(&mut self) {
        let callback = self.0.lock().unwrap().take();
        if let Some(callback) = callback {
            // "Goodbye": with a limit, so that it ends in any case.
            let _ = self.1.send(block_on(callback.call_later_timeout(Duration::from_millis(100), 7)));
        }
    }
}

/// A destructor that waits for a future which has a deadline.
#[test]
fn a_future_in_a_destructor_has_its_deadline() {
    let (tell, told) = unbounded();
    let engine = Engine::new().call("client", move |_, callback: Callback<u64, u64>| {
        Object::new(Client(Mutex::new(Some(callback)), tell.clone()))
    });
    let running = start(Settings { shutdown_limit: SOON, ..USUAL }, engine);
    let function = running.offer();
    let sent = running.call("client", &function.id());
    GHC.wait(sent.waiter);
    // The answer is lost: the object is dropped by the thread for that.
    sent.release();
    drop(function);
    let _call = running.invoked();
    let end = told.recv_timeout(SOON);
    let left_behind = running.stop();
    assert_eq!((end.ok(), left_behind), (Some(Err(CallbackError::TimedOut)), 0));
}

struct Slow(Receiver<()>);
opaque!(Slow);
impl Drop for Slow {
    fn drop(&mut self) {
        let _ = self.0.recv_timeout(LONG);
    }
}

/// "A destructor is slow: […] others wait for their destructors; nobody else does."
#[test]
fn a_slow_destructor_holds_up_no_deadline() {
    let (pass, passing) = unbounded();
    let (tell, told) = unbounded();
    let engine = Engine::new().call("slow", move |_, (): ()| Object::new(Slow(passing.clone()))).call(
        "ask",
        move |_, callback: Callback<u64, u64>| {
            let tell = tell.clone();
            thread::spawn(move || {
                tell.send(block_on(callback.call_later_timeout(Duration::from_millis(50), 7))).unwrap();
            });
        },
    );
    let running = start(USUAL, engine);
    let sent = running.call("slow", &());
    GHC.wait(sent.waiter);
    sent.release();
    let function = running.offer();
    running.call("ask", &function.id()).answer::<()>();
    drop(function);
    let end = told.recv_timeout(SOON);
    pass.send(()).unwrap();
    assert_eq!(end.ok(), Some(Err(CallbackError::TimedOut)), "the future was not woken");
}

/// The queue to Haskell is bounded by queue_capacity.
#[test]
fn calls_that_are_given_up_do_not_pile_up() {
    let engine = Engine::new().call("many", move |_, callback: Callback<Vec<u8>, u64>| {
        (0..1000)
            .filter(|_| {
                drop(callback.call_later(vec![0; 1000]));
                true
            })
            .count() as u64
    });
    let running = start(USUAL, engine);
    let function = running.offer();
    let before = COUNTERS.live_slots.get();
    running.call("many", &function.id()).answer::<u64>();
    // Haskell's reader has not come by in between.
    let after = COUNTERS.live_slots.get();
    drop(function);
    assert!(after - before <= 10, "{} calls are kept, of 4 places", after - before);
}

/// A handler that has answered by its token, and goes on to call.
#[test]
fn a_handler_may_call_after_it_has_answered() {
    let (tell, told) = unbounded();
    let engine = Engine::new().call_later("later", move |token: CallToken<()>, callback: Callback<u64, u64>| {
        token.answer(());
        tell.send(callback.call(7)).unwrap();
    });
    let running = start(USUAL, engine);
    let function = running.offer();
    let sent = running.call("later", &function.id());
    sent.answer::<()>();
    give_back(running.invoked(), &8_u64);
    let end = next(&told);
    drop(function);
    assert_eq!(end, Ok(8));
}

struct One;
opaque!(One);
struct Two;
opaque!(Two);

/// Two types whose values use each other.
#[test]
fn locals_of_two_types_use_each_other() {
    let (one, two) = (Local::new(|| One), Local::new(|| Two));
    let through = in_time(SOON, move || {
        let again = one.clone();
        one.with(move |_| two.with(move |_| again.with(|_| ())));
    });
    assert!(through, "they wait for each other");
}

/// A `Local` calls a Haskell function, somebody else uses another `Local` of the type, and the function calls a method that
/// has nothing to do with either.
#[test]
fn a_function_that_a_local_calls_may_call_the_engine_while_others_use_the_type() {
    struct Here;
    opaque!(Here);
    let engine = Engine::new()
        .call("ask", |_, callback: Callback<u64, u64>| Local::new(|| Here).with(move |_| callback.call(1).is_ok()))
        .call("here", |_, (): ()| drop(Local::new(|| Here)))
        .call("echo", |_, number: u64| number);
    let running = start(USUAL, engine);
    let function = running.offer();
    let asking = running.call("ask", &function.id());
    let call = running.invoked();
    let here = running.call("here", &());
    let echo = running.call("echo", &5_u64);
    let end = Instant::now() + SOON;
    while GHC.fate(echo.waiter) == Fate::Alive && Instant::now() < end {
        thread::yield_now();
    }
    let answered = GHC.fate(echo.waiter) == Fate::Put;
    // The function never returns, for it waits for its call. Let the test end.
    give_back(call, &1_u64);
    asking.wait();
    here.wait();
    echo.wait();
    drop(function);
    assert!(
        answered,
        "the seat is held by who waits for the thread that waits for the function that waits for the seat"
    );
}

/// A value that is dropped while another of its type waits for Haskell: other destructors, and deadlines, need not wait.
#[test]
fn a_local_that_waits_for_haskell_holds_up_no_other_destructor() {
    struct Here;
    opaque!(Here);
    struct Quick(Sender<()>);
    opaque!(Quick);
    impl Drop for Quick {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }
    let (tell, told) = unbounded();
    let engine = Engine::new()
        .call("here", |_, (): ()| Local::new(|| Here))
        .call("quick", move |_, (): ()| Object::new(Quick(tell.clone())))
        .call("ask", |_, callback: Callback<u64, u64>| Local::new(|| Here).with(move |_| callback.call(1).is_ok()));
    let running = start(USUAL, engine);
    let here = running.call("here", &());
    GHC.wait(here.waiter);
    let function = running.offer();
    let asking = running.call("ask", &function.id());
    let call = running.invoked();
    here.release();
    let quick = running.call("quick", &());
    GHC.wait(quick.waiter);
    quick.release();
    let dropped = told.recv_timeout(SOON).is_ok();
    give_back(call, &1_u64);
    asking.wait();
    drop(function);
    assert!(dropped, "all destructors wait for a Haskell function");
}

/// Shutdown: who waits for the hook of `on_close` is told at once, not after the limit.
#[test]
fn hooks_run_when_shutdown_begins() {
    let (began, begins) = unbounded();
    let (id, kept, engine) = handed::<u64>();
    let engine = engine.call("watch", move |_, (): ()| {
        // Watches on behalf of the subscriber, until nobody listens.
        let events = taken(&kept);
        let (stop, stopped) = unbounded();
        events.on_close(move || stop.send(()).unwrap());
        began.send(()).unwrap();
        let _ = stopped.recv_timeout(LONG);
    });
    let running = start(Settings { shutdown_limit: SOON, workers: 2, ..USUAL }, engine);
    let _reader = running.subscribe(id, 1, Overflow::Wait);
    let watching = running.call("watch", &());
    next(&begins);
    let start = Instant::now();
    let left_behind = running.stop();
    let took = start.elapsed();
    watching.release();
    assert!(left_behind == 0 && took < SOON / 2, "{left_behind} left behind, after {took:?}");
}

/// A deadline of a future that nobody polls: Haskell hears of it all the same.
#[test]
fn haskell_hears_of_a_deadline_though_nobody_polls() {
    let (keep, kept) = unbounded::<Reply<u64>>();
    let engine = Engine::new().call("ask", move |_, callback: Callback<u64, u64>| {
        keep.send(callback.call_later_timeout(Duration::from_millis(50), 7)).map_err(|_| ()).unwrap();
    });
    let running = start(USUAL, engine);
    let function = running.offer();
    running.call("ask", &function.id()).answer::<()>();
    let _reply = taken(&kept);
    let call = running.invoked();
    // Or the Haskell thread would run on.
    running.cancelled(call.number());
    drop(function);
}

/// A handler that waits for a future, on the only worker.
#[test]
fn a_future_on_the_only_worker_lets_the_function_call_the_engine() {
    let engine = Engine::new()
        .call("ask", |_, callback: Callback<u64, u64>| callback.call_later(1).wait().ok())
        .call("echo", |_, number: u64| number);
    let running = start(USUAL, engine);
    let function = running.offer();
    let asking = running.call("ask", &function.id());
    let call = running.invoked();
    let echo = running.call("echo", &5_u64);
    let end = Instant::now() + SOON;
    while GHC.fate(echo.waiter) == Fate::Alive && Instant::now() < end {
        thread::yield_now();
    }
    let answered = GHC.fate(echo.waiter) == Fate::Put;
    give_back(call, &1_u64);
    asking.wait();
    echo.wait();
    drop(function);
    assert!(answered, "the function waits for the handler, which waits for the function");
}

/// A nonblocking method that uses a value of another thread, which waits for Haskell.
#[test]
fn a_nonblocking_method_does_not_wait_for_a_local() {
    struct There;
    opaque!(There);

    /// Says that the method is through, by its panic, too.
    struct OnDrop(Sender<()>);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }

    let (keep, kept) = unbounded::<Local<There>>();
    let (tell, told) = unbounded();
    let engine = Engine::new()
        .call("ask", move |_, callback: Callback<u64, u64>| {
            let there = Local::new(|| There);
            keep.send(there.clone()).unwrap();
            there.with(move |_| callback.call(1).is_ok())
        })
        .call_nonblocking("peek", move |_, (): ()| {
            let there = taken(&kept);
            let _told = OnDrop(tell.clone());
            there.with(|_| ());
        });
    let running = start(USUAL, engine);
    let function = running.offer();
    let asking = running.call("ask", &function.id());
    let call = running.invoked();
    let epoch = running.epoch;
    thread::spawn(move || drop(runtime::direct(epoch, method_id("peek"), &[], 64, true)));
    let through = told.recv_timeout(SOON).is_ok();
    give_back(call, &1_u64);
    asking.wait();
    drop(function);
    assert!(through, "an unsafe import waits for a Haskell function");
}
