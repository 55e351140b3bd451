//! GHC, played; and what the tests share.

pub use flume::{Receiver, Sender, unbounded};
pub use rs_in_hs_runtime::engine::EngineError;
pub use rs_in_hs_runtime::failure::Failure;
pub use rs_in_hs_runtime::intake::Refusal;
pub use rs_in_hs_runtime::method::method_id;
pub use rs_in_hs_runtime::notice::Next;
pub use rs_in_hs_runtime::runtime::{self, NotRunning, StartError, SubmitError};
pub use rs_in_hs_runtime::slot::{Kind, Outcome, Place, Slot};
pub use rs_in_hs_runtime::stats::{COUNTERS, Counter, Depths};
pub use rs_in_hs_runtime::waker::{Rts, Waker};
pub use rs_in_hs_runtime::wire::{Decode, Encode};
pub use rs_in_hs_runtime::{CallToken, Context, Engine, wire};
pub use std::fmt::Debug;
pub use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
pub use std::thread;
pub use std::time::{Duration, Instant};

/// No test takes so long.
pub const LONG: Duration = Duration::from_secs(20);

/// GHC's runtime system: a StablePtr is an index.
pub struct Ghc {
    pub fates: Mutex<Vec<Fate>>,
    pub changed: Condvar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Alive,
    Put,
    Freed,
}

pub static GHC: Ghc = Ghc { fates: Mutex::new(Vec::new()), changed: Condvar::new() };

impl Ghc {
    pub fn waker(&'static self) -> (usize, Waker) {
        self.waker_of(&COUNTERS.stable_ptrs)
    }

    pub fn waker_of(&'static self, alive: &'static Counter) -> (usize, Waker) {
        let mut fates = self.lock();
        fates.push(Fate::Alive);
        let waiter = fates.len() - 1;
        (waiter, Waker::new(self, waiter, 0, alive))
    }

    pub fn spend(&self, waiter: usize, fate: Fate) {
        let mut fates = self.lock();
        let before = std::mem::replace(&mut fates[waiter], fate);
        drop(fates);
        if before != Fate::Alive {
            // A panic on a worker would be caught.
            eprintln!("a StablePtr is {fate:?} that was {before:?} before");
            std::process::abort();
        }
        self.changed.notify_all();
    }

    pub fn fate(&self, waiter: usize) -> Fate {
        self.lock()[waiter]
    }

    pub fn wait(&self, waiter: usize) {
        let waited = self.changed.wait_timeout_while(self.lock(), LONG, |fates| fates[waiter] == Fate::Alive);
        drop(waited);
        assert_eq!(self.fate(waiter), Fate::Put);
    }

    pub fn lock(&self) -> MutexGuard<'_, Vec<Fate>> {
        self.fates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rts for Ghc {
    fn put(&self, _capability: i32, stable_ptr: usize) {
        self.spend(stable_ptr, Fate::Put);
    }

    fn free(&self, stable_ptr: usize) {
        self.spend(stable_ptr, Fate::Freed);
    }
}

#[derive(Clone, Copy)]
pub struct Settings {
    pub max_msg_len: u64,
    pub queue_capacity: u64,
    pub workers: u64,
    pub shutdown_limit: Duration,
}

pub const USUAL: Settings = Settings { max_msg_len: 4096, queue_capacity: 4, workers: 1, shutdown_limit: LONG };

impl Settings {
    pub fn bytes(self) -> Vec<u8> {
        let limit = u64::try_from(self.shutdown_limit.as_micros()).unwrap();
        let magic = u64::from_le_bytes(*b"rs-in-h2");
        let numbers = [magic, self.max_msg_len, self.queue_capacity, self.workers, limit, 0];
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }
}

pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A runtime that is stopped by the end of its test, however that ends.
pub struct Running {
    pub epoch: u64,
    pub _alone: MutexGuard<'static, ()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = runtime::stop(self.epoch, || {});
    }
}

pub fn start(settings: Settings, engine: Engine) -> Running {
    let alone = alone();
    let epoch = runtime::start(&settings.bytes(), || engine).unwrap();
    Running { epoch, _alone: alone }
}

/// A job as its sender holds it.
pub struct Sent {
    pub slot: Arc<Slot>,
    pub waiter: usize,
    pub place: Place,
}

impl Running {
    pub fn slot<Q: Encode>(&self, kind: Kind, name: &str, request: &Q, timeout: Option<Duration>) -> Arc<Slot> {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        runtime::slot(kind, method_id(name), deadline, wire::to_bytes(request, usize::MAX).unwrap())
    }

    pub fn send<Q: Encode>(&self, kind: Kind, name: &str, request: &Q, timeout: Option<Duration>) -> Sent {
        let slot = self.slot(kind, name, request, timeout);
        let (waiter, waker) = GHC.waker();
        let place = runtime::submit(self.epoch, &slot, Some(waker)).unwrap();
        Sent { slot, waiter, place }
    }

    pub fn call<Q: Encode>(&self, name: &str, request: &Q) -> Sent {
        self.send(Kind::Call, name, request, None)
    }

    /// Returns once there is room.
    pub fn cast<Q: Encode>(&self, name: &str, request: &Q) {
        let sent = self.send(Kind::Cast, name, request, None);
        match sent.place {
            Place::Line => GHC.wait(sent.waiter),
            place => assert_eq!(place, Place::Admitted),
        }
        sent.release();
    }

    /// Many requests in one message.
    pub fn batch<Q: Encode>(&self, kind: Kind, name: &str, requests: &[Q]) -> Sent {
        let message = requests.iter().flat_map(|request| {
            let bytes = wire::to_bytes(request, usize::MAX).unwrap();
            [(bytes.len() as u64).to_le_bytes().to_vec(), bytes].concat()
        });
        self.batch_of_bytes(kind, name, message.collect())
    }

