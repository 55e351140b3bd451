//! Workers that wait for Haskell, and those that take their seats.

use crate::played::*;
use std::collections::VecDeque;
use std::sync::atomic::AtomicUsize as Count;

/// An intake for one worker at a time.
fn one_seat() -> Arc<Intake> {
    Arc::new(Intake::new(4, 1))
}

fn submitted(intake: &Intake, id: u64) -> Call {
    let call = Call::held(id, Kind::Call, 2);
    assert_eq!(call.submit(intake), Ok(Place::Admitted));
    call
}

/// A worker with a job that does not end before the model's threads have met.
fn busy(intake: &Intake) -> (Hand, Arc<Slot>) {
    let mut hand = hand();
    let slot = next(intake, &mut hand).expect("there is one");
    (hand, slot)
}

/// The same, after it has waited for Haskell once: another worker was hired, and is there.
fn busy_again(intake: &Intake) -> (Hand, Arc<Slot>) {
    let busy = busy(intake);
    assert!(intake.step_aside(VecDeque::new()), "nobody is there to take its seat");
    intake.step_back();
    busy
}

fn checked(intake: &Intake, calls: impl IntoIterator<Item = Call>) {
    for call in calls {
        assert!(call.waiter.was_put());
        call.release(intake).check();
    }
    assert_empty(intake);
}

/// A function that calls the engine in turn: the worker that waits for it cannot serve it.
#[test]
fn a_function_that_calls_back_finds_the_worker_that_was_hired() {
    loom::model(|| {
        let intake = one_seat();
        let outer = submitted(&intake, 1);
        let (hand, slot) = busy(&intake);
        assert!(intake.step_aside(VecDeque::new()));
        let hired = {
            let intake = intake.clone();
            thread::spawn(move || {
                let mut hand = crate::played::hand();
                while let Some(slot) = next(&intake, &mut hand) {
                    handle(slot);
                }
            })
        };
        let inner = submitted(&intake, 2);
        inner.wait();
        intake.step_back();
        handle(slot);
        drop(hand);
        intake.close();
        hired.join().unwrap();
        checked(&intake, [outer, inner]);
    });
}

/// The spare worker waits, or is about to, when the seat becomes free, and a job comes at the same time.
#[test]
fn a_seat_that_becomes_free_meets_a_job_and_the_worker_that_waits() {
    loom::model(|| {
        let intake = one_seat();
        let outer = submitted(&intake, 1);
        let (_hand, slot) = busy_again(&intake);
        let spare = {
            let intake = intake.clone();
            thread::spawn(move || next(&intake, &mut hand()).map(handle))
        };
        let caller = {
            let intake = intake.clone();
            thread::spawn(move || submitted(&intake, 2))
        };
        assert!(!intake.step_aside(VecDeque::new()), "one is there to take its seat");
        assert_eq!(spare.join().unwrap(), Some(2));
        let inner = caller.join().unwrap();
        intake.step_back();
        handle(slot);
        checked(&intake, [outer, inner]);
    });
}

/// The jobs that one worker had taken for itself are begun by the other, before those that came later.
#[test]
fn jobs_that_are_put_back_meet_the_next() {
    loom::model(|| {
        let intake = one_seat();
        let calls = [1, 2].map(|id| submitted(&intake, id));
        let mut first = hand();
        assert!(intake.take(usize::MAX, &mut first));
        let slot = first.jobs.pop_front().unwrap();
        intake.begin(slot.kind());
        // Hired before, and waiting.
        assert!(intake.step_aside(VecDeque::new()));
        intake.step_back();
        let spare = {
            let intake = intake.clone();
            thread::spawn(move || {
                let mut hand = hand();
                [(); 2].map(|()| next(&intake, &mut hand).map(handle))
            })
        };
        let caller = {
            let intake = intake.clone();
            thread::spawn(move || submitted(&intake, 3))
        };
        assert!(!intake.step_aside(std::mem::take(&mut first.jobs)));
        let handled = spare.join().unwrap();
        let third = caller.join().unwrap();
        // The third may have found the seat free before the second was put back; it is never lost.
        assert!(handled == [Some(2), Some(3)], "{handled:?}");
        intake.step_back();
        handle(slot);
        checked(&intake, calls.into_iter().chain([third]));
    });
}

