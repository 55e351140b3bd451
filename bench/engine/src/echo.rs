//! `bench.echo`, `bench.short` and `bench.bytes`: a small record, and bytes, there and back.

use rs_in_hs::{Engine, data};

/// The fields stand in the order of the Haskell type.
#[data]
struct Echo {
    id: u64,
    x: f64,
    flag: bool,
}

pub fn engine() -> Engine {
    Engine::new()
        .call("bench.echo", |_, record: Echo| record)
        .call_nonblocking("bench.short", |_, record: Echo| record)
        .call("bench.bytes", |_, bytes: Vec<u8>| bytes)
}
