//! What the pieces of the Rust half cost by themselves: see `benches`.
#![forbid(unsafe_code)]
