//! The process-global runtime: start, submit, stop.
//!
//! ```text
//!             SENDERS: None ──start──▶ Some(epoch n) ──stop──▶ None ──start──▶ Some(epoch n + 1) ──▶ …
//! ```
//!
//! No pointer to the runtime crosses the boundary, so none can be stale: a caller names the epoch that it belongs to,
//! and one that is over is "not running". Callers take the read lock for as long as a submission takes, and only
//! start and stop take the write lock, for as long as it takes to swap an `Option`.

use crate::chores::{self, Chores};
use crate::config::{Config, ConfigError};
use crate::direct::{Direct, Refused, Returned};
use crate::dispatch::{self, Back};
use crate::engine::{Engine, EngineError};
use crate::function::{Function, Invocation};
use crate::intake::{Intake, Refusal};
use crate::notice::{Inbox, Next};
use crate::outbox;
use crate::panics;
use crate::reference;
use crate::slot::{Kind, Outcome, Place, Slot, new_id};
use crate::stats::{COUNTERS, Depths};
use crate::sync::{Arc, lock};
use crate::waker::Waker;
use crate::worker::{Crew, Run, Shared, named};
use flume::Receiver;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError, RwLock, TryLockError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use thiserror::Error;

/// What callers reach.
struct Senders {
    shared: Arc<Shared>,
    direct: Arc<Direct>,
}

/// The run that takes requests, for those who only make one: its epoch, zero where there is none, and the largest
/// request. What is read here is compared once more when the request is handed over.
static OPEN: (AtomicU64, AtomicUsize) = (AtomicU64::new(0), AtomicUsize::new(0));

/// Whether a runtime has been started and not yet stopped: what a fork has to know.
static RUNNING: AtomicBool = AtomicBool::new(false);

/// Whether this process was forked while a runtime was running. It has none of that runtime's threads, and whatever
/// they had locked stays locked: so nothing is touched, and there is no runtime, for good.
static FORKED: AtomicBool = AtomicBool::new(false);

static SENDERS: LazyLock<RwLock<Option<Senders>>> = LazyLock::new(RwLock::default);

/// The inbox of the runtime that was started last, with its epoch. It outlives that runtime, so that Haskell can read
/// what went wrong while it shut down.
static INBOX: Mutex<Option<(u64, Arc<Inbox>)>> = Mutex::new(None);

/// What stop needs, and the lock that start and stop hold from their beginning to their end. A start that finds it
/// taken does not wait, but is told that a runtime is running.
static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);

struct Runtime {
    shared: Arc<Shared>,
    direct: Weak<Direct>,
    /// Disconnected once the last worker has ended, and the last direct call.
    done: Receiver<Infallible>,
    dispatch: JoinHandle<()>,
    chores: chores::Threads,
}

/// Why a runtime does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// One is running, or is starting or shutting down just now.
    #[error("a runtime is already running in this process, or is still shutting down")]
    AlreadyRunning,
    /// This process was forked while a runtime was running.
    #[error("this process was forked from one in which a runtime was running: fork before, or start another program")]
    Forked,
    /// See [`ConfigError`].
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// See [`EngineError`].
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The function that builds the engine panicked.
    #[error("the engine panicked while it was built, at {place}: {message}")]
    EnginePanicked {
        /// `file:line:column`.
        place: String,
        /// The panic's message.
        message: String,
    },
    /// The system gives no more threads.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// No runtime of this epoch is running.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the runtime is not running")]
pub struct NotRunning;

/// Why a submission was not accepted.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SubmitError {
    /// See [`NotRunning`].
    #[error(transparent)]
    NotRunning(#[from] NotRunning),
    /// See [`Refusal`].
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The engine has no such method of this kind.
    #[error("the engine has no such method")]
    UnknownMethod,
}

