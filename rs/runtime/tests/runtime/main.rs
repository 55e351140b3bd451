//! The runtime, from its start to its stop, through the safe half's own functions: GHC is played by `harness::Ghc`, and
//! what a program does for what messages refer to by `haskell`.
//!
//! A process has one runtime, so the tests take turns (`harness::Running` holds the lock). None sleeps: what has to
//! have happened is waited for, and a wait of `harness::LONG` has failed.
#![cfg(not(loom))]

mod batch;
mod callback;
mod cancel;
mod corner;
mod direct;
mod engine;
mod future;
mod harness;
mod haskell;
mod local;
mod order;
mod reference;
mod seat;
mod shutdown;
mod stream;
mod token;
