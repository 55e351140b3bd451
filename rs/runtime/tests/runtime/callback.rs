//! Calls of Haskell functions.

use crate::harness::*;
use crate::haskell::*;
use rs_in_hs_runtime::function::{Callback, CallbackError};
use rs_in_hs_runtime::outbox::Invoke;
use rs_in_hs_runtime::wire::WireError;
use std::sync::OnceLock;

type Function = Callback<u64, u64>;
type Told = Receiver<Result<u64, CallbackError>>;

/// An engine that calls what it is given, and tells what came of it.
fn asking() -> (Told, Engine) {
    let (tell, told) = unbounded();
    let [also, cast] = [(); 2].map(|()| tell.clone());
    let engine = Engine::new()
        .call("ask", move |_, (function, number): (Function, u64)| tell.send(function.call(number)).unwrap())
        .call("ask_within", move |_, (function, micros): (Function, u64)| {
            also.send(function.call_timeout(Duration::from_micros(micros), 7)).unwrap();
        })
        .cast("ask", move |_, (function, number): (Function, u64)| cast.send(function.call(number)).unwrap());
    (told, engine)
}

/// An engine that hands out what it is given.
fn keeping() -> (Receiver<Function>, Engine) {
    let (give, given) = unbounded();
    (given, Engine::new().call("keep", move |_, (function, _): (Function, u64)| give.send(function).unwrap()))
}

fn kept(running: &Running, given: &Receiver<Function>) -> (u64, Function) {
    let hold = running.offer();
    let id = hold.id();
    running.send_with(Kind::Call, "keep", &(id, 0_u64), vec![hold], None).answer::<()>();
    (id, taken(given))
}

#[test]
fn a_function_gets_its_argument_and_gives_its_result() {
    let (told, engine) = asking();
    let running = start(USUAL, engine);
    let function = running.offer();
    let id = function.id();
    let call = running.send_with(Kind::Call, "ask", &(id, 41_u64), vec![function], None);
    let invoked = running.invoked();
    assert_eq!(invoked.function(), id);
    assert_eq!(argument::<u64>(&invoked), 41);
    none(&told);
    give_back(invoked, &42_u64);
    assert_eq!(next(&told), Ok(42));
    call.answer::<()>();
    running.released(id);
    running.no_summons();
    running.finish();
}

#[test]
fn what_it_throws_and_what_cannot_be_read_are_errors() {
    let (told, engine) = asking();
    let running = start(USUAL, engine);
    let ends = [thrown("Oops", "so what"), result_of(&()), Failure::ShuttingDown.into(), Outcome::Cancelled];
    let expected = [
        CallbackError::Thrown { exception: "Oops".into(), message: "so what".into() },
        CallbackError::Undecodable(WireError::Short { at: 0, wanted: 8, left: 0 }),
        CallbackError::ShuttingDown,
        CallbackError::Cancelled,
    ];
    for (outcome, error) in ends.into_iter().zip(expected) {
        let call = running.ask("ask", 1);
        let invoked = running.invoked();
        let function = invoked.function();
        end(invoked, outcome);
        assert_eq!(next(&told), Err(error));
        call.answer::<()>();
        running.released(function);
    }
    running.finish();
}

#[test]
fn its_own_limit_ends_a_call_and_haskell_is_told() {
    let (told, engine) = asking();
    let running = start(USUAL, engine);
    let timeouts = COUNTERS.timeouts.get();
    for micros in [0, 20_000] {
        let call = running.ask("ask_within", micros);
        assert_eq!(next(&told), Err(CallbackError::TimedOut));
        call.answer::<()>();
        // Haskell may have learnt of the call before its end, or not.
        let mut order = Vec::new();
        while order.last() != Some(&"release") {
            order.push(match running.summons().unwrap() {
                rs_in_hs_runtime::outbox::Summons::Call(call) => {
                    // It comes too late.
                    end(call, result_of(&1_u64));
                    "call"
                }
                rs_in_hs_runtime::outbox::Summons::Cancel(_) => "cancel",
                rs_in_hs_runtime::outbox::Summons::Release(_) => "release",
            });
        }
        assert!(order == ["call", "cancel", "release"] || order == ["release"], "{order:?}");
    }
    assert_eq!(COUNTERS.timeouts.get(), timeouts + 2);
    running.finish();
}

#[test]
fn the_handlers_deadline_is_the_calls() {
    let (told, engine) = asking();
    let running = start(USUAL, engine);
    let function = running.offer();
    let timeout = Some(Duration::from_millis(50));
    let call = running.send_with(Kind::Call, "ask", &(function.id(), 1_u64), vec![function], timeout);
    let invoked = running.invoked();
    assert_eq!(invoked.slot().deadline(), call.slot.deadline());
    assert_eq!(next(&told), Err(CallbackError::TimedOut));
    running.cancelled(invoked.number());
    assert_eq!(call.wait(), Outcome::TimedOut);
    end(invoked, result_of(&1_u64));
    running.finish();
}

