//! Calls and casts, from their callers to their ends.

use crate::played::*;
use rs_in_hs_runtime::gather::Gather;

#[test]
fn an_answer_meets_a_release() {
    loom::model(|| {
        let intake = intake(1);
        let call = Call::new(1, Kind::Call);
        assert_eq!(call.submit(&intake), Ok(Place::Admitted));
        let worker = {
            let intake = intake.clone();
            thread::spawn(move || assert_eq!(work(&intake), Some(1)))
        };
        let waiter = call.release(&intake);
        worker.join().unwrap();
        waiter.check();
        assert_empty(&intake);
    });
}

/// The caller that was woken reads in place, and frees the slot when it lets go.
#[test]
fn a_woken_caller_holds_the_last_reference() {
    loom::model(|| {
        let intake = intake(1);
        let call = Call::new(1, Kind::Call);
        assert_eq!(call.submit(&intake), Ok(Place::Admitted));
        let worker = {
            let intake = intake.clone();
            thread::spawn(move || work(&intake))
        };
        call.wait();
        let answered = |outcome: &Outcome| *outcome == Outcome::Answer(b"request".to_vec().into());
        assert_eq!(call.slot.outcome(answered), Some(true));
        let waiter = call.release(&intake);
        assert_eq!(waiter.slot.strong_count(), 0, "the caller let go, and the slot lives on");
        worker.join().unwrap();
        waiter.check();
    });
}

/// Nobody releases: exactly one of the two wins, and the caller is woken by it.
#[test]
fn of_two_ends_one_wins() {
    loom::model(|| {
        let intake = intake(1);
        // The loser may still hold the slot at the put.
        let call = Call::held(1, Kind::Call, 2);
        assert_eq!(call.submit(&intake), Ok(Place::Admitted));
        drop(intake.discard().unwrap());
        let ends = [Outcome::Answer(vec![1].into()), Outcome::TimedOut].map(|outcome| {
            let slot = call.slot.clone();
            thread::spawn(move || slot.settle(outcome))
        });
        let [answered, timed_out] = ends.map(|end| end.join().unwrap());
        assert!(answered != timed_out, "answered: {answered}, timed out: {timed_out}");
        assert!(call.waiter.was_put());
        let outcome = call.slot.outcome(Outcome::clone).unwrap();
        assert_eq!(outcome, if answered { Outcome::Answer(vec![1].into()) } else { Outcome::TimedOut });
        call.release(&intake).check();
    });
}

#[test]
fn an_answer_meets_a_deadline_and_a_release() {
    loom::model(|| {
        let intake = intake(1);
        let call = Call::held(1, Kind::Call, 2);
        assert_eq!(call.submit(&intake), Ok(Place::Admitted));
        let deadline = {
            let slot = call.slot.clone();
            thread::spawn(move || slot.settle(Outcome::TimedOut))
        };
        let worker = {
            let slot = intake.discard().unwrap();
            thread::spawn(move || slot.start().is_some() && slot.settle(Outcome::Answer(vec![].into())))
        };
        let waiter = call.release(&intake);
        let (timed_out, answered) = (deadline.join().unwrap(), worker.join().unwrap());
        assert!(!(timed_out && answered), "settled twice");
        assert_eq!(waiter.was_put(), timed_out || answered, "whoever wins wakes, and nobody else");
        waiter.check();
    });
}

/// A call that the worker has not begun is over with the release; one that it has begun is cancelled under it.
#[test]
fn a_beginning_meets_a_release() {
    loom::model(|| {
        let intake = intake(1);
        let call = Call::new(1, Kind::Call);
        assert_eq!(call.submit(&intake), Ok(Place::Admitted));
        let at_work = intake.clone();
        let worker = thread::spawn(move || {
            let slot = at_work.discard().unwrap();
            let was_over = slot.is_settled();
            let request = slot.start();
            assert!(request.is_none() || !was_over, "a call that is over was begun");
            assert!(request.is_some() || slot.is_settled(), "a call that is not over was not begun");
            // A handler that is cancelled learns of it, sooner or later.
            while request.is_some() && !slot.is_settled() {
                thread::yield_now();
            }
            slot.outcome(Outcome::clone)
        });
        let waiter = call.release(&intake);
        assert_eq!(worker.join().unwrap(), Some(Outcome::Cancelled));
        assert!(!waiter.was_put());
        waiter.check();
    });
}

