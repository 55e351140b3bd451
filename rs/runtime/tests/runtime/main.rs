//! The runtime, from its start to its stop, through the safe half's own functions: GHC is played by `harness::Ghc`.
//!
//! A process has one runtime, so the tests take turns (`harness::Running` holds the lock). None sleeps: what has to
//! have happened is waited for, and a wait of `harness::LONG` has failed.
#![cfg(not(loom))]

mod batch;
mod cancel;
mod direct;
mod engine;
mod harness;
mod order;
mod review;
mod shutdown;
mod token;
