//! Events between producers and a subscriber.

use crate::played::*;
use rs_in_hs_runtime::channel::{Channel, Next, Options, Overflow, SendError};
use std::sync::atomic::AtomicUsize as Count;

fn channel(capacity: usize, overflow: Overflow) -> Arc<Channel> {
    Channel::new(Options { capacity, overflow })
}

/// An event by its number.
fn event(number: u64) -> Arc<Slot> {
    Slot::settled(number, 0, Outcome::Answer(vec![].into()))
}

/// What a subscriber reads.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    Event(u64),
    Failed,
    End,
    Closed,
}

/// Waits for the next event.
fn read(channel: &Channel) -> Read {
    loop {
        let waiter = Waiter::new();
        let read = match channel.next(waiter.waker()) {
            Next::Event(slot) => match slot.outcome(Outcome::clone) {
                Some(Outcome::Answer(_)) => Read::Event(slot.id()),
                Some(Outcome::Failed(..)) => Read::Failed,
                other => panic!("{other:?}"),
            },
            Next::End => Read::End,
            Next::Closed => Read::Closed,
            Next::Wait => {
                waiter.wait();
                waiter.check();
                continue;
            }
        };
        waiter.check_spare();
        return read;
    }
}

#[test]
fn a_producer_that_waits_for_room_meets_its_subscriber() {
    loom::model(|| {
        let channel = channel(1, Overflow::Wait);
        channel.put(event(0), false).unwrap();
        let producer = {
            let channel = channel.clone();
            thread::spawn(move || {
                assert_eq!(channel.put(event(1), true), Ok(()));
                channel.end(None);
            })
        };
        let all = [(); 3].map(|()| read(&channel));
        assert_eq!(all, [Read::Event(0), Read::Event(1), Read::End]);
        producer.join().unwrap();
    });
}

/// Each event that is read makes room for one of those that wait.
#[test]
fn two_producers_that_wait_meet_their_subscriber() {
    loom::model(|| {
        let channel = channel(1, Overflow::Wait);
        channel.put(event(0), false).unwrap();
        let producer = {
            let channel = channel.clone();
            thread::spawn(move || channel.put(event(1), true))
        };
        let subscriber = {
            let channel = channel.clone();
            thread::spawn(move || [read(&channel), read(&channel)])
        };
        assert_eq!(channel.put(event(2), true), Ok(()));
        let seen = subscriber.join().unwrap();
        assert!(seen == [0, 1].map(Read::Event) || seen == [0, 2].map(Read::Event), "{seen:?}");
        assert_eq!(producer.join().unwrap(), Ok(()));
        let left = if seen[1] == Read::Event(1) { 2 } else { 1 };
        assert_eq!(read(&channel), Read::Event(left));
    });
}

/// All that wait for room are told, and take nothing more in.
#[test]
fn producers_that_wait_meet_a_subscriber_that_leaves() {
    loom::model(|| {
        let channel = channel(1, Overflow::Wait);
        channel.put(event(0), false).unwrap();
        let producers = [1, 2].map(|number| {
            let channel = channel.clone();
            thread::spawn(move || channel.put(event(number), true))
        });
        channel.leave();
        channel.clear();
        for producer in producers {
            assert_eq!(producer.join().unwrap(), Err(SendError::Closed));
        }
        assert_eq!(read(&channel), Read::Closed);
    });
}

/// The last clone goes, or one fails the stream, while another waits for room.
#[test]
fn a_producer_that_waits_meets_the_end_of_its_stream() {
    loom::model(|| {
        let channel = channel(1, Overflow::Wait);
        channel.put(event(0), false).unwrap();
        let producer = {
            let channel = channel.clone();
            thread::spawn(move || channel.put(event(1), true))
        };
        let failing = {
            let channel = channel.clone();
            thread::spawn(move || channel.end(Some(Failure::ShuttingDown)))
        };
        // Nobody makes room.
        assert_eq!(producer.join().unwrap(), Err(SendError::Closed));
        failing.join().unwrap();
        let all = [(); 3].map(|()| read(&channel));
        assert_eq!(all, [Read::Event(0), Read::Failed, Read::End]);
    });
}

/// The waiter is put by the event, or freed, and never both; the event is still there.
#[test]
fn a_reader_that_gives_up_meets_an_event() {
    loom::model(|| {
        let channel = channel(1, Overflow::Wait);
        let waiter = Waiter::new();
        assert!(matches!(channel.next(waiter.waker()), Next::Wait));
        let producer = {
            let channel = channel.clone();
            thread::spawn(move || channel.put(event(1), false))
        };
        channel.forget_reader();
        producer.join().unwrap().unwrap();
        waiter.check();
        assert_eq!(read(&channel), Read::Event(1));
    });
}

/// A reader that waits, or is about to, while its subscription is closed by another thread.
#[test]
fn a_reader_meets_its_leaving() {
    loom::model(|| {
        let channel = channel(1, Overflow::Wait);
        let reader = {
            let channel = channel.clone();
            thread::spawn(move || read(&channel))
        };
        let producer = {
            let channel = channel.clone();
            thread::spawn(move || channel.put(event(1), true))
        };
        channel.leave();
        channel.clear();
        let (read, sent) = (reader.join().unwrap(), producer.join().unwrap());
        assert!(read == Read::Closed || (read == Read::Event(1) && sent == Ok(())), "{read:?} {sent:?}");
    });
}

#[test]
fn a_hook_meets_the_subscriber_that_leaves() {
    loom::model(|| {
        let channel = channel(1, Overflow::Wait);
        let ran = Arc::new(Count::new(0));
        let leaving = {
            let channel = channel.clone();
            thread::spawn(move || {
                channel.leave();
                channel.clear();
            })
        };
        let hook = {
            let ran = ran.clone();
            move || _ = ran.fetch_add(1, Ordering::SeqCst)
        };
        channel.on_leave(Box::new(hook));
        leaving.join().unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 1);
        assert_eq!(Arc::strong_count(&ran), 1, "a hook is kept");
    });
}

/// Each event is read, or dropped and counted.
#[test]
fn events_that_make_room_meet_their_subscriber() {
    loom::model(|| {
        let channel = channel(1, Overflow::DropOldest);
        let reader = {
            let channel = channel.clone();
            thread::spawn(move || read(&channel))
        };
        for number in 0..2 {
            assert_eq!(channel.put(event(number), false), Ok(()));
        }
        channel.end(None);
        let mut seen = Vec::new();
        let mut next = reader.join().unwrap();
        while let Read::Event(number) = next {
            seen.push(number);
            next = read(&channel);
        }
        assert!(seen.is_sorted() && seen.last() == Some(&1), "{seen:?}");
        assert_eq!(seen.len() as u64 + channel.dropped(), 2);
    });
}