/// One call in the queue, one in the line: the worker takes what there is while the second caller gives up.
#[test]
fn a_job_that_moves_up_meets_its_withdrawal() {
    loom::model(|| {
        let intake = intake(1);
        let (first, second) = (Call::new(1, Kind::Call), Call::new(2, Kind::Call));
        assert_eq!(first.submit(&intake), Ok(Place::Admitted));
        assert_eq!(second.submit(&intake), Ok(Place::Line));
        let worker = {
            let intake = intake.clone();
            thread::spawn(move || [work(&intake), work(&intake)])
        };
        let second = second.release(&intake);
        assert_eq!(intake.depths().calls_waiting, 0, "a job is in the line whose caller has gone");
        let [one, two] = worker.join().unwrap();
        assert_eq!(one, Some(1));
        assert!(two.is_none_or(|id| id == 2), "a job was doubled: {two:?}");
        assert!(intake.discard().is_none(), "a job was forgotten in the queue");
        assert_empty(&intake);
        second.check();
        assert!(first.waiter.was_put());
        first.release(&intake).check();
    });
}

/// Two callers and one place: neither is lost, neither comes twice, and the place is not given out twice.
#[test]
fn two_callers_meet_a_worker() {
    loom::model(|| {
        let intake = intake(1);
        let calls = [1, 2].map(|id| Call::new(id, Kind::Call));
        let callers = calls.map(|call| {
            let intake = intake.clone();
            thread::spawn(move || {
                call.submit(&intake).unwrap();
                call
            })
        });
        let mut taken = Vec::new();
        for _ in 0..2 {
            let depths = intake.depths();
            assert!(depths.calls_queued <= 1, "{depths:?}");
            taken.extend(work(&intake));
        }
        let calls = callers.map(|caller| caller.join().unwrap());
        while let Some(id) = work(&intake) {
            taken.push(id);
        }
        taken.sort();
        assert_eq!(taken, [1, 2]);
        assert_empty(&intake);
        for call in calls {
            assert!(call.waiter.was_put());
            call.release(&intake).check();
        }
    });
}

#[test]
fn a_submission_meets_shutdown() {
    loom::model(|| {
        let intake = intake(1);
        let call = Call::new(1, Kind::Call);
        let caller = {
            let intake = intake.clone();
            thread::spawn(move || (call.submit(&intake), call))
        };
        intake.close();
        drain(&intake);
        let (accepted, call) = caller.join().unwrap();
        match accepted {
            Ok(place) => {
                assert_eq!(place, Place::Admitted);
                assert!(call.waiter.was_put());
                assert_eq!(call.slot.outcome(Outcome::clone), Some(Failure::ShuttingDown.into()));
            }
            Err(refusal) => {
                assert_eq!(refusal, Refusal::Closed);
                assert!(!call.waiter.was_put());
            }
        }
        call.release(&intake).check();
        assert_empty(&intake);
    });
}

/// The queue is full at first, so the submission may find room, the line or a closed door.
#[test]
fn a_line_meets_a_worker_and_shutdown() {
    loom::model(|| {
        let intake = intake(1);
        let (first, second) = (Call::new(1, Kind::Call), Call::new(2, Kind::Call));
        assert_eq!(first.submit(&intake), Ok(Place::Admitted));
        let worker = {
            let intake = intake.clone();
            thread::spawn(move || work(&intake))
        };
        let caller = {
            let intake = intake.clone();
            thread::spawn(move || (second.submit(&intake), second))
        };
        intake.close();
        let (accepted, second) = caller.join().unwrap();
        worker.join().unwrap();
        drain(&intake);
        assert_eq!(accepted.is_ok(), second.waiter.was_put(), "{accepted:?}");
        assert!(first.waiter.was_put());
        for call in [first, second] {
            call.release(&intake).check();
        }
        assert_empty(&intake);
    });
}

