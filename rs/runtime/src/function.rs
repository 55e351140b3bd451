//! Functions of Haskell's that Rust calls.

use crate::carried::{Carried, Hold};
use crate::direct;
use crate::failure::Failure;
use crate::local;
use crate::outbox::{Invoke, Refusal};
use crate::reference::{self, Thing};
use crate::runtime::is_forked;
use crate::schema::{Type, Types};
use crate::signal::Signal;
use crate::slot::{Outcome, Slot, new_id};
use crate::stats::{Alive, COUNTERS};
use crate::waker::{Told, Waker};
use crate::wire::{self, Data, Decode, Decoder, Encode, Encoder, WireError};
use crate::worker::{self, Run};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::task;
use std::time::{Duration, Instant};
use thiserror::Error;

/// A Haskell function `A -> IO B`, which Rust may keep, clone, send to any thread and call.
///
/// A method takes it as an argument, or in other data: a `#[data]` struct of callbacks is a service that Haskell
/// implements. Each call runs on a Haskell thread of its own, so calls do not wait for one another. Haskell keeps the function
/// for as long as Rust has this value, at most until the end of `withRust`.
///
/// Made by a handler, a call inherits what its own caller has set: it ends when the handler's deadline comes, and when
/// the handler's caller goes away. The Haskell thread then gets an asynchronous exception.
///
/// While a handler waits here, another thread takes the worker's place, so that the function may call the engine in turn,
/// and others are not held up. So a handler on the only worker begins before another ends, where that one calls back. Hold no
/// lock meanwhile that other handlers take.
///
/// ```
/// use rs_in_hs_runtime::function::{Callback, CallbackError};
///
/// fn ask(keep: &Callback<String, bool>, name: &str) -> Result<bool, CallbackError> {
///     keep.call(name.into())
/// }
/// ```
pub struct Callback<A, B> {
    function: Arc<Function>,
    of: PhantomData<fn(A) -> B>,
}

/// Why a call of a Haskell function has no result.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CallbackError {
    /// The function threw.
    #[error("the Haskell function threw {exception}: {message}")]
    Thrown {
        /// The exception's type.
        exception: String,
        /// What `displayException` says of it.
        message: String,
    },
    /// The deadline came first: that of the call, or of the handler that makes it.
    #[error("the Haskell function did not return before the deadline")]
    TimedOut,
    /// The caller of the handler has gone.
    #[error("the caller for whom the Haskell function was called has gone")]
    Cancelled,
    /// The runtime shuts down, or has.
    #[error("the runtime is shutting down, or has")]
    ShuttingDown,
    /// As many calls as the queue has places have not ended yet.
    #[error("{capacity} calls of Haskell functions have not ended; wait for some, or raise Config's queueCapacity")]
    Full {
        /// `queueCapacity`.
        capacity: usize,
    },
    /// Haskell waits, on the thread that would run the function, until this handler is through.
    #[error("a method that is called directly as nonblocking cannot wait for Haskell: remove its #[nonblocking]")]
    WouldBlock,
    /// As many handlers as there may be wait for Haskell, or the system gives no thread for one more. The function was not
    /// called; of [`Reply::wait`] it may have begun, and is cancelled.
    #[error("{count} handlers wait for Haskell, and there is no thread for one more")]
    TooMany {
        /// How many do.
        count: usize,
    },
    /// The argument has no encoding, or is larger than `maxMsgLen`.
    #[error("the argument cannot be sent: {0}")]
    Unencodable(WireError),
    /// What came back is no value of the result's type.
    #[error("the result cannot be read: {0}")]
    Undecodable(WireError),
}

/// A function without its types.
pub struct Function {
    /// By which Haskell knows it.
    id: OnceLock<u64>,
    run: Arc<Run>,
    /// Taken out when it is dropped.
    alive: Option<Alive>,
}

impl Function {
    /// One of this run's, and its reference. `None` where the runtime has closed.
    pub(crate) fn offer(run: Arc<Run>) -> Option<Hold> {
        let id = OnceLock::new();
        let function = Arc::new(Function { id, run, alive: Some(Alive::new(&COUNTERS.callbacks)) });
        let hold = reference::add(Thing::Function(function.clone()))?;
        let _ = function.id.set(hold.id());
        Some(hold)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // Counted as gone before Haskell hears of it.
        drop(self.alive.take());
        // In a forked process the lock may be held by a thread that is not there.
        if let Some(&id) = self.id.get()
            && !is_forked()
        {
            self.run.outbox.release(id);
        }
    }
}

