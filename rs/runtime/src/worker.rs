//! The threads that run handlers.

use crate::answer::Answer;
use crate::batch;
use crate::config::Config;
use crate::context::Context;
use crate::deadline::Deadlines;
use crate::deferred::Deferred;
use crate::dispatch::Back;
use crate::engine::{Engine, Handler, LaterFn, Method, NowFn};
use crate::failure::Failure;
use crate::function::Invocation;
use crate::intake::{Hand, Intake};
use crate::notice::Inbox;
use crate::outbox::Outbox;
use crate::panics::{self, Report};
use crate::requests::Requests;
use crate::runtime::let_go;
use crate::slot::{Kind, Outcome, Slot};
use crate::spin::Spin;
use crate::stats::COUNTERS;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Mutex, lock};
use crate::token::RawToken;
use crate::wire::{Encoder, on_large_stack};
use flume::Sender;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::thread::{self, JoinHandle};

/// What the threads of one runtime share.
pub struct Shared {
    pub(crate) epoch: u64,
    pub(crate) run: Arc<Run>,
    pub(crate) engine: Engine,
    pub(crate) intake: Intake,
    pub(crate) inbox: Arc<Inbox>,
    /// `None` once nobody is hired any more.
    pub(crate) crew: Mutex<Option<Crew>>,
}

/// The workers of a runtime: those that it has started with, and those that were hired to take the place of one that waits
/// for Haskell.
pub struct Crew {
    pub(crate) members: Vec<(JoinHandle<()>, Arc<Post>)>,
    /// Shutdown waits for the end of all of these.
    pub(crate) alive: Sender<Infallible>,
}

impl Crew {
    /// One more worker.
    pub(crate) fn hire(&mut self, shared: &Arc<Shared>) -> io::Result<()> {
        // Those that were not needed any more.
        self.members.retain(|(thread, _)| !thread.is_finished());
        let name = format!("rs-in-hs worker {}", self.members.len() + 1);
        let (shared, post, alive) = (shared.clone(), Arc::<Post>::default(), self.alive.clone());
        let own_post = post.clone();
        let life = move || {
            run(&shared, &own_post);
            let_go(shared);
            drop(alive);
        };
        self.members.push((named(&name).spawn(life)?, post));
        Ok(())
    }
}

/// What handlers and tokens share with them. It does not lead to the engine: an engine may keep its tokens, and would
/// keep itself alive through them.
pub struct Run {
    pub(crate) config: Config,
    pub(crate) deadlines: Deadlines,
    pub(crate) back: Sender<Back>,
    pub(crate) outbox: Outbox<Invocation>,
    pub(crate) deferred: Deferred,
    pub(crate) stopping: AtomicBool,
}

impl Run {
    pub(crate) fn new(config: Config, back: Sender<Back>) -> Self {
        Run {
            deadlines: Deadlines::default(),
            back,
            outbox: Outbox::new(config.queue_capacity),
            deferred: Deferred::default(),
            stopping: AtomicBool::new(false),
            config,
        }
    }

    /// Whether shutdown has begun.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Has a slot time out when its deadline comes, if it has one.
    pub(crate) fn watch(&self, slot: &Arc<Slot>) {
        if self.deadlines.watch(slot) {
            // Where the queue is full, the dispatch thread is busy with it, and looks at the deadlines after each.
            let _ = self.back.try_send(Back::Sooner);
        }
    }
}

impl Shared {
    /// The cast in this slot has failed: nobody waits for it, so the news goes through the queue back to Haskell.
    fn report(&self, slot: Arc<Slot>, failure: Failure) {
        if slot.clone().settle(failure.into()) && self.run.back.try_send(Back::Notice(slot)).is_err() {
            COUNTERS.notices_dropped.raise();
        }
    }

    /// The same of something that has no slot of its own: a cast of a batch, or a handler that panicked after it had
    /// given its token away.
    pub(crate) fn notify(&self, of: &Slot, failure: Failure) {
        self.report(Slot::new(of.id(), Kind::Cast, of.method(), None, Vec::new()), failure);
    }

