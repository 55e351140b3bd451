//! The right, and the duty, to answer one call.

use crate::context::Context;
use crate::engine::encode;
use crate::failure::Failure;
use crate::panics;
use crate::slot::Outcome;
use crate::wire::Encode;
use crate::worker::{outcome, panicked};
use std::marker::PhantomData;

/// A call that is answered later, from any thread.
///
/// Every token answers exactly once: with [`CallToken::answer`], or, where it is dropped instead, with an exception
/// for the caller that says so. A caller that has gone in the meantime makes either a no-op.
///
/// At shutdown, calls whose tokens are still held are answered with "shutting down".
pub struct CallToken<A> {
    raw: RawToken,
    answer: PhantomData<fn(A)>,
}

impl<A: Encode> CallToken<A> {
    /// Answers the call. Does not block.
    pub fn answer(self, answer: A) {
        let method = self.raw.method;
        let limit = self.raw.context().max_msg_len();
        self.raw.settle(outcome(method, panics::catch(|| encode(method, limit, |to| answer.encode(to)))));
    }
}

impl<A> CallToken<A> {
    /// The call that is to be answered: whether its caller still waits, and until when.
    pub fn context(&self) -> &Context {
        self.raw.context()
    }
}

impl<A> From<RawToken> for CallToken<A> {
    fn from(raw: RawToken) -> Self {
        CallToken { raw, answer: PhantomData }
    }
}

/// A token before it knows the type of its answer.
#[doc(hidden)]
pub struct RawToken {
    method: &'static str,
    /// Taken out when the call is settled, which uses the token up.
    context: Option<Context>,
}

impl RawToken {
    pub(crate) fn new(context: Context, method: &'static str) -> Self {
        context.run.deferred.keep(&context.slot);
        RawToken { method, context: Some(context) }
    }

    fn context(&self) -> &Context {
        self.context.as_ref().expect("settling a token uses it up")
    }

    /// Settles the call.
    pub(crate) fn settle(mut self, outcome: Outcome) {
        self.settle_once(outcome);
    }

    /// The references to the slot go first, so that the caller, once woken, holds the last one.
    fn settle_once(&mut self, outcome: Outcome) {
        if let Some(Context { slot, run }) = self.context.take() {
            run.deferred.forget(slot.id());
            drop(run);
            slot.settle(outcome);
        }
    }
}

impl Drop for RawToken {
    fn drop(&mut self) {
        if self.context.is_none() {
            return;
        }
        let method = self.method;
        let failure = if std::thread::panicking() {
            panicked(method, panics::last_report())
        } else {
            Failure::Abandoned { method: method.into() }
        };
        self.settle_once(failure.into());
    }
}
