//! The wake-ups that no call can do without: there and back over two channels.

// What the macro of criterion makes has none.
#![allow(missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use std::thread;

/// As the runtime's queue.
const CAPACITY: usize = 256;

fn hops(criterion: &mut Criterion) {
    let (ask, asked) = flume::bounded::<u64>(CAPACITY);
    let (answer, answered) = flume::bounded::<u64>(CAPACITY);
    let other = thread::spawn(move || asked.iter().try_for_each(|number| answer.send(number)));
    criterion.bench_function("two hops between threads", |bencher| {
        bencher.iter(|| ask.send(1).is_ok() && answered.recv().is_ok());
    });
    drop(ask);
    drop(other.join());
}

criterion_group!(benches, hops);
criterion_main!(benches);