    /// The same as [`Shared::refuse`], of a job that a worker had taken.
    pub(crate) fn refuse_taken(&self, slot: Arc<Slot>) {
        self.intake.begin(slot.kind());
        self.refuse(slot);
    }

    /// Shutdown is over before this job's turn has come.
    pub(crate) fn refuse(&self, slot: Arc<Slot>) {
        if slot.kind() == Kind::Cast {
            slot.start();
            self.drop_casts(&slot, if slot.is_batch() { slot.take_left() } else { 1 });
        }
        slot.settle(Outcome::from(Failure::ShuttingDown));
    }

    /// Shutdown does not wait for the worker that has this job any more. Says whether a handler of it runs.
    pub(crate) fn give_up(&self, slot: Arc<Slot>) -> bool {
        if slot.kind() == Kind::Cast && slot.start().is_some() {
            // Its worker has only just taken it, and now finds nothing to do.
            self.refuse(slot);
            return false;
        }
        self.drop_casts(&slot, slot.take_left());
        slot.settle(Outcome::from(Failure::ShuttingDown));
        true
    }

    fn drop_casts(&self, slot: &Slot, count: usize) {
        let known = self.engine.method(Kind::Cast, slot.method());
        let method = known.map_or_else(|| format!("{:#018x}", slot.method()), |method| method.name.into());
        for _ in 0..count {
            self.notify(slot, Failure::CastDropped { method: method.clone() });
        }
    }
}

/// What a worker has taken out of the queue, where shutdown can find it: so at the end every slot is in the queue, on a
/// post, or settled.
#[derive(Default)]
pub struct Post(Mutex<Desk>);

#[derive(Default)]
struct Desk {
    /// What comes next.
    jobs: VecDeque<Arc<Slot>>,
    busy: Option<Arc<Slot>>,
    closed: bool,
}

impl Post {
    /// Exchanges an empty desk for these jobs; they stay where they are if the post is closed.
    fn fill(&self, jobs: &mut VecDeque<Arc<Slot>>) {
        let mut desk = lock(&self.0);
        if !desk.closed {
            std::mem::swap(&mut desk.jobs, jobs);
        }
    }

    /// The next job, which the worker is busy with until it leaves it.
    fn take(&self) -> Option<Arc<Slot>> {
        let mut desk = lock(&self.0);
        let slot = desk.jobs.pop_front()?;
        desk.busy = Some(slot.clone());
        Some(slot)
    }

    /// What it is busy with.
    fn serves(&self) -> Option<Arc<Slot>> {
        lock(&self.0).busy.clone()
    }

    /// Puts what it has not begun back into the queue: under the lock, so that whoever closes the post afterwards finds
    /// it there. Says whether one more worker is to be hired.
    fn step_aside(&self, intake: &Intake) -> bool {
        let mut desk = lock(&self.0);
        intake.step_aside(std::mem::take(&mut desk.jobs))
    }

    fn leave(&self) {
        let left = lock(&self.0).busy.take();
        drop(left);
    }

    /// No more work here. Gives what the worker is busy with, which is to be answered in its stead, and what it has not
    /// taken.
    pub fn close(&self) -> (Option<Arc<Slot>>, VecDeque<Arc<Slot>>) {
        let mut desk = lock(&self.0);
        desk.closed = true;
        (desk.busy.take(), std::mem::take(&mut desk.jobs))
    }
}

/// The post of the worker whose thread this is.
#[derive(Clone)]
struct Seat {
    shared: Arc<Shared>,
    post: Arc<Post>,
}

thread_local! {
    static SEAT: RefCell<Option<Seat>> = const { RefCell::new(None) };
    static STEAD: RefCell<Option<Arc<Slot>>> = const { RefCell::new(None) };
}

