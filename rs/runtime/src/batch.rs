//! Many requests in one message, and their answers in another.
//!
//! ```text
//! requests   ( length: u64 ∙ request )…
//! answers    ( status: u8 ∙ length: u64 ∙ answer, or what belongs to the failure )…      status 0: an answer
//! ```
//!
//! There may be fewer answers than requests: where those so far reach the limit of a single message, the rest is not
//! handled, and its caller sends it again.
//!
//! All of a batch is for one method. It is one job: it has one place in the queue, one worker handles it from its first
//! request to its last, and its caller is woken once. Each request succeeds or fails by itself.

use crate::answer::Answer;
use crate::carried::Carried;
use crate::context::Context;
use crate::engine::{LaterFn, Method, NowFn};
use crate::failure::Failure;
use crate::gather::Gather;
use crate::panics;
use crate::requests::Requests;
use crate::slot::{Outcome, Slot};
use crate::sync::Arc;
use crate::token::RawToken;
use crate::wire::Encoder;
use crate::worker::{Shared, panicked, settle_token};

/// Status and length.
const HEADER: usize = 9;

/// The answers of a batch as they are made.
struct Answers {
    to: Encoder,
    /// Where the last one begins.
    at: usize,
    limit: usize,
}

impl Answers {
    /// Of at most so many bytes each.
    fn new(limit: usize) -> Self {
        Answers { to: Encoder::new(limit), at: 0, limit }
    }

    /// Adds what the handler writes, or why it has not.
    fn add(&mut self, handle: impl FnOnce(&mut Encoder) -> Result<(), Failure>) {
        self.at = self.to.bytes_mut().len();
        self.to.bytes_mut().extend_from_slice(&[0; HEADER]);
        match handle(&mut self.to) {
            Ok(()) => self.close(0),
            Err(failure) => self.fail(&failure),
        }
    }

    /// The last one has failed.
    fn fail(&mut self, failure: &Failure) {
        let bytes = self.to.bytes_mut();
        bytes.truncate(self.at);
        bytes.extend_from_slice(&[0; HEADER]);
        bytes.extend_from_slice(&failure.payload());
        self.close(failure.code());
    }

    fn close(&mut self, status: u8) {
        let bytes = self.to.bytes_mut();
        let len = bytes.len() - self.at - HEADER;
        bytes[self.at] = status;
        bytes[self.at + 1..self.at + HEADER].copy_from_slice(&(len as u64).to_le_bytes());
    }

    /// Whether all together are below the limit of one.
    fn have_room(&mut self) -> bool {
        self.to.bytes_mut().len() < self.limit
    }

    fn finish(self) -> (Vec<u8>, Carried) {
        let Answer { head, carried, .. } = self.to.finish();
        (head, carried)
    }
}

/// Handles a batch of calls on this thread; `None` where its caller has gone, and nobody reads the answers.
pub(crate) fn calls(context: &Context, slot: &Slot, name: &str, run: &NowFn, requests: Requests) -> Option<Outcome> {
    let mut answers = Answers::new(context.max_msg_len());
    let mut requests = requests;
    loop {
        let all = panics::catch(|| {
            // What is left over its caller sends again, so that the answers take about as much memory as one may.
            while answers.have_room() {
                let Some(request) = requests.next() else { break };
                if slot.is_settled() {
                    return false;
                }
                answers.add(|to| match context.run.is_stopping() {
                    true => Err(Failure::ShuttingDown),
                    false => run(context, request, to),
                });
            }
            true
        });
        match all {
            Ok(true) => {
                let (bytes, carried) = answers.finish();
                return Some(Outcome::Answers(bytes, carried));
            }
            Ok(false) => return None,
            // The requests after it are still to be handled.
            Err(report) => answers.fail(&panicked(name, report)),
        }
    }
}

/// Handles a batch of calls whose handler answers through tokens.
pub(crate) fn later(
    shared: &Shared,
    context: &Context,
    slot: &Arc<Slot>,
    method: &Method,
    run: &LaterFn,
    requests: Requests,
) -> Option<Outcome> {
    let count = requests.clone().count();
    if count == 0 {
        return Some(Outcome::Answers(Vec::new(), Carried::default()));
    }
    let gather = Gather::new(count);
    for (at, request) in requests.enumerate() {
        if slot.is_settled() {
            // Those that were not handed out will not answer.
            context.run.deferred.forget(slot.id());
            return None;
        }
        let token = RawToken::seated(context.clone(), slot.clone(), method.name, gather.seat(at));
        if context.run.is_stopping() {
            token.settle(Failure::ShuttingDown.into());
            continue;
        }
        let mut token = Some(token);
        let result = panics::catch(|| run(&mut token, request));
        settle_token(shared, slot, method.name, token, result, gather.has(at));
    }
    None
}

/// The answers of a batch whose tokens have all answered, of at most so many bytes each, and together: they have been
/// handled, so what is too much is refused.
pub(crate) fn gathered(method: &str, outcomes: Vec<Outcome>, limit: usize) -> Outcome {
    let mut answers = Answers::new(limit);
    let mut carried = Carried::default();
    for outcome in outcomes {
        let (has_room, size) = (answers.have_room(), answers.to.bytes_mut().len() as u64);
        answers.add(|to| match outcome {
            Outcome::Answer(_) if !has_room => {
                Err(Failure::AnswerTooLarge { method: method.into(), size, limit: limit as u64 })
            }
            Outcome::Answer(answer) => {
                let tail = answer.tail.as_ref().map_or(&[][..], |tail| tail.bytes());
                to.bytes_mut().extend_from_slice(&answer.head);
                to.bytes_mut().extend_from_slice(tail);
                carried = std::mem::take(&mut carried).and(answer.carried);
                Ok(())
            }
            Outcome::Failed(failure, _) => Err(failure),
            // A token ends with an answer or a failure.
            Outcome::Answers(..) | Outcome::TimedOut | Outcome::Cancelled => Err(Failure::ShuttingDown),
        });
    }
    Outcome::Answers(answers.finish().0, carried)
}

/// Handles a batch of casts; each that fails is reported by itself.
pub(crate) fn casts(shared: &Shared, context: &Context, slot: &Slot, name: &str, run: &NowFn, requests: Requests) {
    let mut nothing = Encoder::new(0);
    for request in requests {
        // Shutdown has given this worker up, and reported the rest.
        if !slot.begin_next() {
            return;
        }
        match panics::catch(|| run(context, request, &mut nothing)) {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => shared.notify(slot, failure),
            Err(report) => shared.notify(slot, panicked(name, report)),
        }
    }
}
