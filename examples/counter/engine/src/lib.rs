//! The smallest engine: it counts.

use rs_in_hs::Engine;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

fn engine() -> Engine {
    let total = Arc::new(AtomicU64::new(0));
    let seen = total.clone();
    Engine::new()
        .cast("counter.add", move |_, n: u64| {
            total.fetch_add(n, Ordering::Relaxed);
        })
        .call("counter.total", move |_, (): ()| seen.load(Ordering::Relaxed))
        .call("counter.divide", |_, (a, b): (u64, u64)| a / b)
}

rs_in_hs::export!(engine);