/// The call or cast that this thread works for: a worker's, or that of one who waits for what is done here.
pub(crate) fn serving() -> Option<Arc<Slot>> {
    let stead = STEAD.with_borrow(Clone::clone);
    stead.or_else(|| SEAT.with_borrow(|seat| seat.as_ref().and_then(|seat| seat.post.serves())))
}

/// Does something in the stead of a thread that works for this call, and waits. It does not panic.
pub(crate) fn in_stead<R>(of: Option<Arc<Slot>>, act: impl FnOnce() -> R) -> R {
    let before = STEAD.replace(of);
    let result = act();
    STEAD.set(before);
    result
}

/// A worker that waits, and has left its seat to another. When this is dropped, it goes on.
pub(crate) struct Aside(Option<Arc<Shared>>);

impl Aside {
    /// If this is a worker, it leaves its seat. Says how many workers there are where none is left to take it.
    pub(crate) fn step() -> Result<Self, usize> {
        let Some(Seat { shared, post }) = SEAT.with_borrow(Clone::clone) else { return Ok(Aside(None)) };
        if post.step_aside(&shared.intake) {
            let hired = match &mut *lock(&shared.crew) {
                Some(crew) => crew.members.len() < MOST && crew.hire(&shared).is_ok(),
                // Nobody is hired during shutdown, when nothing waits for long.
                None => true,
            };
            if !hired {
                let count = shared.intake.not_hired();
                shared.intake.step_back();
                return Err(count);
            }
        }
        Ok(Aside(Some(shared)))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(shared) = &self.0 {
            shared.intake.step_back();
        }
    }
}

/// Waits, with the seat left to another worker; if there is none, this says how many there are, and does not wait.
pub(crate) fn while_waiting<R>(wait: impl FnOnce() -> R) -> Result<R, usize> {
    let _aside = Aside::step()?;
    Ok(wait())
}

/// A chain of calls there and back takes one thread for each turn. Beyond so many it is more likely without end.
const MOST: usize = 1024 + 1024;

/// A worker's life: until the intake is closed and its queue empty.
fn run(shared: &Arc<Shared>, post: &Arc<Post>) {
    on_large_stack();
    SEAT.set(Some(Seat { shared: shared.clone(), post: post.clone() }));
    let most = if shared.run.config.workers == 1 { usize::MAX } else { 1 };
    let mut hand = Hand::new(Spin::new(shared.run.config.spin_limit));
    let mut scratch = Vec::new();
    while shared.intake.take(most, &mut hand) {
        post.fill(&mut hand.jobs);
        while let Some(slot) = post.take() {
            shared.intake.begin(slot.kind());
            serve(shared, post, slot, &mut scratch);
        }
        // The post was closed before it had them.
        hand.jobs.drain(..).for_each(|slot| shared.refuse_taken(slot));
    }
    // It holds the runtime, which is let go of where a panic of its destructor is caught.
    SEAT.set(None);
}

/// Decoding may nest deep, with values that are large by themselves. Of this stack only what is used is memory.
const STACK: usize = crate::wire::READING;

pub(crate) fn named(name: &str) -> thread::Builder {
    thread::Builder::new().name(name.into()).stack_size(STACK)
}

fn serve(shared: &Shared, post: &Post, slot: Arc<Slot>, scratch: &mut Vec<u8>) {
    if slot.kind() == Kind::Call && shared.run.is_stopping() {
        post.leave();
        shared.refuse(slot);
        return;
    }
    // A caller that has gone before its work began costs no more than this.
    let outcome = slot.start().and_then(|request| handle(shared, &slot, request, scratch));
    post.leave();
    match outcome {
        Some(Outcome::Failed(failure, _)) if slot.kind() == Kind::Cast => shared.report(slot, failure),
        Some(outcome) => {
            slot.settle(outcome);
        }
        None => {}
    }
}

