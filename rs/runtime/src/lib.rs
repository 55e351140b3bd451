//! The safe half of rs-in-hs: a runtime that runs a Rust engine for a Haskell program.
//!
//! Engine authors depend on the crate `rs-in-hs`, which re-exports what they need from here and adds the boundary to
//! Haskell. A request's way through this crate reads in the names of its modules: [`runtime`] takes it in,
//! [`intake`] queues it, `worker` finds its handler in the [`engine`], [`wire`] decodes and encodes, the outcome
//! goes into the [`slot`], and the [`waker`] wakes the caller.
#![forbid(unsafe_code)]
// A model leaves out what uses the rest.
#![cfg_attr(loom, allow(dead_code, unused_imports))]

pub mod answer;
pub mod carried;
pub mod channel;
pub mod failure;
pub mod gather;
pub mod intake;
pub mod lent;
pub mod method;
pub mod outbox;
pub mod panics;
pub mod requests;
pub mod schema;
pub mod signal;
pub mod slot;
pub mod spin;
pub mod stats;
pub mod sync;
pub mod waker;
pub mod wire;

// Threads, time and flume's waits have no place in a model.
#[cfg(not(loom))]
pub mod batch;
#[cfg(not(loom))]
mod chores;
#[cfg(not(loom))]
pub mod closure;
#[cfg(not(loom))]
pub mod config;
#[cfg(not(loom))]
pub mod context;
#[cfg(not(loom))]
mod deadline;
#[cfg(not(loom))]
mod deferred;
#[cfg(not(loom))]
pub mod direct;
#[cfg(not(loom))]
mod dispatch;
#[cfg(not(loom))]
pub mod engine;
#[cfg(not(loom))]
pub mod function;
#[cfg(not(loom))]
pub mod handshake;
#[cfg(not(loom))]
pub mod local;
#[cfg(not(loom))]
pub mod notice;
#[cfg(not(loom))]
pub mod object;
#[cfg(not(loom))]
pub mod reference;
#[cfg(not(loom))]
pub mod runtime;
#[cfg(not(loom))]
pub mod service;
#[cfg(not(loom))]
pub mod stream;
#[cfg(not(loom))]
pub mod token;
#[cfg(not(loom))]
mod worker;

#[cfg(not(loom))]
pub use {context::Context, engine::Engine, token::CallToken};

#[cfg(panic = "abort")]
compile_error!(
    "rs-in-hs turns panics into Haskell exceptions, which needs unwinding: \
     remove `panic = \"abort\"` from the profile in Cargo.toml"
);