/// Starts the runtime with the engine that `build` makes, and gives its epoch, which is never zero.
///
/// Runs `build` on the calling thread. Not to be called from a handler.
pub fn start(config: &[u8], build: impl FnOnce() -> Engine) -> Result<u64, StartError> {
    static EPOCHS: AtomicU64 = AtomicU64::new(1);

    if is_forked() {
        return Err(StartError::Forked);
    }
    let mut runtime = match RUNTIME.try_lock() {
        Ok(free) => free,
        Err(TryLockError::Poisoned(free)) => free.into_inner(),
        Err(TryLockError::WouldBlock) => return Err(StartError::AlreadyRunning),
    };
    if runtime.is_some() {
        return Err(StartError::AlreadyRunning);
    }
    panics::install_hook();
    let config = Config::from_bytes(config)?;
    let engine = panics::catch(build)
        .map_err(|report| StartError::EnginePanicked { place: report.place, message: report.message })?
        .validated()?;
    let epoch = EPOCHS.fetch_add(1, Ordering::Relaxed);
    let (started, direct) = Runtime::start(epoch, config, engine)?;
    *lock(&INBOX) = Some((epoch, started.shared.inbox.clone()));
    RUNNING.store(true, Ordering::Release);
    let shared = started.shared.clone();
    OPEN.1.store(shared.run.config.max_msg_len, Ordering::Relaxed);
    OPEN.0.store(epoch, Ordering::Release);
    *SENDERS.write().unwrap_or_else(PoisonError::into_inner) = Some(Senders { shared, direct });
    *runtime = Some(started);
    Ok(epoch)
}

/// Stops the runtime of this epoch; says how many handlers were still running when the limit was over.
///
/// Calls that have not begun are answered with "shutting down", handlers that run are told that they are cancelled,
/// casts that were accepted are still handled. Waits for that for at most `shutdown_limit`; what runs on is then left
/// behind, its callers answered. What the engine's own destructors do takes as long as it takes. `at_end` runs when no
/// thread of the runtime will use the Haskell runtime system any more, and before another runtime can start.
pub fn stop(epoch: u64, at_end: impl FnOnce()) -> Result<usize, NotRunning> {
    if is_forked() {
        return Err(NotRunning);
    }
    // Waits, unlike start: a start that is about to be refused holds the lock too, for an instant.
    let mut runtime = lock(&RUNTIME);
    let running = runtime.take_if(|runtime| runtime.shared.epoch == epoch).ok_or(NotRunning)?;
    OPEN.0.store(0, Ordering::Relaxed);
    let senders = SENDERS.write().unwrap_or_else(PoisonError::into_inner).take();
    // Here, since it holds the direct calls' reference: shutdown waits until that and all others are gone.
    drop(senders);
    let left_behind = running.stop();
    RUNNING.store(false, Ordering::Release);
    at_end();
    Ok(left_behind)
}

/// This process has just been forked from another. Touches nothing but two flags, as befits a moment in which any lock
/// may be held by a thread that is not there.
pub fn forked() {
    if RUNNING.load(Ordering::Acquire) {
        FORKED.store(true, Ordering::Release);
    }
}

/// Whether this process was forked while a runtime was running.
pub fn is_forked() -> bool {
    FORKED.load(Ordering::Acquire)
}

/// A new slot for a request.
pub fn slot(kind: Kind, method: u64, deadline: Option<Instant>, request: Vec<u8>) -> Arc<Slot> {
    Slot::new(new_id(), kind, method, deadline, request)
}

/// A new slot for a batch of requests: see [`crate::batch`].
pub fn batch(kind: Kind, method: u64, requests: Vec<u8>) -> Arc<Slot> {
    Slot::batch(new_id(), kind, method, requests)
}

/// A new slot that is over already, with this answer.
pub fn answered(answer: Vec<u8>) -> Arc<Slot> {
    Slot::settled(new_id(), 0, Outcome::Answer(answer.into()))
}

/// The largest request that the runtime of this epoch takes, in bytes.
pub fn limit(epoch: u64) -> Result<usize, NotRunning> {
    let (open, limit) = &OPEN;
    if epoch != 0 && open.load(Ordering::Acquire) == epoch && !is_forked() {
        Ok(limit.load(Ordering::Relaxed))
    } else {
        Err(NotRunning)
    }
}

/// Runs a method's handler on this thread: see the module `direct`.
pub fn direct(
    epoch: u64,
    method: u64,
    request: &[u8],
    room: usize,
    nonblocking: bool,
) -> Result<Result<Returned, Refused>, NotRunning> {
    // The lock is not held while the handler runs.
    let direct = senders(|senders| (senders.shared.epoch == epoch).then(|| senders.direct.clone())).flatten();
    Ok(direct.ok_or(NotRunning)?.call(method, request, room, nonblocking, new_id))
}

