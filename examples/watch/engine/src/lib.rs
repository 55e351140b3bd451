//! The engine of the example `watch`: folders are watched, and with each change is done what a Haskell function decides.
//!
//! ```text
//!   notify ──▶ Folder ──▶ Listener: a queue ──▶ Subscription, a thread ──▶ Events
//!                                                 │ asks    ▲ does
//!                                                 ▼         │
//!                                           Callback<Change, Decision>
//! ```
//!
//! [`service`] says what goes over the wire. The Haskell module `Watch` is generated from it.

pub mod change;
pub mod folder;
pub mod listener;
pub mod mirror;
pub mod service;
pub mod subscription;
pub mod watcher;

use service::Watch;
use std::sync::Arc;
use watcher::Watcher;

/// One that watches nothing yet.
pub fn engine() -> Arc<dyn Watch> {
    Arc::new(Watcher::default())
}

rs_in_hs::export!(engine);
