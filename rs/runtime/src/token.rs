//! The right, and the duty, to answer one call.

use crate::answer::Answer;
use crate::batch;
use crate::context::Context;
use crate::engine::write;
use crate::failure::Failure;
use crate::gather::Seat;
use crate::panics::{self, Report};
use crate::slot::{Outcome, Slot};
use crate::sync::Arc;
use crate::wire::{Encode, Encoder};
use crate::worker::panicked;
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
        let written = panics::catch(|| {
            let mut to = Encoder::with_tail(limit, Vec::new());
            write(method, &mut to, |to| answer.encode_last(to)).map(|()| to.finish())
        });
        self.raw.settle(outcome(method, written));
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

fn outcome(method: &str, answer: Result<Result<Answer, Failure>, Report>) -> Outcome {
    match answer {
        Ok(Ok(answer)) => Outcome::Answer(answer),
        Ok(Err(failure)) => failure.into(),
        Err(report) => panicked(method, report).into(),
    }
}

/// A token before it knows the type of its answer.
#[doc(hidden)]
pub struct RawToken {
    method: &'static str,
    context: Context,
    /// What is to be settled. Taken out when it is, which uses the token up.
    call: Option<Call>,
}

struct Call {
    slot: Arc<Slot>,
    /// Where it is one of a batch.
    seat: Option<Seat>,
}

impl RawToken {
    /// The token of a call.
    pub(crate) fn new(context: Context, slot: Arc<Slot>, method: &'static str) -> Self {
        Self::of(context, method, Call { slot, seat: None })
    }

    /// The token of one call of a batch.
    pub(crate) fn seated(context: Context, slot: Arc<Slot>, method: &'static str, seat: Seat) -> Self {
        Self::of(context, method, Call { slot, seat: Some(seat) })
    }

    fn of(context: Context, method: &'static str, call: Call) -> Self {
        context.run.deferred.keep(&call.slot);
        RawToken { method, context, call: Some(call) }
    }

    fn context(&self) -> &Context {
        &self.context
    }

    /// Settles the call.
    pub(crate) fn settle(mut self, outcome: Outcome) {
        self.settle_once(outcome);
    }

    /// The references to the slot go first, so that the caller, once woken, holds the last one.
    fn settle_once(&mut self, outcome: Outcome) {
        let Some(Call { slot, seat }) = self.call.take() else { return };
        let outcome = match seat {
            None => outcome,
            Some(seat) => match seat.put(outcome) {
                Some(all) => batch::gathered(self.method, all, self.context.max_msg_len()),
                None => return,
            },
        };
        self.context.run.deferred.forget(slot.id());
        self.context.slot = None;
        slot.settle(outcome);
    }
}

impl Drop for RawToken {
    fn drop(&mut self) {
        if self.call.is_none() {
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