/// Makes a slot for a small request and hands it over, in one step: a call with its waiter, or a cast without one, which
/// is refused where the queue is full. Never blocks.
pub fn enter(
    epoch: u64,
    kind: Kind,
    method: u64,
    deadline: Option<Instant>,
    request: &[u8],
    waiter: Option<Waker>,
) -> Result<Result<Arc<Slot>, SubmitError>, TooLarge> {
    let entered = with(epoch, |shared| {
        if shared.engine.method(kind, method).is_none() {
            return Ok(Err(SubmitError::UnknownMethod));
        }
        if request.len() > shared.run.config.max_msg_len {
            return Err(TooLarge);
        }
        // The answer will be where the request was, if it fits.
        let mut own = Vec::with_capacity(request.len().max(ROOM));
        own.extend_from_slice(request);
        let slot = Slot::queued(new_id(), kind, method, deadline, own, waiter);
        if let Err(refusal) = shared.intake.enter(&slot) {
            return Ok(Err(refusal.into()));
        }
        shared.run.watch(&slot);
        Ok(Ok(slot))
    });
    entered.unwrap_or_else(|none| Ok(Err(none.into())))
}

/// Room for a small answer.
const ROOM: usize = 64;

/// A request has more bytes than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Hands a slot over. A call needs a waiter; a cast without one is refused where the queue is full. Never blocks.
pub fn submit(epoch: u64, slot: &Arc<Slot>, waiter: Option<Waker>) -> Result<Place, SubmitError> {
    with(epoch, |shared| {
        if shared.engine.method(slot.kind(), slot.method()).is_none() {
            return Err(SubmitError::UnknownMethod);
        }
        let place = shared.intake.submit(slot, waiter)?;
        shared.run.watch(slot);
        Ok(place)
    })?
}

/// The caller lets go of its slot; whatever is left of the job is cancelled. Never blocks.
pub fn release(slot: Arc<Slot>) {
    if slot.place() == Place::Line || slot.deadline().is_some() {
        // Of another epoch than the slot's, neither will know it.
        senders(|Senders { shared, .. }| {
            shared.intake.withdraw(&slot);
            shared.run.deadlines.forget(&slot);
        });
    }
    slot.release();
}

/// The next notice from the runtime of this epoch; see [`Inbox::next`].
pub fn next_notice(epoch: u64, waker: Waker) -> Next {
    if is_forked() {
        return Next::Closed;
    }
    let inbox = match &*lock(&INBOX) {
        Some((of, inbox)) if *of == epoch => inbox.clone(),
        _ => return Next::Closed,
    };
    inbox.next(waker)
}

/// The next thing that Haskell is to do for this epoch's runtime; see [`Outbox::next`](crate::outbox::Outbox::next).
pub fn next_summons(epoch: u64, waker: Waker) -> outbox::Next<Invocation> {
    let run = senders(|Senders { shared, .. }| (shared.epoch == epoch).then(|| shared.run.clone())).flatten();
    run.map_or(outbox::Next::Closed, |run| run.outbox.next(waker))
}

/// A new function of Haskell's, which this slot's request refers to: its reference.
pub fn offer(epoch: u64, slot: &Slot) -> Result<u64, NotRunning> {
    let run = with(epoch, |shared| shared.run.clone())?;
    let hold = Function::offer(run).ok_or(NotRunning)?;
    let id = hold.id();
    slot.carry(hold);
    Ok(id)
}

/// How full the queues are; zeros where no runtime is running.
pub fn depths() -> Depths {
    senders(|Senders { shared, .. }| Depths {
        notices_queued: (shared.run.back.len() + shared.inbox.len()) as u64,
        ..shared.intake.depths()
    })
    .unwrap_or_default()
}

fn senders<R>(act: impl FnOnce(&Senders) -> R) -> Option<R> {
    if is_forked() {
        return None;
    }
    let senders = SENDERS.read().unwrap_or_else(PoisonError::into_inner);
    senders.as_ref().map(act)
}

fn with<R>(epoch: u64, act: impl FnOnce(&Shared) -> R) -> Result<R, NotRunning> {
    senders(|Senders { shared, .. }| (shared.epoch == epoch).then(|| act(shared))).flatten().ok_or(NotRunning)
}