/// One call of a function, as Haskell sees it.
pub struct Invocation {
    slot: Arc<Slot>,
    end: Arc<End>,
    function: Arc<Function>,
    request: Vec<u8>,
    _carried: Carried,
}

impl Invocation {
    /// Its number, by which it is cancelled.
    pub fn number(&self) -> u64 {
        self.slot.id()
    }

    /// The function has come back. Wakes who waits for it, which may be an executor's code.
    pub fn end(&self, outcome: Outcome) {
        self.end.has_returned.store(true, Ordering::Relaxed);
        self.end.signal.waking_here(|| _ = self.slot.clone().settle(outcome));
    }

    /// The function's reference.
    pub fn function(&self) -> u64 {
        self.function.id.get().copied().unwrap_or(0)
    }

    /// The encoded argument.
    pub fn request(&self) -> &[u8] {
        &self.request
    }
}

impl Invoke for Invocation {
    fn slot(&self) -> &Arc<Slot> {
        &self.slot
    }
}

/// The end of a call: who waits for it in Rust is woken. Where it is not the function's return, Haskell is told.
struct End {
    number: u64,
    signal: Signal,
    run: Arc<Run>,
    has_returned: AtomicBool,
}

impl Told for End {
    fn tell(&self) {
        self.run.outbox.end(self.number, !self.has_returned.load(Ordering::Relaxed));
        self.signal.give();
    }
}

/// A call that was made. Whoever has it takes its end, or gives it up.
struct Call {
    slot: Arc<Slot>,
    end: Arc<End>,
    /// The slot of the handler that makes it, which may be answered, and gone, before this has ended.
    outer: Option<Weak<Slot>>,
}

impl Call {
    fn make(function: &Arc<Function>, argument: &impl Encode, limit: Option<Duration>) -> Result<Self, CallbackError> {
        let run = &function.run;
        if run.is_stopping() {
            return Err(CallbackError::ShuttingDown);
        }
        let written = wire::to_message(argument, run.config.max_msg_len);
        let (request, carried) = written.map_err(|error| match error {
            WireError::Closed { .. } => CallbackError::ShuttingDown,
            error => CallbackError::Unencodable(error),
        })?;
        // What was answered already has no say any more.
        let outer = worker::serving().filter(|outer| !outer.is_answered());
        let own = limit.and_then(|limit| Instant::now().checked_add(limit));
        let inherited = outer.as_ref().and_then(|outer| outer.deadline());
        let deadline = own.into_iter().chain(inherited).min();
        let number = new_id();
        let end =
            Arc::new(End { number, signal: Signal::default(), run: run.clone(), has_returned: AtomicBool::new(false) });
        let slot = Slot::called(number, deadline, Waker::rust(end.clone()));
        let invocation =
            Invocation { slot: slot.clone(), end: end.clone(), function: function.clone(), request, _carried: carried };
        run.outbox.call(Arc::new(invocation)).map_err(|refusal| match refusal {
            Refusal::Full => CallbackError::Full { capacity: run.config.queue_capacity },
            Refusal::Closed => CallbackError::ShuttingDown,
        })?;
        // From here on this sees to its end, whatever happens.
        let weak = outer.as_ref().map(Arc::downgrade);
        let call = Call { slot: slot.clone(), end, outer: weak };
        if let Some(outer) = outer {
            outer.link(&slot);
        }
        run.watch(&slot);
        Ok(call)
    }

    /// Waits for the end.
    fn wait<B: for<'de> Decode<'de>>(self) -> Result<B, CallbackError> {
        local::wait(&self.end.signal);
        self.result()
    }

    /// The end, which has come.
    fn result<B: for<'de> Decode<'de>>(&self) -> Result<B, CallbackError> {
        let read = |outcome: &Outcome| match outcome {
            Outcome::Answer(answer) => wire::from_bytes(&answer.head).map_err(CallbackError::Undecodable),
            Outcome::Failed(Failure::Thrown { exception, message }, _) => {
                Err(CallbackError::Thrown { exception: exception.clone(), message: message.clone() })
            }
            Outcome::TimedOut => Err(CallbackError::TimedOut),
            Outcome::Cancelled => Err(CallbackError::Cancelled),
            Outcome::Failed(..) | Outcome::Answers(..) => Err(CallbackError::ShuttingDown),
        };
        self.slot.outcome(read).unwrap_or(Err(CallbackError::Cancelled))
    }
}

