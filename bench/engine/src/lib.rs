//! The engine that rs-in-hs is measured with: handlers that do next to nothing, so that what is measured is the way to
//! them and back.

mod echo;
mod hops;
mod noop;
mod pin;
mod stall;
mod ticks;

use rs_in_hs::Engine;

/// All methods. [`noop::bench_noop`] is none: it is imported as it is.
fn engine() -> Engine {
    Engine::new()
        .merge(echo::engine())
        .merge(hops::engine())
        .merge(pin::engine())
        .merge(stall::engine())
        .merge(ticks::engine())
}

rs_in_hs::export!(engine);
