//! What the benchmark has written: the parts of `figures.json` that are drawn.

use serde::Deserialize;

/// A run of the benchmark.
#[derive(Deserialize)]
pub struct Figures {
    pub callers: Vec<Cell>,
    pub payloads: Vec<Payload>,
    pub soak: Soak,
}

/// A candidate with so many callers.
#[derive(Deserialize)]
pub struct Cell {
    pub candidate: String,
    pub capabilities: u32,
    pub callers: u32,
    pub busy: bool,
    /// Nanoseconds.
    pub p50: f64,
    pub requests_per_second: f64,
    /// Parts and nanoseconds, where it is drawn.
    #[serde(default)]
    pub distribution: Vec<(f64, f64)>,
}

/// A candidate with so many bytes there and back.
#[derive(Deserialize)]
pub struct Payload {
    pub candidate: String,
    pub bytes: u64,
    pub nanoseconds: f64,
}

/// The memory over many calls.
#[derive(Deserialize)]
pub struct Soak {
    /// Calls made so far, and bytes.
    pub resident_bytes: Vec<(u64, u64)>,
}
