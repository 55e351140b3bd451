//! `bench.tick` and `bench.ticks`: casts, and how many of them were handled.

use rs_in_hs::Engine;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub fn engine() -> Engine {
    let handled = Arc::new(AtomicU64::new(0));
    let so_far = handled.clone();
    Engine::new()
        .cast("bench.tick", move |_, _number: u64| {
            handled.fetch_add(1, Ordering::Relaxed);
        })
        .call("bench.ticks", move |_, (): ()| so_far.load(Ordering::Relaxed))
}