/// A limit that is longer than the handler's own does not lengthen it.
#[test]
fn the_sooner_of_two_deadlines_counts() {
    let (told, engine) = asking();
    let running = start(USUAL, engine);
    let function = running.offer();
    let request = (function.id(), 3_600_000_000_u64);
    let timeout = Some(Duration::from_millis(20));
    let call = running.send_with(Kind::Call, "ask_within", &request, vec![function], timeout);
    let invoked = running.invoked();
    assert_eq!(invoked.slot().deadline(), call.slot.deadline());
    assert_eq!(next(&told), Err(CallbackError::TimedOut));
    assert_eq!(call.wait(), Outcome::TimedOut);
    drop(invoked);
    running.finish();
}

#[test]
fn a_caller_that_goes_away_takes_the_function_with_it() {
    let (told, engine) = asking();
    let running = start(USUAL, engine);
    let call = running.ask("ask", 1);
    let invoked = running.invoked();
    let waiter = call.release();
    assert_eq!(next(&told), Err(CallbackError::Cancelled));
    assert_eq!(GHC.fate(waiter), Fate::Freed);
    let function = invoked.function();
    running.cancelled(invoked.number());
    end(invoked, thrown("AsyncCancelled", ""));
    running.released(function);
    running.finish();
}

#[test]
fn a_cast_has_no_caller_to_go_away() {
    let (told, engine) = asking();
    let running = start(USUAL, engine);
    let function = running.offer();
    let request = (function.id(), 5_u64);
    running.send_with(Kind::Cast, "ask", &request, vec![function], None).release();
    let invoked = running.invoked();
    none(&told);
    give_back(invoked, &6_u64);
    assert_eq!(next(&told), Ok(6));
    running.finish();
}

#[test]
fn a_function_is_called_from_any_thread_and_released_with_its_last_clone() {
    let (given, engine) = keeping();
    let running = start(USUAL, engine);
    let (id, function) = kept(&running, &given);
    let threads: Vec<_> = (0..3_u64)
        .map(|number| {
            let function = function.clone();
            thread::spawn(move || function.call(number))
        })
        .collect();
    let mut calls: Vec<_> = (0..3).map(|_| running.invoked()).collect();
    calls.sort_by_key(|call| argument::<u64>(call));
    // In another order than they were made.
    for (number, call) in calls.into_iter().enumerate().rev() {
        give_back(call, &(10 * number as u64));
    }
    let results: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(results, [Ok(0), Ok(10), Ok(20)]);
    running.no_summons();
    drop(function);
    running.released(id);
    assert_eq!(COUNTERS.callbacks.get(), 0);
    running.finish();
}

#[test]
fn as_many_calls_as_the_queue_has_places() {
    let (given, engine) = keeping();
    let running = start(USUAL, engine);
    let (_, function) = kept(&running, &given);
    let cancellations = COUNTERS.cancellations.get();
    let mut replies: Vec<_> = (0..4_u64).map(|number| function.call_later(number)).collect();
    assert_eq!(function.call(9), Err(CallbackError::Full { capacity: 4 }));
    assert_eq!(COUNTERS.cancellations.get(), cancellations, "a refused call has no caller that went away");
    let calls: Vec<_> = (0..4).map(|_| running.invoked()).collect();
    // That Haskell has them makes no room; that one ends does.
    assert_eq!(function.call(9), Err(CallbackError::Full { capacity: 4 }));
    replies.pop();
    assert_eq!(COUNTERS.cancellations.get(), cancellations + 1);
    running.cancelled(calls[3].number());
    let fifth = function.call_later(4);
    assert_eq!(argument::<u64>(&running.invoked()), 4);
    drop((function, replies, fifth, calls));
    running.finish();
}

#[test]
fn an_argument_that_cannot_be_sent_is_not() {
    let (give, given) = unbounded();
    let engine = Engine::new().call("keep", move |_, function: Callback<Vec<u8>, ()>| give.send(function).unwrap());
    let running = start(USUAL, engine);
    let hold = running.offer();
    running.send_with(Kind::Call, "keep", &hold.id(), vec![hold], None).answer::<()>();
    let function = taken(&given);
    let error = WireError::TooLarge { size: 4097, limit: 4096 };
    assert_eq!(function.call(vec![0; 4089]), Err(CallbackError::Unencodable(error)));
    running.no_summons();
    drop(function);
    running.finish();
}

