//! The thread that brings to Haskell what no worker is there to bring: deadlines that have come, and notices.
//!
//! Answers do not pass through here: the worker that has one wakes its caller itself, which saves a hop
//! (`docs/decisions/0001-answers-from-the-worker.md`). This thread runs no engine's code and no Haskell, so nothing
//! that a user writes can delay a deadline.

use crate::slot::Slot;
use crate::sync::Arc;
use crate::worker::Shared;
use flume::{Receiver, RecvTimeoutError};
use std::time::Instant;

/// What goes through the queue back to Haskell.
pub enum Back {
    /// A cast has failed.
    Notice(Arc<Slot>),
    /// A deadline was set that is sooner than the one slept for.
    Sooner,
    /// Shutdown: the last message.
    Stop,
}

/// The dispatch thread's life: until it is told to stop.
pub fn run(shared: &Shared, back: &Receiver<Back>) {
    loop {
        let message = match shared.run.deadlines.expire(Instant::now()) {
            Some(next) => back.recv_deadline(next),
            None => back.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match message {
            Ok(Back::Notice(slot)) => shared.inbox.put(slot),
            Ok(Back::Sooner) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Back::Stop) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
}
