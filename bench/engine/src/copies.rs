//! `bench.copies`: the floor under everything that sends bytes, copying them.

use rs_in_hs::Engine;
use std::hint::black_box;
use std::time::Instant;

pub fn engine() -> Engine {
    Engine::new().call("bench.copies", |_, (len, times): (u64, u64)| nanoseconds_per_copy(len as usize, times))
}

/// From one buffer to another, so many bytes so many times. Both are warm: they were written and copied once before.
fn nanoseconds_per_copy(len: usize, times: u64) -> f64 {
    let from = vec![1; len];
    let mut to = vec![0; len];
    let mut copy = || black_box(&mut to[..]).copy_from_slice(black_box(&from));
    copy();
    let start = Instant::now();
    (0..times).for_each(|_| copy());
    start.elapsed().as_nanos() as f64 / times as f64
}
