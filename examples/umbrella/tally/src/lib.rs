//! The other of two engines: it keeps a tally.

use rs_in_hs::Engine;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Its methods.
pub fn engine() -> Engine {
    let strokes = Arc::new(AtomicU64::new(0));
    let counted = strokes.clone();
    Engine::new()
        .cast("tally.stroke", move |_, (): ()| {
            strokes.fetch_add(1, Ordering::Relaxed);
        })
        .call("tally.count", move |_, (): ()| counted.load(Ordering::Relaxed))
}
