//! The engine that rs-in-hs is measured with: handlers that do next to nothing, so that what is measured is the way to
//! them and back.

mod by_hand;
mod copies;
mod counted;
mod echo;
mod hops;
mod noop;
mod pin;
mod plain;
mod stall;
mod ticks;

use rs_in_hs::Engine;

/// All methods. What is in `noop`, `by_hand` and `plain` is none: it is imported as it is.
fn engine() -> Engine {
    Engine::new()
        .merge(copies::engine())
        .merge(counted::engine())
        .merge(echo::engine())
        .merge(hops::engine())
        .merge(pin::engine())
        .merge(stall::engine())
        .merge(ticks::engine())
}

rs_in_hs::export!(engine);
