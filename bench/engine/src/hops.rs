//! `bench.hops`: the floor under every call that another thread answers.

use rs_in_hs::Engine;
use std::thread;
use std::time::Instant;

/// As much as one caller can use, and the same kind of channel as the runtime's queue.
const CAPACITY: usize = 256;

pub fn engine() -> Engine {
    Engine::new().call("bench.hops", |_, round_trips: u64| nanoseconds_per_round_trip(round_trips))
}

/// Two threads, a channel there and a channel back, and one message under way: nothing but the two wake-ups that no
/// call can do without. Starting the second thread is not measured.
fn nanoseconds_per_round_trip(round_trips: u64) -> f64 {
    let (ask, asked) = flume::bounded::<u64>(CAPACITY);
    let (answer, answered) = flume::bounded::<u64>(CAPACITY);
    let other = thread::spawn(move || asked.iter().try_for_each(|number| answer.send(number)));
    let hop = |number| ask.send(number).is_ok() && answered.recv().is_ok();
    assert!(hop(0), "the other thread has started");
    let start = Instant::now();
    assert!((0..round_trips).all(hop), "the other thread lives until its channel closes");
    let took = start.elapsed();
    drop(ask);
    assert!(matches!(other.join(), Ok(Ok(()))), "and ends when it does");
    took.as_nanos() as f64 / round_trips as f64
}
