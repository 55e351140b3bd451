//! Calls of Haskell functions, from Rust and back.

use crate::played::*;
use rs_in_hs_runtime::outbox::{self, Invoke, Next, Outbox, Summons};
use rs_in_hs_runtime::signal::Signal;
use std::sync::atomic::AtomicUsize as Count;
use std::task::{self, Wake};

/// Counts how often a task is woken.
#[derive(Default)]
struct Task(Count);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Task {
    fn woken(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A call that Rust makes.
struct Asked(Arc<Slot>);

impl Invoke for Asked {
    fn slot(&self) -> &Arc<Slot> {
        &self.0
    }
}

/// One, and who waits for it.
fn asked(id: u64) -> (Arc<Slot>, Arc<Signal>) {
    let signal = Arc::<Signal>::default();
    (Slot::called(id, None, Waker::rust(signal.clone())), signal)
}

fn answer() -> Outcome {
    Outcome::Answer(vec![1].into())
}

#[test]
fn a_thread_that_waits_meets_the_signal() {
    loom::model(|| {
        let signal = Arc::<Signal>::default();
        let given = {
            let signal = signal.clone();
            thread::spawn(move || signal.give())
        };
        signal.wait();
        signal.wait();
        given.join().unwrap();
    });
}

/// Of the tasks that poll it, the last one is woken, or has seen that it was given.
#[test]
fn tasks_that_poll_meet_the_signal() {
    loom::model(|| {
        let signal = Arc::<Signal>::default();
        let given = {
            // Given by a waker that is used, or only dropped.
            let waker = Waker::rust(signal.clone());
            thread::spawn(move || drop(waker))
        };
        let tasks = [(); 2].map(|()| Arc::<Task>::default());
        let seen = tasks.each_ref().map(|task| signal.poll(&task::Waker::from(task.clone())));
        given.join().unwrap();
        let woken = tasks.each_ref().map(|task| task.woken());
        assert_eq!(woken[1], usize::from(!seen[1]), "{seen:?} {woken:?}");
        assert!(woken[0] + woken[1] <= 1 && seen[0] <= seen[1], "{seen:?} {woken:?}");
        assert!(signal.poll(task::Waker::noop()));
        assert_eq!(tasks.each_ref().map(Arc::strong_count), [1, 1], "a task's waker is kept");
    });
}

/// The caller of a handler leaves while that one asks Haskell: what it asks for ends, whichever comes first.
#[test]
fn a_call_that_is_made_meets_the_end_of_its_handler() {
    loom::model(|| {
        let outer = Slot::running(1, 7);
        let leaving = {
            let outer = outer.clone();
            thread::spawn(move || outer.settle(Outcome::TimedOut))
        };
        let (slot, signal) = asked(2);
        outer.link(&slot);
        signal.wait();
        assert_eq!(slot.outcome(Outcome::clone), Some(Outcome::TimedOut));
        outer.unlink(&slot);
        leaving.join().unwrap();
        assert_eq!((Arc::strong_count(&slot), Arc::strong_count(&outer)), (1, 1));
    });
}

/// It ends by its answer or with its handler, once; and that one by its answer, or as its caller leaves.
#[test]
fn an_answer_from_haskell_meets_the_end_of_the_handler() {
    loom::model(|| {
        let outer = Slot::running(1, 7);
        let (slot, signal) = asked(2);
        outer.link(&slot);
        let answering = {
            let slot = slot.clone();
            thread::spawn(move || slot.settle(answer()))
        };
        let leaving = {
            let outer = outer.clone();
            thread::spawn(move || outer.release())
        };
        signal.wait();
        let outcome = slot.outcome(Outcome::clone).expect("it has ended");
        outer.unlink(&slot);
        assert_eq!(answering.join().unwrap(), outcome == answer());
        assert!(outcome == answer() || outcome == Outcome::Cancelled, "{outcome:?}");
        outer.clone().settle(answer());
        leaving.join().unwrap();
        assert_eq!((Arc::strong_count(&slot), Arc::strong_count(&outer)), (1, 1));
    });
}

/// Haskell's thread: what it is to do, in order, until shutdown or so many.
fn read(outbox: &Outbox<Asked>, most: usize) -> Vec<Summons<Asked>> {
    let mut found = Vec::new();
    while found.len() < most {
        let waiter = Waiter::new();
        match outbox.next(waiter.waker()) {
            Next::Summons(summons) => {
                waiter.check_spare();
                found.push(summons);
            }
            Next::Wait => {
                waiter.wait();
                waiter.check();
            }
            Next::Closed => {
                waiter.check_spare();
                break;
            }
        }
    }
    found
}

#[test]
fn a_call_meets_its_reader() {
    loom::model(|| {
        let outbox = Arc::new(Outbox::new(1));
        let reader = {
            let outbox = outbox.clone();
            thread::spawn(move || match read(&outbox, 1).pop() {
                Some(Summons::Call(call)) => assert!(call.slot().clone().settle(answer())),
                _ => panic!("no call has come"),
            })
        };
        let (slot, signal) = asked(1);
        assert_eq!(outbox.call(Arc::new(Asked(slot.clone()))), Ok(()));
        assert_eq!(outbox.call(Arc::new(Asked(asked(2).0))), Err(outbox::Refusal::Full));
        signal.wait();
        outbox.end(1, false);
        reader.join().unwrap();
        assert_eq!(slot.outcome(Outcome::clone), Some(answer()));
        assert_eq!(Arc::strong_count(&slot), 1);
        // There is room again.
        assert_eq!(outbox.call(Arc::new(Asked(asked(2).0))), Ok(()));
    });
}

/// Whoever made the call gives it up: Haskell is told of that where it has learnt of the call, and need not be where not.
#[test]
fn a_call_that_is_given_up_meets_its_reader() {
    loom::model(|| {
        let outbox = Arc::new(Outbox::new(1));
        let reader = {
            let outbox = outbox.clone();
            thread::spawn(move || {
                let mut found = Vec::new();
                loop {
                    match read(&outbox, 1).pop() {
                        Some(Summons::Release(9)) => return found,
                        summons => found.extend(summons),
                    }
                }
            })
        };
        let (slot, _signal) = asked(1);
        assert_eq!(outbox.call(Arc::new(Asked(slot.clone()))), Ok(()));
        assert!(slot.clone().settle(Outcome::Cancelled));
        outbox.end(1, true);
        outbox.release(9);
        let found = reader.join().unwrap();
        match &found[..] {
            [] | [Summons::Cancel(1)] => {}
            [Summons::Call(call), Summons::Cancel(1)] => assert_eq!(call.slot().id(), 1),
            _ => panic!("{} summons", found.len()),
        }
        drop(found);
        assert_eq!(Arc::strong_count(&slot), 1);
    });
}

/// A call is refused, or ends.
#[test]
fn a_call_meets_shutdown() {
    loom::model(|| {
        let outbox = Arc::new(Outbox::new(1));
        let closing = {
            let outbox = outbox.clone();
            thread::spawn(move || outbox.close())
        };
        let (slot, signal) = asked(1);
        let call = outbox.call(Arc::new(Asked(slot.clone())));
        match call {
            Ok(()) => {
                signal.wait();
                outbox.end(1, true);
                assert_eq!(slot.outcome(Outcome::clone), Some(Failure::ShuttingDown.into()));
            }
            Err(refusal) => {
                assert_eq!(refusal, outbox::Refusal::Closed);
                assert!(!slot.is_settled());
            }
        }
        closing.join().unwrap();
        assert!(read(&outbox, 1).is_empty(), "there is nothing after the end");
        assert_eq!(Arc::strong_count(&slot), 1, "a call is kept");
    });
}

/// Haskell is there before the end, and answers in time or not; or after it.
#[test]
fn a_reader_meets_shutdown() {
    loom::model(|| {
        let outbox = Arc::new(Outbox::new(1));
        let (slot, signal) = asked(1);
        assert_eq!(outbox.call(Arc::new(Asked(slot.clone()))), Ok(()));
        let closing = {
            let outbox = outbox.clone();
            thread::spawn(move || outbox.close())
        };
        let answered = match read(&outbox, 1).pop() {
            Some(Summons::Call(call)) => call.slot().clone().settle(answer()),
            Some(_) => panic!("nothing was cancelled"),
            None => false,
        };
        closing.join().unwrap();
        signal.wait();
        let outcome = if answered { answer() } else { Failure::ShuttingDown.into() };
        assert_eq!(slot.outcome(Outcome::clone), Some(outcome));
        outbox.end(1, true);
        assert_eq!(Arc::strong_count(&slot), 1, "a call is kept");
    });
}

/// The reader waits, or is about to: it hears of the function that goes, or of the end.
#[test]
fn a_function_that_is_released_meets_shutdown() {
    loom::model(|| {
        let outbox = Arc::new(Outbox::<Asked>::new(1));
        let releasing = {
            let outbox = outbox.clone();
            thread::spawn(move || outbox.release(5))
        };
        let closing = {
            let outbox = outbox.clone();
            thread::spawn(move || outbox.close())
        };
        let found = read(&outbox, usize::MAX);
        assert!(matches!(&found[..], [] | [Summons::Release(5)]));
        releasing.join().unwrap();
        closing.join().unwrap();
    });
}