    pub fn batch_of_bytes(&self, kind: Kind, name: &str, message: Vec<u8>) -> Sent {
        let slot = runtime::batch(kind, method_id(name), message);
        let (waiter, waker) = GHC.waker();
        let place = runtime::submit(self.epoch, &slot, Some(waker)).unwrap();
        Sent { slot, waiter, place }
    }

    /// A cast for each of these; returns once there is room.
    pub fn casts<Q: Encode>(&self, name: &str, messages: &[Q]) {
        let sent = self.batch(Kind::Cast, name, messages);
        if sent.place == Place::Line {
            GHC.wait(sent.waiter);
        }
        sent.release();
    }

    /// The notices that there are, by method and cause, once the runtime has stopped.
    pub fn notices(&self) -> Vec<Failure> {
        std::iter::from_fn(|| match runtime::next_notice(self.epoch, GHC.waker().1) {
            Next::Notice(slot) => slot.outcome(|outcome| match outcome {
                Outcome::Failed(failure, _) => failure.clone(),
                other => panic!("{other:?}"),
            }),
            Next::Closed => None,
            Next::Wait => panic!("the runtime has not stopped"),
        })
        .collect()
    }

    pub fn stop(&self) -> usize {
        runtime::stop(self.epoch, || {}).unwrap()
    }
}

impl Sent {
    pub fn wait(self) -> Outcome {
        GHC.wait(self.waiter);
        let outcome = self.slot.outcome(Outcome::clone).expect("the waiter is woken by the end");
        runtime::release(self.slot);
        outcome
    }

    pub fn answer<A: for<'de> Decode<'de>>(self) -> A {
        match self.wait() {
            Outcome::Answer(answer) => wire::from_bytes(&answer.head).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    pub fn failure(self) -> Failure {
        match self.wait() {
            Outcome::Failed(failure, payload) => {
                assert_eq!(payload, failure.payload());
                failure
            }
            other => panic!("{other:?}"),
        }
    }

    /// The answers to a batch: what each handler answered, or the code of its failure, and what belongs to it.
    pub fn answers<A: for<'de> Decode<'de>>(self) -> Vec<Result<A, (u8, Vec<u8>)>> {
        match self.wait() {
            Outcome::Answers(message, _) => answers(&message),
            other => panic!("{other:?}"),
        }
    }

    pub fn release(self) -> usize {
        runtime::release(self.slot);
        self.waiter
    }
}

/// Reads the answers to a batch.
fn answers<A: for<'de> Decode<'de>>(mut message: &[u8]) -> Vec<Result<A, (u8, Vec<u8>)>> {
    let mut found = Vec::new();
    while let Some((status, rest)) = message.split_first() {
        let (len, rest) = rest.split_first_chunk().expect("a length");
        let (bytes, rest) = rest.split_at(u64::from_le_bytes(*len) as usize);
        found.push(match status {
            0 => Ok(wire::from_bytes(bytes).unwrap()),
            code => Err((*code, bytes.to_vec())),
        });
        message = rest;
    }
    found
}

/// What an answer is in the place of an answer to a batch.
pub fn failed<A>(failure: Failure) -> Result<A, (u8, Vec<u8>)> {
    Err((failure.code(), failure.payload()))
}

/// Something that comes once, or the test fails.
pub fn next<T: Debug>(events: &Receiver<T>) -> T {
    events.recv_timeout(LONG).expect("it happens in time")
}

pub fn none<T: Debug>(events: &Receiver<T>) {
    assert!(events.is_empty(), "{:?}", events.try_recv());
}

/// Where handlers wait: each says that it is there, and goes on when a pass comes.
pub struct Gate {
    pub arrived: Receiver<()>,
    pub passes: Sender<()>,
}

pub fn gate() -> (Gate, impl Fn() + Clone + Send + Sync + 'static) {
    let ((arrive, arrived), (passes, passing)) = (unbounded(), unbounded());
    let pass = move || {
        arrive.send(()).unwrap();
        next(&passing);
    };
    (Gate { arrived, passes }, pass)
}

pub fn until(condition: impl Fn() -> bool) {
    let limit = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < limit, "it does not come true");
        thread::yield_now();
    }
}

/// An engine whose call `note` and cast `note` tell what they were sent.
pub fn notes() -> (Receiver<u64>, Engine) {
    let (told, notes) = unbounded();
    let also = told.clone();
    let engine = Engine::new()
        .call("note", move |_, number: u64| told.send(number).unwrap())
        .cast("note", move |_, number: u64| also.send(number).unwrap());
    (notes, engine)
}

/// An engine whose call `later` hands its token out.
pub fn tokens() -> (Receiver<CallToken<u64>>, Engine) {
    let (give, given) = unbounded();
    (given, Engine::new().call_later("later", move |token, (): ()| give.send(token).unwrap()))
}

pub fn token(tokens: &Receiver<CallToken<u64>>) -> CallToken<u64> {
    tokens.recv_timeout(LONG).expect("a token comes in time")
}

/// A handler that says when it begins, and when it has learnt that it is cancelled.
pub fn patient() -> (Receiver<&'static str>, Engine) {
    let (tell, told) = unbounded();
    let watch = move |context: &Context, (): ()| {
        assert!(!context.is_cancelled());
        tell.send("began").unwrap();
        until(|| context.is_cancelled());
        tell.send("cancelled").unwrap();
    };
    (told, Engine::new().call("watch", watch.clone()).cast("watch", watch))
}
