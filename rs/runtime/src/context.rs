//! What a handler may know of the call that it serves.

use crate::slot::Slot;
use crate::sync::Arc;
use crate::worker::Run;
use std::time::{Duration, Instant};

/// The call or cast that a handler serves. Cheap to clone, and may go to other threads.
#[derive(Clone)]
pub struct Context {
    /// A direct call has none: its caller waits until the handler is through.
    pub(crate) slot: Option<Arc<Slot>>,
    pub(crate) run: Arc<Run>,
}

impl Context {
    /// Whether the work has become pointless: the caller has timed out or was cancelled, or the runtime is shutting
    /// down. A handler that runs long asks this now and then, and returns; its answer is then ignored.
    ///
    /// For a cast only shutdown counts: its caller never waits. The same of a direct call, whose caller cannot leave.
    pub fn is_cancelled(&self) -> bool {
        self.slot.as_ref().is_some_and(|slot| slot.is_settled()) || self.run.is_stopping()
    }

    /// When the caller stops waiting, if it has set a limit.
    pub fn deadline(&self) -> Option<Instant> {
        self.slot.as_ref().and_then(|slot| slot.deadline())
    }

    /// The time until then; zero once it has passed.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// The largest answer, in bytes.
    pub fn max_msg_len(&self) -> usize {
        self.run.config.max_msg_len
    }
}
