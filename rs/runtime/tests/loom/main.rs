//! Models of what threads share: loom runs the shipped code in every order in which its threads can meet.
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p rs-in-hs-runtime --test loom --release
//! ```
//!
//! No model bounds the switches of threads: each tries every order.
#![cfg(loom)]

mod call;
mod callback;
mod played;
mod seat;
mod stream;