/// Runs the handler; `None` where a token has the duty to answer, or has answered, and where nobody is to be answered.
fn handle(shared: &Shared, slot: &Arc<Slot>, request: Vec<u8>, scratch: &mut Vec<u8>) -> Option<Outcome> {
    let Some(method) = shared.engine.method(slot.kind(), slot.method()) else {
        let kind = if slot.kind() == Kind::Call { "call" } else { "cast" };
        return Some(Failure::UnknownMethod { kind, id: slot.method() }.into());
    };
    let context = Context { slot: Some(slot.clone()), run: shared.run.clone() };
    if slot.is_batch() {
        return handle_batch(shared, slot, method, &context, &request);
    }
    match &method.handler {
        Handler::Now(run) => {
            let written = call(method.name, run, &context, &request, std::mem::take(scratch));
            let (outcome, left) = match written {
                Ok(answer) => kept(answer, request),
                Err((failure, left)) => (failure.into(), left),
            };
            if left.capacity() <= KEPT {
                *scratch = left;
            }
            Some(outcome)
        }
        Handler::Later(run) => {
            call_later(shared, slot, method.name, run, context, &request);
            None
        }
    }
}

fn handle_batch(
    shared: &Shared,
    slot: &Arc<Slot>,
    method: &Method,
    context: &Context,
    requests: &[u8],
) -> Option<Outcome> {
    let Some(requests) = Requests::read(requests) else {
        let reason = "it is no list of requests".into();
        return Some(Failure::Undecodable { method: method.name.into(), reason }.into());
    };
    match (&method.handler, slot.kind()) {
        (Handler::Now(run), Kind::Call) => batch::calls(context, slot, method.name, run, requests),
        (Handler::Now(run), Kind::Cast) => {
            batch::casts(shared, context, slot, method.name, run, requests);
            Some(Outcome::Answer(Answer::default()))
        }
        (Handler::Later(run), _) => batch::later(shared, context, slot, method, run, requests),
    }
}

/// Runs a handler that is through when it returns. The answer is written to `memory`, which comes back where there is
/// none.
pub(crate) fn call(
    name: &str,
    run: &NowFn,
    context: &Context,
    request: &[u8],
    memory: Vec<u8>,
) -> Result<Answer, (Failure, Vec<u8>)> {
    let mut to = Encoder::with_tail(context.max_msg_len(), memory);
    let failure = match panics::catch(|| run(context, request, &mut to)) {
        Ok(Ok(())) => return Ok(to.finish()),
        Ok(Err(failure)) => failure,
        Err(report) => panicked(name, report),
    };
    Err((failure, to.finish().head))
}

/// What is kept for the next answer: a large one that failed leaves as much as the limit allows.
pub(crate) const KEPT: usize = 64 << 10;

/// Requests of no more than this leave their memory to the answer.
const SMALL: usize = 4 << 10;

/// The answer where its caller finds it, and memory for the next one. A small answer goes where the request was, so that
/// nothing is allocated for it, and nothing freed by another thread than the one that allocated it.
fn kept(answer: Answer, mut request: Vec<u8>) -> (Outcome, Vec<u8>) {
    let fits = answer.head.len() <= request.capacity() && request.capacity() <= SMALL;
    if answer.tail.is_some() || !answer.carried.is_empty() || !fits {
        return (Outcome::Answer(answer), Vec::new());
    }
    request.clear();
    request.extend_from_slice(&answer.head);
    (Outcome::Answer(request.into()), answer.head)
}

/// Runs a handler that answers through a token.
pub(crate) fn call_later(
    shared: &Shared,
    slot: &Arc<Slot>,
    name: &'static str,
    run: &LaterFn,
    context: Context,
    request: &[u8],
) {
    let mut token = Some(RawToken::new(context, slot.clone(), name));
    let result = panics::catch(|| run(&mut token, request));
    settle_token(shared, slot, name, token, result, slot.is_settled());
}

