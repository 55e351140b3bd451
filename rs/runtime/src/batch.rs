//! Many requests in one message, and their answers in another.
//!
//! ```text
//! requests   ( length: u64 ∙ request )…
//! answers    ( status: u8 ∙ length: u64 ∙ answer, or what belongs to the failure )…      status 0: an answer
//! ```
//!
//! All of a batch is for one method. It is one job: it has one place in the queue, one worker handles it from its first
//! request to its last, and its caller is woken once. Each request succeeds or fails by itself.

use crate::context::Context;
use crate::engine::{LaterFn, Method, NowFn};
use crate::failure::Failure;
use crate::panics;
use crate::slot::{Kind, Outcome, Slot};
use crate::sync::{Arc, Mutex, lock};
use crate::token::RawToken;
use crate::wire::Encoder;
use crate::worker::{Shared, panicked, settle_token};

/// The requests of a batch, one after the other.
#[derive(Clone)]
pub struct Requests<'a>(&'a [u8]);

impl<'a> Requests<'a> {
    /// Those in this message, if it holds nothing but requests.
    pub fn read(message: &'a [u8]) -> Option<Self> {
        let mut requests = Requests(message);
        while requests.next().is_some() {}
        requests.0.is_empty().then_some(Requests(message))
    }
}

impl<'a> Iterator for Requests<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (len, rest) = self.0.split_first_chunk()?;
        let (request, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
        self.0 = rest;
        Some(request)
    }
}

/// Status and length.
const HEADER: usize = 9;

/// The answers of a batch as they are made.
struct Answers {
    to: Encoder,
    /// Where the last one begins.
    at: usize,
}

impl Answers {
    /// Of at most so many bytes each.
    fn new(limit: usize) -> Self {
        Answers { to: Encoder::new(limit), at: 0 }
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

    fn finish(self) -> Vec<u8> {
        self.to.finish().head
    }
}

/// Handles a batch of calls on this thread; `None` where its caller has gone, and nobody reads the answers.
pub(crate) fn calls(context: &Context, slot: &Slot, name: &str, run: &NowFn, requests: Requests) -> Option<Outcome> {
    let mut answers = Answers::new(context.max_msg_len());
    let mut requests = requests;
    loop {
        let all = panics::catch(|| {
            for request in requests.by_ref() {
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
            Ok(true) => return Some(Outcome::Answers(answers.finish())),
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
    let gather = Arc::new(Gather::new(requests.clone().count(), context.max_msg_len()));
    if let Some(none) = gather.if_complete() {
        return Some(Outcome::Answers(none));
    }
    for (at, request) in requests.enumerate() {
        if slot.is_settled() {
            // Those that were not handed out will not answer.
            context.run.deferred.forget(slot.id());
            return None;
        }
        let seat = Seat { gather: gather.clone(), at };
        let mut token = Some(RawToken::seated(context.clone(), slot.clone(), method.name, seat));
        let result = panics::catch(|| run(&mut token, request));
        settle_token(shared, slot, method.name, token, result, gather.has(at));
    }
    None
}

/// Handles a batch of casts; each that fails is reported by itself.
pub(crate) fn casts(shared: &Shared, context: &Context, slot: &Slot, name: &str, run: &NowFn, requests: Requests) {
    let mut nothing = Encoder::new(0);
    for request in requests {
        // Shutdown has given this worker up: see `Post::close`.
        let end = match slot.is_settled() {
            true => Ok(Err(Failure::CastDropped { method: name.into() })),
            false => panics::catch(|| run(context, request, &mut nothing)),
        };
        match end {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => shared.notify(slot, failure),
            Err(report) => shared.notify(slot, panicked(name, report)),
        }
    }
}

/// Where the tokens of a batch put their answers.
pub(crate) struct Gather(Mutex<Gathered>);

struct Gathered {
    outcomes: Vec<Option<Outcome>>,
    missing: usize,
    limit: usize,
}

/// A token's place in it.
pub(crate) struct Seat {
    gather: Arc<Gather>,
    at: usize,
}

impl Gather {
    fn new(count: usize, limit: usize) -> Self {
        Gather(Mutex::new(Gathered { outcomes: vec![None; count], missing: count, limit }))
    }

    /// Whether this one is answered. With the last of them, all outcomes are gone.
    fn has(&self, at: usize) -> bool {
        lock(&self.0).outcomes.get(at).is_none_or(Option::is_some)
    }

    fn if_complete(&self) -> Option<Vec<u8>> {
        let gathered = &mut *lock(&self.0);
        if gathered.missing > 0 {
            return None;
        }
        let mut answers = Answers::new(gathered.limit);
        for outcome in gathered.outcomes.drain(..).flatten() {
            answers.add(|to| match outcome {
                Outcome::Answer(answer) => {
                    let tail = answer.tail.as_ref().map_or(&[][..], |tail| tail.bytes());
                    to.bytes_mut().extend_from_slice(&answer.head);
                    to.bytes_mut().extend_from_slice(tail);
                    Ok(())
                }
                Outcome::Failed(failure, _) => Err(failure),
                // A token ends with an answer or a failure.
                Outcome::Answers(_) | Outcome::TimedOut | Outcome::Cancelled => Err(Failure::ShuttingDown),
            });
        }
        Some(answers.finish())
    }
}

impl Seat {
    /// Puts the token's outcome there; the last one gets the answers of all.
    pub(crate) fn put(self, outcome: Outcome) -> Option<Vec<u8>> {
        let mut gathered = lock(&self.gather.0);
        gathered.outcomes[self.at] = Some(outcome);
        gathered.missing -= 1;
        drop(gathered);
        self.gather.if_complete()
    }
}

/// How many casts a batch holds, for those who refuse it.
pub(crate) fn count(slot: &Slot, requests: &[u8]) -> usize {
    match slot.is_batch() && slot.kind() == Kind::Cast {
        true => Requests::read(requests).map_or(1, Iterator::count),
        false => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::Requests;

    #[test]
    fn reads_what_it_was_given() {
        let message = [&2_u64.to_le_bytes()[..], b"ab", &0_u64.to_le_bytes(), &1_u64.to_le_bytes(), b"c"].concat();
        let found: Vec<_> = Requests::read(&message).unwrap().collect();
        assert_eq!(found, [&b"ab"[..], b"", b"c"]);
        assert_eq!(Requests::read(&[]).unwrap().count(), 0);
    }

    #[test]
    fn refuses_what_is_no_list_of_requests() {
        for message in [&[0; 7][..], &[1, 0, 0, 0, 0, 0, 0, 0], &[0xff; 8], &[0xff; 40]] {
            assert!(Requests::read(message).is_none(), "{message:?}");
        }
    }
}