/// One has come back beside the one that has its seat: neither takes a job before the other has none.
#[test]
fn no_job_begins_beside_two_that_have_jobs() {
    loom::model(|| {
        let intake = one_seat();
        let calls = [1, 2, 3].map(|id| submitted(&intake, id));
        let (mut hand, slot) = busy(&intake);
        assert!(intake.step_aside(VecDeque::new()));
        let (mut hired, other) = busy(&intake);
        intake.step_back();
        // Both have jobs now, and there is one more.
        let running = Arc::new(Count::new(2));
        let life = |slot: Arc<Slot>, hand: &mut Hand, intake: &Intake, running: &Count| {
            handle(slot);
            running.fetch_sub(1, Ordering::SeqCst);
            while let Some(slot) = next(intake, hand) {
                assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0, "a job has begun beside another");
                handle(slot);
                running.fetch_sub(1, Ordering::SeqCst);
            }
        };
        let worker = {
            let (intake, running) = (intake.clone(), running.clone());
            thread::spawn(move || life(other, &mut hired, &intake, &running))
        };
        let closing = {
            let intake = intake.clone();
            thread::spawn(move || intake.close())
        };
        life(slot, &mut hand, &intake, &running);
        worker.join().unwrap();
        closing.join().unwrap();
        checked(&intake, calls);
    });
}

/// A worker waits for a seat that is never left: shutdown empties the queue, and it finds out.
#[test]
fn a_worker_that_waits_for_a_seat_meets_the_end_of_shutdown() {
    loom::model(|| {
        let intake = one_seat();
        let calls = [1, 2].map(|id| submitted(&intake, id));
        let (_hand, slot) = busy_again(&intake);
        let spare = {
            let intake = intake.clone();
            thread::spawn(move || next(&intake, &mut hand()).is_none())
        };
        intake.close();
        while let Some(slot) = intake.discard() {
            slot.settle(Failure::ShuttingDown.into());
        }
        assert!(spare.join().unwrap(), "it has taken a job beside the other");
        handle(slot);
        checked(&intake, calls);
    });
}

/// The one that has the seat ends, and shutdown comes: the one that waits for the seat takes the last job, or finds none.
#[test]
fn a_seat_that_is_left_meets_shutdown() {
    loom::model(|| {
        let intake = one_seat();
        let calls = [1, 2].map(|id| submitted(&intake, id));
        let (mut hand, slot) = busy_again(&intake);
        let spare = {
            let intake = intake.clone();
            thread::spawn(move || {
                let mut hand = crate::played::hand();
                while let Some(slot) = next(&intake, &mut hand) {
                    handle(slot);
                }
            })
        };
        let closing = {
            let intake = intake.clone();
            thread::spawn(move || intake.close())
        };
        handle(slot);
        while let Some(slot) = next(&intake, &mut hand) {
            handle(slot);
        }
        spare.join().unwrap();
        closing.join().unwrap();
        checked(&intake, calls);
    });
}

/// No thread is to be had: the worker stays where it is, and serves what has come meanwhile.
#[test]
fn a_worker_for_which_nobody_is_hired_keeps_its_seat() {
    loom::model(|| {
        let intake = one_seat();
        let outer = submitted(&intake, 1);
        let (mut hand, slot) = busy(&intake);
        let caller = {
            let intake = intake.clone();
            thread::spawn(move || submitted(&intake, 2))
        };
        assert!(intake.step_aside(VecDeque::new()));
        assert_eq!(intake.not_hired(), 1);
        intake.step_back();
        handle(slot);
        assert_eq!(next(&intake, &mut hand).map(handle), Some(2));
        let inner = caller.join().unwrap();
        // The next one that waits asks for a thread again.
        assert!(intake.step_aside(VecDeque::new()));
        checked(&intake, [outer, inner]);
    });
}
