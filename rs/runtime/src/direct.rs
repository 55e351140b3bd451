//! Calls that are handled on the caller's own thread: no queue, no worker, and for a small answer no allocation.
//!
//! The caller waits inside, so it can neither be cancelled nor time out. Shutdown waits for direct calls as it does for
//! workers, and leaves them behind as well: then the runtime's last reference is theirs, and the engine is dropped when
//! they are through.

use crate::answer::Answer;
use crate::context::Context;
use crate::engine::Handler;
use crate::failure::Failure;
use crate::runtime::let_go;
use crate::slot::{Kind, Outcome, Slot};
use crate::stats::COUNTERS;
use crate::sync::Arc;
use crate::worker::{KEPT, Shared, call, call_later};
use flume::Sender;
use std::cell::Cell;
use std::convert::Infallible;
use std::ops::Deref;

/// What a direct call holds for as long as it is under way: one reference is the runtime's, all others are calls.
pub struct Direct {
    /// Taken out when this is dropped.
    shared: Option<Arc<Shared>>,
    /// Of all direct calls.
    context: Context,
    /// Shutdown waits for the end of it.
    _alive: Sender<Infallible>,
}

/// Why there was no handler to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The engine has no such method.
    UnknownMethod,
    /// The request has more bytes than allowed.
    TooLarge,
    /// The method is not marked as nonblocking, and the caller would have to know it is.
    MayBlock,
}

/// How a direct call has come back.
pub enum Returned {
    /// With an answer for which there is room.
    Answered(Small),
    /// With a slot: it is settled, or a token has the duty to answer.
    Slot(Arc<Slot>),
}

/// A small answer, in memory that this thread uses again once this is dropped.
pub struct Small(Vec<u8>);

thread_local! {
    static NONBLOCKING: Cell<bool> = const { Cell::new(false) };
    /// Where answers are written. A handler that makes a direct call in turn finds it taken, and makes another.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What a direct call that holds up Haskell sets for as long as it runs.
struct Inside {
    before: bool,
}

impl Inside {
    fn of(nonblocking: bool) -> Self {
        Inside { before: NONBLOCKING.replace(nonblocking) }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        NONBLOCKING.set(self.before);
    }
}

/// Whether Haskell waits, with all threads of a capability, for what runs on this thread to be through.
pub(crate) fn is_nonblocking() -> bool {
    NONBLOCKING.get()
}

impl Deref for Small {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        if self.0.capacity() <= KEPT {
            // A thread that is being torn down has no use for it.
            let _ = SCRATCH.try_with(|scratch| scratch.set(std::mem::take(&mut self.0)));
        }
    }
}

impl Direct {
    /// For the calls to this runtime.
    pub(crate) fn new(shared: Arc<Shared>, alive: Sender<Infallible>) -> Self {
        let context = Context { slot: None, run: shared.run.clone() };
        Direct { shared: Some(shared), context, _alive: alive }
    }

    /// Runs the handler of this method. An answer of more than `room` bytes gets a slot, as all has that is none.
    ///
    /// The answer comes back and is not written from in here: whoever lent the request may have it lie where the answer
    /// goes, which the compiler assumes of no reference that is an argument.
    pub(crate) fn call(
        &self,
        method_id: u64,
        request: &[u8],
        room: usize,
        nonblocking: bool,
        id: impl Fn() -> u64,
    ) -> Result<Returned, Refused> {
        let Some(shared) = &self.shared else { return Err(Refused::UnknownMethod) };
        let method = shared.engine.method(Kind::Call, method_id).ok_or(Refused::UnknownMethod)?;
        if nonblocking && !method.nonblocking {
            return Err(Refused::MayBlock);
        }
        if request.len() > self.context.max_msg_len() {
            return Err(Refused::TooLarge);
        }
        COUNTERS.calls.raise();
        let _inside = Inside::of(nonblocking);
        let settled = |outcome| Ok(Returned::Slot(Slot::settled(id(), method_id, outcome)));
        if self.context.run.is_stopping() {
            return settled(Failure::ShuttingDown.into());
        }
        let run = match &method.handler {
            Handler::Now(run) => run,
            Handler::Later(run) => {
                let slot = Slot::running(id(), method_id);
                let context = Context { slot: Some(slot.clone()), run: self.context.run.clone() };
                call_later(shared, &slot, method.name, run, context, request);
                return Ok(Returned::Slot(slot));
            }
        };
        let memory = SCRATCH.try_with(Cell::take).unwrap_or_default();
        match call(method.name, run, &self.context, request, memory) {
            Ok(Answer { head, tail: None, carried }) if carried.is_empty() && head.len() <= room => {
                Ok(Returned::Answered(Small(head)))
            }
            Ok(answer) => settled(Outcome::Answer(answer)),
            Err((failure, memory)) => {
                drop(Small(memory));
                settled(failure.into())
            }
        }
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            let_go(shared);
        }
    }
}
