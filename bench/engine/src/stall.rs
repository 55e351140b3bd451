//! `bench.stall`: a call that outlasts its caller.

use rs_in_hs::Engine;
use std::thread;
use std::time::{Duration, Instant};

/// Between two looks at the context. The kernel adds its timer slack, some 50 microseconds; looking more often would
/// take the processor from the callers.
const NAP: Duration = Duration::from_micros(10);

pub fn engine() -> Engine {
    Engine::new().call("bench.stall", |context, micros: u64| {
        let end = Instant::now() + Duration::from_micros(micros);
        while !context.is_cancelled() && Instant::now() < end {
            thread::sleep(NAP);
        }
    })
}