impl Runtime {
    fn start(epoch: u64, config: Config, engine: Engine) -> Result<(Self, Arc<Direct>), StartError> {
        let intake = Intake::new(config.queue_capacity, config.workers);
        let (back, back_end) = flume::bounded(config.queue_capacity);
        let workers = config.workers;
        let shared = Arc::new(Shared {
            epoch,
            inbox: Arc::new(Inbox::new(config.queue_capacity)),
            run: Arc::new(Run::new(config, back)),
            engine,
            intake,
            crew: Mutex::new(None),
        });
        let (alive, done) = flume::bounded(0);
        let (chores, threads) = Chores::start()?;
        reference::open(chores);
        let dispatch = {
            let shared = shared.clone();
            named("rs-in-hs dispatch").spawn(move || dispatch::run(&shared, &back_end))
        };
        let dispatch = dispatch.inspect_err(|_| reference::rest())?;
        let direct = Arc::new(Direct::new(shared.clone(), alive.clone()));
        let mut crew = Crew { members: Vec::with_capacity(workers), alive };
        let hired = (0..workers).try_for_each(|_| crew.hire(&shared));
        *lock(&shared.crew) = Some(crew);
        let runtime = Runtime { shared, direct: Arc::downgrade(&direct), done, dispatch, chores: threads };
        match hired {
            Ok(()) => Ok((runtime, direct)),
            Err(error) => {
                drop(direct);
                runtime.stop();
                Err(error.into())
            }
        }
    }

    /// See [`stop`]. Nobody can submit any more.
    fn stop(self) -> usize {
        let Runtime { shared, direct, done, dispatch, chores } = self;
        let limit = Instant::now() + shared.run.config.shutdown_limit;
        shared.run.stopping.store(true, Ordering::Release);
        // Handlers that wait for Haskell go on, and find out.
        shared.run.outbox.close();
        reference::end_streams();
        shared.intake.close();
        let workers = lock(&shared.crew).take().map_or_else(Vec::new, |crew| crew.members);
        // The workers' end of the queue: calls are answered at once, casts handled, until it is empty.
        let _ = done.recv_deadline(limit);
        // Past the limit, what no worker has begun is answered from here.
        let refuse_all = || {
            while let Some(slot) = shared.intake.discard() {
                shared.refuse(slot);
            }
        };
        refuse_all();
        let workers = workers.into_iter().map(|(worker, post)| {
            let (busy, jobs) = post.close();
            let busy = busy.is_some_and(|slot| shared.give_up(slot));
            jobs.into_iter().for_each(|slot| shared.refuse_taken(slot));
            (worker, busy)
        });
        let workers: Vec<_> = workers.collect();
        // One that waits for Haskell, or had moved a job up from the line, may have put jobs into the queue in between; none
        // does any more. Those that wait there for a seat have to be gone before they are waited for.
        refuse_all();
        let mut left_behind = direct.strong_count();
        for (worker, busy) in workers {
            if worker.is_finished() || !busy {
                // It has nothing to do any more, and nothing that it waits for.
                let _ = worker.join();
            } else {
                left_behind += 1;
            }
        }
        shared.run.deferred.close();
        // What Haskell still has, it has no longer. The destructors get what is left of the time, or a moment.
        reference::close_all();
        let are_done = chores.wait(limit.max(Instant::now() + MOMENT));
        reference::rest();
        match are_done {
            true => chores.join(),
            false => left_behind += 1,
        }
        let _ = shared.run.back.send(Back::Stop);
        let _ = dispatch.join();
        // The dispatch thread has brought the last notice.
        shared.inbox.close();
        shared.run.deadlines.close();
        // Every slot is settled now, but the thread that settled one may not have woken its caller yet. It is in the
        // middle of a few instructions that never block.
        while !COUNTERS.nobody_wakes() {
            thread::yield_now();
        }
        let_go(shared);
        left_behind
    }
}

/// In which a thread that has nothing to wait for is through, also on a machine that is busy.
const MOMENT: Duration = Duration::from_secs(1);

/// The last reference drops the engine, whose destructors are foreign code; nobody is there to get their panic.
pub(crate) fn let_go(shared: Arc<Shared>) {
    panics::contain("the engine panicked while it was dropped", || drop(shared));
}
