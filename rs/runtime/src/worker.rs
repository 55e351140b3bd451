//! The threads that run handlers.

use crate::config::Config;
use crate::context::Context;
use crate::deadline::Deadlines;
use crate::deferred::Deferred;
use crate::dispatch::Back;
use crate::engine::{Engine, Handler};
use crate::failure::Failure;
use crate::intake::Intake;
use crate::notice::Inbox;
use crate::panics::{self, Report};
use crate::slot::{Kind, Outcome, Slot};
use crate::stats::COUNTERS;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::queue::{Receiver, Sender};
use crate::sync::{Arc, Mutex, lock};
use crate::token::RawToken;

/// What the threads of one runtime share.
pub struct Shared {
    pub(crate) epoch: u64,
    pub(crate) run: Arc<Run>,
    pub(crate) engine: Engine,
    pub(crate) intake: Intake,
    pub(crate) jobs: Receiver<Arc<Slot>>,
    pub(crate) deadlines: Deadlines,
    pub(crate) back: Sender<Back>,
    pub(crate) inbox: Arc<Inbox>,
}

/// What handlers and tokens share with them. It does not lead to the engine: an engine may keep its tokens, and would
/// keep itself alive through them.
pub struct Run {
    pub(crate) config: Config,
    pub(crate) deferred: Deferred,
    pub(crate) stopping: AtomicBool,
}

impl Run {
    /// Whether shutdown has begun.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}

impl Shared {
    /// The cast in this slot has failed: nobody waits for it, so the news goes through the queue back to Haskell.
    fn report(&self, slot: Arc<Slot>, failure: Failure) {
        if slot.clone().settle(failure.into()) && self.back.try_send(Back::Notice(slot)).is_err() {
            COUNTERS.notices_dropped.raise();
        }
    }

    /// Shutdown is over before this job's turn has come.
    pub(crate) fn refuse(&self, slot: Arc<Slot>) {
        match slot.kind() {
            Kind::Call => {
                slot.settle(Outcome::from(Failure::ShuttingDown));
            }
            Kind::Cast => {
                let known = self.engine.method(Kind::Cast, slot.method());
                let method = known.map_or_else(|| format!("{:#018x}", slot.method()), |method| method.name.into());
                self.report(slot, Failure::CastDropped { method });
            }
        }
    }
}

/// The slot that a worker is busy with, where shutdown can find it.
///
/// A worker takes its post before it begins, and a post that shutdown has closed is not taken: so at the end every
/// slot is in a queue, on a post, or settled.
#[derive(Default)]
pub struct Post(Mutex<Work>);

#[derive(Default)]
enum Work {
    #[default]
    Idle,
    Busy(Arc<Slot>),
    Closed,
}

impl Post {
    fn take(&self, slot: &Arc<Slot>) -> bool {
        let mut work = lock(&self.0);
        let open = !matches!(*work, Work::Closed);
        if open {
            *work = Work::Busy(slot.clone());
        }
        open
    }

    fn leave(&self) {
        let mut work = lock(&self.0);
        if let Work::Busy(_) = *work {
            *work = Work::Idle;
        }
    }

    /// No more work here; what the worker is busy with is answered by shutdown. Says whether it was busy.
    pub fn close(&self) -> bool {
        let work = std::mem::replace(&mut *lock(&self.0), Work::Closed);
        let Work::Busy(slot) = work else { return false };
        slot.settle(Outcome::from(Failure::ShuttingDown));
        true
    }
}

/// A worker's life: until the intake is closed and the channel empty.
pub fn run(shared: &Arc<Shared>, post: &Post) {
    while let Ok(slot) = shared.jobs.recv() {
        shared.intake.taken(slot.kind());
        serve(shared, post, slot);
    }
}

fn serve(shared: &Arc<Shared>, post: &Post, slot: Arc<Slot>) {
    let refused = slot.kind() == Kind::Call && shared.run.is_stopping();
    if refused || !post.take(&slot) {
        shared.refuse(slot);
        return;
    }
    // A caller that has gone before its work began costs no more than this.
    let outcome = slot.start().and_then(|request| handle(shared, &slot, request));
    post.leave();
    match outcome {
        Some(Outcome::Failed(failure, _)) if slot.kind() == Kind::Cast => shared.report(slot, failure),
        Some(outcome) => {
            slot.settle(outcome);
        }
        None => {}
    }
}

/// Runs the handler; `None` where a token has the duty to answer, or has answered.
fn handle(shared: &Arc<Shared>, slot: &Arc<Slot>, request: Vec<u8>) -> Option<Outcome> {
    let Some(method) = shared.engine.method(slot.kind(), slot.method()) else {
        let kind = if slot.kind() == Kind::Call { "call" } else { "cast" };
        return Some(Failure::UnknownMethod { kind, id: slot.method() }.into());
    };
    let context = Context { slot: slot.clone(), run: shared.run.clone() };
    match &method.handler {
        Handler::Now(run) => Some(outcome(method.name, panics::catch(|| run(&context, &request)))),
        Handler::Later(run) => {
            let mut token = Some(RawToken::new(context, method.name));
            let result = panics::catch(|| run(&mut token, &request));
            match (token, result) {
                (Some(token), Ok(Err(failure))) => token.settle(failure.into()),
                (Some(token), Err(report)) => token.settle(panicked(method.name, report).into()),
                // A token that was dropped by the panic has answered with it. One that went elsewhere knows nothing of
                // it, and its call is still to be answered: so the panic becomes a notice of its own.
                (None, Err(report)) if !slot.is_settled() => {
                    let notice = Slot::new(slot.id(), Kind::Cast, slot.method(), None, Vec::new());
                    shared.report(notice, panicked(method.name, report));
                }
                // Whoever has the token has the duty to answer, and has done so if it is gone.
                _ => {}
            }
            None
        }
    }
}

/// How a call ends, from what became of its answer.
pub(crate) fn outcome(method: &str, answer: Result<Result<Vec<u8>, Failure>, Report>) -> Outcome {
    match answer {
        Ok(Ok(bytes)) => Outcome::Answer(bytes),
        Ok(Err(failure)) => failure.into(),
        Err(report) => panicked(method, report).into(),
    }
}

/// A panic, counted.
pub(crate) fn panicked(method: &str, report: Report) -> Failure {
    COUNTERS.panics.raise();
    Failure::Panicked { method: method.into(), place: report.place, message: report.message }
}