/// A cast in the line is admitted, which wakes its caller, or taken back, which does not; never both.
#[test]
fn an_admission_meets_a_withdrawal() {
    loom::model(|| {
        let intake = intake(1);
        // The queue and the worker that wakes hold the cast too, which goes on without its caller.
        let (first, second) = (Call::new(1, Kind::Cast), Call::held(2, Kind::Cast, 3));
        assert_eq!(first.submit(&intake), Ok(Place::Admitted));
        first.slot.release();
        first.waiter.check_spare();
        assert_eq!(second.submit(&intake), Ok(Place::Line));
        let worker = {
            let intake = intake.clone();
            thread::spawn(move || assert_eq!(work(&intake), Some(1)))
        };
        let second = second.release(&intake);
        worker.join().unwrap();
        let handled = intake.discard().is_some_and(|slot| slot.start().is_some());
        assert_eq!(handled, second.was_put(), "an admitted cast is handled, a withdrawn one is not");
        second.check();
        assert_empty(&intake);
    });
}

/// A cast in the line is admitted once, and its caller is woken by that, not by the end of its handler: with a second
/// worker, which takes it at once, too.
#[test]
fn an_admission_meets_the_worker_that_begins() {
    loom::model(|| {
        let intake = intake(1);
        let (first, second) = (Call::new(1, Kind::Cast), Call::held(2, Kind::Cast, 3));
        assert_eq!(first.submit(&intake), Ok(Place::Admitted));
        first.slot.release();
        assert_eq!(second.submit(&intake), Ok(Place::Line));
        // The second cast's handler does not end before the model does.
        let take = |intake: &Intake| {
            let slot = intake.discard()?;
            slot.start();
            (slot.id() == 2).then_some(slot)
        };
        let worker = {
            let intake = intake.clone();
            thread::spawn(move || take(&intake))
        };
        let running = [take(&intake), worker.join().unwrap()];
        assert!(second.waiter.was_put(), "admitted, and its caller still waits");
        for slot in running.into_iter().flatten() {
            slot.settle(Outcome::Answer(vec![].into()));
        }
        second.release(&intake);
    });
}

/// A worker that waits, or is about to, is woken by the job that comes: each one is handled by somebody.
#[test]
fn workers_that_wait_meet_their_jobs() {
    loom::model(|| {
        let intake = intake(2);
        let calls = [1, 2].map(|id| Call::new(id, Kind::Call));
        let worker = {
            let intake = intake.clone();
            thread::spawn(move || next(&intake, &mut hand()).map(handle))
        };
        let caller = {
            let intake = intake.clone();
            let [first, second] = calls;
            thread::spawn(move || {
                first.submit(&intake).unwrap();
                second.submit(&intake).unwrap();
                [first, second]
            })
        };
        let here = next(&intake, &mut hand()).map(handle);
        let mut handled = [here, worker.join().unwrap()];
        handled.sort();
        assert_eq!(handled, [Some(1), Some(2)]);
        for call in caller.join().unwrap() {
            assert!(call.waiter.was_put());
            call.release(&intake).check();
        }
        assert_empty(&intake);
    });
}

/// Two workers and one place: the job that moves up goes to the one that waits, while the other is busy.
#[test]
fn a_job_that_moves_up_finds_the_worker_that_waits() {
    loom::model(|| {
        let intake = intake(1);
        let (first, second) = (Call::new(1, Kind::Call), Call::held(2, Kind::Call, 2));
        assert_eq!(first.submit(&intake), Ok(Place::Admitted));
        assert_eq!(second.submit(&intake), Ok(Place::Line));
        let worker = {
            let intake = intake.clone();
            thread::spawn(move || next(&intake, &mut hand()).map(|slot| slot.id()))
        };
        // Neither comes back for more.
        let mut taken = [next(&intake, &mut hand()).map(|slot| slot.id()), worker.join().unwrap()];
        taken.sort();
        assert_eq!(taken, [Some(1), Some(2)]);
        for call in [first, second] {
            call.release(&intake).check();
        }
    });
}