#[test]
fn shutdown_ends_calls_and_no_more_are_taken() {
    static KEPT: OnceLock<Mutex<Option<Function>>> = OnceLock::new();

    let (told, engine) = asking();
    let engine = engine.call("keep", |_, (function, _): (Function, u64)| {
        KEPT.get_or_init(Mutex::default).lock().unwrap().replace(function);
    });
    let mut running = start(USUAL, engine);
    running.ask("keep", 0).answer::<()>();
    let call = running.ask("ask", 1);
    let known = running.invoked();
    let unknown = running.ask("ask", 2);
    // The other worker's call waits in the outbox, or has not been made yet.
    let epoch = running.epoch;
    assert_eq!(running.stop(), 0);
    assert_eq!(next(&told), Err(CallbackError::ShuttingDown));
    call.answer::<()>();
    match unknown.wait() {
        Outcome::Answer(_) => assert_eq!(next(&told), Err(CallbackError::ShuttingDown)),
        other => assert_eq!(other, Failure::ShuttingDown.into()),
    }
    assert!(running.summons().is_none());
    // What Haskell still has of it does no harm.
    end(known, result_of(&1_u64));

    // A function that was kept is of a run that is over, during the next one too.
    let function = KEPT.get().unwrap().lock().unwrap().take().unwrap();
    assert_eq!(function.call(1), Err(CallbackError::ShuttingDown));
    running.restart(USUAL, Engine::new());
    assert!(running.epoch > epoch);
    assert_eq!(function.call(1), Err(CallbackError::ShuttingDown));
    assert_eq!(COUNTERS.callbacks.get(), 1);
    drop(function);
    assert_eq!(COUNTERS.callbacks.get(), 0);
    running.no_summons();
    running.finish();
}

#[test]
fn where_haskell_waits_it_cannot_be_waited_for() {
    let engine = Engine::new().call_nonblocking("ask", |_, (function, number): (Function, u64)| {
        assert_eq!(function.call(number), Err(CallbackError::WouldBlock));
        assert_eq!(function.call_timeout(LONG, number), Err(CallbackError::WouldBlock));
        1_u64
    });
    let engine = engine.call("wait", |_, (function, number): (Function, u64)| function.call(number).unwrap());
    let running = start(USUAL, engine);
    let hold = running.offer();
    let request = wire::to_bytes(&(hold.id(), 6_u64), 100).unwrap();
    let direct = |name, nonblocking| match runtime::direct(running.epoch, method_id(name), &request, 8, nonblocking)
        .unwrap()
        .unwrap()
    {
        rs_in_hs_runtime::direct::Returned::Answered(bytes) => wire::from_bytes::<u64>(&bytes).unwrap(),
        rs_in_hs_runtime::direct::Returned::Slot(slot) => panic!("{:?}", slot.outcome(Outcome::clone)),
    };
    assert_eq!(direct("ask", true), 1);
    running.no_summons();
    // A call that may block waits on the caller's own thread.
    let server = running.serve(|call| result_of(&(argument::<u64>(call) + 1)));
    assert_eq!(direct("wait", false), 7);
    drop(hold);
    running.finish();
    server.join().unwrap();
}

/// The message in which a function is offered is not handed over, is refused, or is not for anybody.
#[test]
fn functions_of_messages_that_nobody_reads_are_released() {
    let running = start(USUAL, Engine::new().call("ignore", |_, _: (u64, u64)| ()).call("fail", |_, (): ()| ()));
    let dropped = running.offer();
    let id = dropped.id();
    drop(dropped);
    running.released(id);
    // A handler that does not read it.
    let hold = running.offer();
    let id = hold.id();
    running.send_with(Kind::Call, "ignore", &(id, 0_u64), vec![hold], None).answer::<()>();
    running.released(id);
    // One that cannot read the message.
    let hold = running.offer();
    let id = hold.id();
    let failure = running.send_with(Kind::Call, "fail", &(id, 0_u64), vec![hold], None).failure();
    assert!(matches!(failure, Failure::Undecodable { .. }), "{failure:?}");
    running.released(id);
    // One that waits when the runtime stops.
    let hold = running.offer();
    let waits = running.slot(Kind::Call, "ignore", &(hold.id(), 0_u64), None);
    waits.carry(hold);
    assert_eq!(running.stop(), 0);
    assert_eq!(COUNTERS.callbacks.get(), 0);
    runtime::release(waits);
    assert_eq!(runtime::offer(running.epoch, &Slot::new(0, Kind::Call, 0, None, vec![])), Err(NotRunning));
    running.was_stopped();
}