impl Drop for Call {
    /// Where nobody waits for its end any more, the Haskell thread is told.
    fn drop(&mut self) {
        self.slot.clone().settle(Outcome::Cancelled);
        self.end.run.deadlines.forget(&self.slot);
        if let Some(outer) = self.outer.as_ref().and_then(Weak::upgrade) {
            outer.unlink(&self.slot);
        }
    }
}

impl<A: Encode, B: for<'de> Decode<'de>> Callback<A, B> {
    /// Calls the function, and blocks this thread until it has returned, or the call has ended otherwise.
    pub fn call(&self, argument: A) -> Result<B, CallbackError> {
        self.call_and_wait(argument, None)
    }

    /// The same, for at most so long.
    pub fn call_timeout(&self, limit: Duration, argument: A) -> Result<B, CallbackError> {
        self.call_and_wait(argument, Some(limit))
    }

    fn call_and_wait(&self, argument: A, limit: Option<Duration>) -> Result<B, CallbackError> {
        if direct::is_nonblocking() {
            return Err(CallbackError::WouldBlock);
        }
        let call_and_wait = || Call::make(&self.function, &argument, limit).and_then(Call::wait);
        worker::while_waiting(call_and_wait).map_err(|count| CallbackError::TooMany { count })?
    }

    /// Calls the function; the future is its result. To drop that cancels the call. It needs no executor of a certain kind.
    ///
    /// An executor that runs the future on a worker's thread holds that worker up, and the function cannot call the engine
    /// where there is no other: there, [`Reply::wait`] waits for it as [`Callback::call`] does.
    pub fn call_later(&self, argument: A) -> Reply<B> {
        Reply::new(Call::make(&self.function, &argument, None))
    }

    /// The same, for at most so long, counted from here.
    pub fn call_later_timeout(&self, limit: Duration, argument: A) -> Reply<B> {
        Reply::new(Call::make(&self.function, &argument, Some(limit)))
    }
}

/// The result of a Haskell function, later.
#[must_use = "to drop it cancels the call"]
pub struct Reply<B> {
    /// Taken out when it is over.
    call: Option<Result<Call, CallbackError>>,
    of: PhantomData<fn() -> B>,
}

impl<B> Reply<B> {
    fn new(call: Result<Call, CallbackError>) -> Self {
        Reply { call: Some(call), of: PhantomData }
    }
}

impl<B: for<'de> Decode<'de>> Reply<B> {
    /// Blocks this thread until the function has returned, or the call has ended otherwise.
    pub fn wait(mut self) -> Result<B, CallbackError> {
        if direct::is_nonblocking() {
            return Err(CallbackError::WouldBlock);
        }
        let call = self.call.take().unwrap_or(Err(CallbackError::Cancelled))?;
        worker::while_waiting(|| call.wait()).map_err(|count| CallbackError::TooMany { count })?
    }
}

impl<B: for<'de> Decode<'de>> Future for Reply<B> {
    type Output = Result<B, CallbackError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<Self::Output> {
        if let Some(Ok(call)) = &self.call
            && !call.end.signal.poll(context.waker())
        {
            return task::Poll::Pending;
        }
        match self.call.take() {
            Some(Ok(call)) => task::Poll::Ready(call.result()),
            Some(Err(error)) => task::Poll::Ready(Err(error)),
            None => panic!("polled after it was ready"),
        }
    }
}

impl<A, B> Clone for Callback<A, B> {
    fn clone(&self) -> Self {
        Callback { function: self.function.clone(), of: PhantomData }
    }
}

impl<A: Data, B: Data> Data for Callback<A, B> {
    const MIN_SIZE: usize = size_of::<u64>();

    fn describe(types: &mut Types) -> Type {
        Type::Callback(Box::new(A::describe(types)), Box::new(B::describe(types)))
    }
}

/// A callback goes to Rust only: that it is in an answer is refused when the engine starts. This is there for `#[data]`,
/// which implements both directions.
impl<A: Data, B: Data> Encode for Callback<A, B> {
    fn encode(&self, _: &mut Encoder) -> Result<(), WireError> {
        Err(WireError::Value { at: 0, what: "to be sent back: a callback goes to Rust only" })
    }
}

impl<A: Data, B: Data> Decode<'_> for Callback<A, B> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
        reference::read(from, "a callback", |thing| match thing {
            Thing::Function(function) => Some(Callback { function, of: PhantomData }),
            _ => None,
        })
    }
}