/// A worker that waits learns of the end.
#[test]
fn a_worker_that_waits_meets_shutdown() {
    loom::model(|| {
        let intake = intake(1);
        let worker = {
            let intake = intake.clone();
            thread::spawn(move || next(&intake, &mut hand()).is_none())
        };
        intake.close();
        assert!(worker.join().unwrap());
    });
}

/// A direct call whose token answers: the waiter that comes later is put, or given back, and never forgotten.
#[test]
fn a_waiter_that_comes_later_meets_the_answer() {
    loom::model(|| {
        let slot = Slot::running(1, 7);
        let waiter = Waiter::of(&slot, 1);
        let token = {
            let slot = slot.clone();
            thread::spawn(move || slot.settle(Outcome::Answer(vec![1].into())))
        };
        let waits = slot.attach(waiter.waker()).is_ok();
        if waits {
            waiter.wait();
        }
        assert!(slot.outcome(Outcome::clone).is_some());
        slot.release();
        assert!(token.join().unwrap());
        assert_eq!(waiter.was_put(), waits);
        waiter.check();
    });
}

/// The caller leaves before its token has answered.
#[test]
fn a_waiter_that_came_later_meets_a_release() {
    loom::model(|| {
        let slot = Slot::running(1, 7);
        let waiter = Waiter::of(&slot, 1);
        let token = {
            let slot = slot.clone();
            thread::spawn(move || slot.settle(Outcome::Answer(vec![1].into())))
        };
        drop(slot.attach(waiter.waker()));
        slot.release();
        token.join().unwrap();
        waiter.check();
    });
}

/// One worker takes both jobs at once; while it begins them, a third caller finds room or the line, and moves up.
#[test]
fn a_caller_meets_a_worker_that_has_taken_all() {
    loom::model(|| {
        let intake = intake(2);
        let calls = [1, 2].map(|id| Call::new(id, Kind::Call));
        for call in &calls {
            assert_eq!(call.submit(&intake), Ok(Place::Admitted));
        }
        let caller = {
            let intake = intake.clone();
            thread::spawn(move || {
                let third = Call::new(3, Kind::Call);
                third.submit(&intake).unwrap();
                third
            })
        };
        let (mut hand, mut handled) = (hand(), Vec::new());
        while handled.len() < 3 {
            assert!(intake.take(usize::MAX, &mut hand));
            while let Some(slot) = hand.jobs.pop_front() {
                assert!(intake.depths().calls_queued <= 2);
                intake.begin(slot.kind());
                handled.push(handle(slot));
            }
        }
        assert_eq!(handled, [1, 2, 3]);
        let third = caller.join().unwrap();
        assert_empty(&intake);
        for call in calls.into_iter().chain([third]) {
            assert!(call.waiter.was_put());
            call.release(&intake).check();
        }
    });
}

/// The last two tokens of a batch answer at the same time.
#[test]
fn one_of_the_last_tokens_of_a_batch_brings_the_answers_of_all() {
    loom::model(|| {
        let gather = Gather::new(2);
        let seats = [0, 1].map(|at| gather.seat(at));
        let [one, other] = seats.map(|seat| thread::spawn(move || seat.put(Failure::ShuttingDown.into())));
        // The handler of either has returned.
        let _ = (gather.has(0), gather.has(1));
        let all: Vec<_> = [one, other].into_iter().filter_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(all, [vec![Outcome::from(Failure::ShuttingDown); 2]]);
        assert!(gather.has(0) && gather.has(1));
    });
}