/// What becomes of a token whose handler has returned: where that one has left it, or panicked.
pub(crate) fn settle_token(
    shared: &Shared,
    slot: &Slot,
    name: &str,
    token: Option<RawToken>,
    result: Result<Result<(), Failure>, Report>,
    answered: bool,
) {
    match (token, result) {
        (Some(token), Ok(Err(failure))) => token.settle(failure.into()),
        (Some(token), Err(report)) => token.settle(panicked(name, report).into()),
        // A token that was dropped by the panic has answered with it. One that went elsewhere knows nothing of it, and
        // its call is still to be answered: so the panic becomes a notice of its own.
        (None, Err(report)) if !answered => shared.notify(slot, panicked(name, report)),
        // Whoever has the token has the duty to answer, and has done so if it is gone.
        _ => {}
    }
}

/// A panic, counted.
pub(crate) fn panicked(method: &str, report: Report) -> Failure {
    COUNTERS.panics.raise();
    Failure::Panicked { method: method.into(), place: report.place, message: report.message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::method_id;
    use flume::Receiver;
    use std::time::Duration;

    fn shared() -> (Shared, Receiver<Back>) {
        let (back, back_end) = flume::bounded(10);
        let second = Duration::from_secs(1);
        let config =
            Config { max_msg_len: 64, queue_capacity: 4, workers: 1, shutdown_limit: second, spin_limit: second };
        let shared = Shared {
            epoch: 1,
            run: Arc::new(Run::new(config, back)),
            engine: Engine::new().cast("note", |_, _: u8| ()),
            intake: Intake::new(4, 1),
            inbox: Arc::new(Inbox::new(10)),
            crew: Mutex::new(None),
        };
        (shared, back_end)
    }

    /// A slot that is in the queue, of a batch of three or of a single cast.
    fn cast(shared: &Shared, is_batch: bool) -> Arc<Slot> {
        let requests = [1_u64.to_le_bytes().as_slice(), &[7]].concat().repeat(3);
        let id = method_id("note");
        let slot = if is_batch {
            Slot::batch(1, Kind::Cast, id, requests)
        } else {
            Slot::new(1, Kind::Cast, id, None, vec![7])
        };
        shared.intake.submit(&slot, None).unwrap();
        slot
    }

    /// How many casts were reported as dropped.
    fn dropped(back: &Receiver<Back>) -> usize {
        let is_drop = |back| {
            match back {
            Back::Notice(slot) => slot
                .outcome(|outcome| matches!(outcome, Outcome::Failed(Failure::CastDropped { method }, _) if method == "note"))
                .unwrap_or(false),
            _ => false,
        }
        };
        back.drain().map(is_drop).filter(|is_drop| *is_drop).count()
    }

    /// Shutdown comes after the worker has taken it from its post, and before it has begun it.
    #[test]
    fn a_cast_that_was_only_just_taken_is_reported() {
        for is_batch in [false, true] {
            let (shared, back) = shared();
            let slot = cast(&shared, is_batch);
            let (post, mut hand) = (Post::default(), Hand::new(Spin::new(Duration::ZERO)));
            assert!(shared.intake.take(1, &mut hand));
            post.fill(&mut hand.jobs);
            let taken = post.take().unwrap();
            let (busy, jobs) = post.close();
            assert!(jobs.is_empty());
            assert!(!shared.give_up(busy.unwrap()), "no handler of it runs");
            assert_eq!(dropped(&back), if is_batch { 3 } else { 1 });
            // The worker finds nothing to do, and shutdown waits for it.
            serve(&shared, &post, taken, &mut Vec::new());
            assert_eq!(dropped(&back), 0);
            assert!(slot.is_settled() && post.take().is_none());
        }
    }

    #[test]
    fn of_a_batch_that_is_given_up_each_cast_is_begun_or_reported() {
        for begun in 0..=3 {
            let (shared, back) = shared();
            let slot = cast(&shared, true);
            slot.start().unwrap();
            for _ in 0..begun {
                assert!(slot.begin_next());
            }
            assert!(shared.give_up(slot.clone()));
            assert!(!slot.begin_next());
            assert_eq!(dropped(&back), 3 - begun);
        }
    }
}
