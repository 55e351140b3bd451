//! Events: what an engine tells a subscriber in Haskell, through a bounded queue.
//!
//! ```text
//!   Events::send ──▶ Channel: a queue of settled slots ──▶ Channel::next ──▶ Haskell decodes one, and releases it
//! ```
//!
//! The queue is one subscriber's. When it is full, what was chosen at the subscription happens: the producer waits, or an
//! event is dropped and counted, or the stream fails. A subscriber that leaves, as all do at shutdown, takes the channel
//! out of the table of references; the producer, which has it still, then learns from `send` that nobody listens.

use crate::context::Context;
use crate::direct;
use crate::failure::Failure;
use crate::object::Alive;
use crate::panics;
use crate::reference::Thing;
use crate::runtime::slot_id;
use crate::slot::{Outcome, Slot};
use crate::stats::COUNTERS;
use crate::sync::{Condvar, Mutex, MutexGuard, lock, wait};
use crate::waker::Waker;
use crate::wire::{self, Data, Decode, Decoder, Encode, Encoder, WireError};
use crate::worker::{self, panicked};
use std::collections::VecDeque;
use std::fmt::Display;
use std::marker::PhantomData;
use std::sync::Arc;
use std::thread;
use thiserror::Error;

/// What happens to an event for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// Its producer waits.
    Wait,
    /// The oldest one makes room.
    DropOldest,
    /// It is dropped.
    DropNewest,
    /// The stream ends with a failure.
    Fail,
}

/// What a subscriber asks for: a capacity, and what happens beyond it.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Events, 1 to 1,048,576.
    pub capacity: usize,
    /// See there.
    pub overflow: Overflow,
}

impl Options {
    /// Reads them.
    pub(crate) fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
        let at = from.at();
        let capacity = u64::decode(from)?;
        let overflow = match from.tag("Overflow", 4)? {
            0 => Overflow::Wait,
            1 => Overflow::DropOldest,
            2 => Overflow::DropNewest,
            _ => Overflow::Fail,
        };
        if !(1..=1 << 20).contains(&capacity) {
            return Err(WireError::Value { at, what: "a capacity of 1 to 1048576" });
        }
        Ok(Options { capacity: capacity as usize, overflow })
    }
}

type Hook = Box<dyn FnOnce() + Send>;

struct State {
    events: VecDeque<Arc<Slot>>,
    /// The subscriber's threads that wait for an event, each for one: an event wakes one of them, and all else wakes all.
    readers: VecDeque<Waker>,
    /// What comes after the last event: nothing, or a failure. `None` while there may be more.
    end: Option<Option<Failure>>,
    /// The subscriber has left.
    left: bool,
    dropped: u64,
    /// What is to run once it has.
    hooks: Vec<Hook>,
}

/// One subscription.
pub struct Channel {
    options: Options,
    /// The largest event, in bytes.
    limit: usize,
    /// The stream's name, in failures.
    name: &'static str,
    state: Mutex<State>,
    /// There is room, or nobody listens any more.
    room: Condvar,
    _alive: Alive,
}

/// What [`Channel::next`] found.
pub enum Next {
    /// An event, or why there are no more.
    Event(Arc<Slot>),
    /// None yet: the waker will be woken when there is one, or at the end.
    Wait,
    /// There are no more.
    End,
    /// The subscriber has left already.
    Closed,
}

impl Channel {
    /// Puts an event in.
    fn put(&self, event: Arc<Slot>, may_wait: bool) -> Result<(), SendError> {
        let mut state = lock(&self.state);
        loop {
            if state.left || state.end.is_some() {
                return Err(SendError::Closed);
            }
            if state.events.len() < self.options.capacity {
                state.events.push_back(event);
                self.wake(state);
                return Ok(());
            }
            match self.options.overflow {
                Overflow::Wait if may_wait => state = wait(&self.room, state),
                Overflow::Wait => return Err(SendError::Full),
                Overflow::DropOldest => {
                    let oldest = state.events.pop_front();
                    state.events.push_back(event);
                    self.drop_one(&mut state);
                    self.wake(state);
                    drop(oldest);
                    return Ok(());
                }
                Overflow::DropNewest => {
                    self.drop_one(&mut state);
                    return Ok(());
                }
                Overflow::Fail => {
                    state.end = Some(Some(Failure::Overflowed { capacity: self.options.capacity as u64 }));
                    self.wake_all(state);
                    return Err(SendError::Closed);
                }
            }
        }
    }

    fn drop_one(&self, state: &mut State) {
        state.dropped += 1;
        COUNTERS.events_dropped.raise();
    }

    /// The subscriber has an event to see.
    fn wake(&self, mut state: MutexGuard<'_, State>) {
        let reader = state.readers.pop_front();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// All that wait are to ask again.
    fn wake_all(&self, mut state: MutexGuard<'_, State>) {
        let readers = std::mem::take(&mut state.readers);
        drop(state);
        readers.into_iter().for_each(Waker::wake);
    }

    /// No more events, unless there was an end already.
    fn end(&self, failure: Option<Failure>) {
        let mut state = lock(&self.state);
        state.end.get_or_insert(failure);
        // Another producer may wait for room in a stream that has failed.
        self.room.notify_all();
        self.wake_all(state);
    }

    /// The next event, or a place to wait for it.
    pub fn next(&self, waker: Waker) -> Next {
        let mut state = lock(&self.state);
        let (next, unused) = match state.events.pop_front() {
            _ if state.left => (Next::Closed, Some(waker)),
            Some(event) => {
                self.room.notify_one();
                (Next::Event(event), Some(waker))
            }
            None => match state.end.as_mut().map(Option::take) {
                // It is told once; whoever asks again is told that there are no more.
                Some(Some(failure)) => (Next::Event(Slot::settled(slot_id(), 0, Outcome::from(failure))), Some(waker)),
                Some(None) => (Next::End, Some(waker)),
                None => {
                    state.readers.push_back(waker);
                    (Next::Wait, None)
                }
            },
        };
        drop(state);
        drop(unused);
        next
    }

    /// One of those that wait does not any more. It may have been woken for an event just now, which is another's then: so all
    /// others ask again.
    pub fn forget_reader(&self) {
        self.wake_all(lock(&self.state));
    }

    /// How many events found no room.
    pub fn dropped(&self) -> u64 {
        lock(&self.state).dropped
    }

    /// The subscriber leaves. What waits for it, or for room, is woken; the hooks run when the last reference that the
    /// table had is dropped.
    pub(crate) fn leave(&self) {
        let mut state = lock(&self.state);
        state.left = true;
        self.room.notify_all();
        self.wake_all(state);
    }

    /// Has this run once the subscriber has left; now, if it has.
    fn on_leave(&self, hook: Hook) {
        let mut state = lock(&self.state);
        if !state.left {
            state.hooks.push(hook);
            return;
        }
        drop(state);
        hook();
    }

    /// Lets go of what nobody will see, and runs the hooks: on a thread where an engine's code may run.
    pub(crate) fn clear(&self) {
        let mut state = lock(&self.state);
        let (events, hooks) = (std::mem::take(&mut state.events), std::mem::take(&mut state.hooks));
        drop(state);
        drop(events);
        hooks.into_iter().for_each(|hook| hook());
    }
}

/// The producer's end of a subscription: what the method of a `#[stream]` is given. May be cloned, kept, and sent to any
/// thread.
///
/// The stream ends when the last clone is dropped, or by [`Events::fail`]; a panic that drops one ends it as well, with an
/// exception for the subscriber.
///
/// ```
/// use rs_in_hs_runtime::stream::Events;
///
/// fn count(limit: u64, events: Events<u64>) {
///     events.feed(0..limit);
/// }
/// ```
pub struct Events<T> {
    producer: Arc<Producer>,
    of: PhantomData<fn(T)>,
}

/// What all clones have together.
struct Producer(Arc<Channel>);

impl Drop for Producer {
    fn drop(&mut self) {
        self.0.end(None);
    }
}

/// Why an event was not taken.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SendError {
    /// Nobody listens: the subscriber has left, the stream has ended, or the runtime shuts down. The producer stops.
    #[error("nobody listens to the stream any more")]
    Closed,
    /// The queue is full, and this was not to wait.
    #[error("the stream's queue is full")]
    Full,
    /// As many handlers as there may be wait, or the system gives no thread for one more.
    #[error("{count} handlers wait, and there is no thread for one more")]
    TooMany {
        /// How many do.
        count: usize,
    },
    /// The event has no encoding, or is larger than `maxMsgLen`. Others can be sent.
    #[error("the event cannot be sent: {0}")]
    Unencodable(#[from] WireError),
}

impl<T: Encode> Events<T> {
    /// Sends an event. Where the queue is full and the subscriber has chosen so, blocks until there is room: never in
    /// a direct call of a method that is nonblocking, which gets [`SendError::Full`].
    pub fn send(&self, event: T) -> Result<(), SendError> {
        let event = self.encode(event)?;
        let channel = &self.producer.0;
        // Most find room at once, and need no other thread to take their place meanwhile.
        match channel.put(event.clone(), false) {
            Err(SendError::Full) if !direct::is_nonblocking() => {
                worker::while_waiting(|| channel.put(event, true)).map_err(|count| SendError::TooMany { count })?
            }
            end => end,
        }
    }

    /// Sends an event if there is room for it, or another makes room. Never blocks.
    pub fn try_send(&self, event: T) -> Result<(), SendError> {
        let event = self.encode(event)?;
        self.producer.0.put(event, false)
    }

    fn encode(&self, event: T) -> Result<Arc<Slot>, SendError> {
        let channel = &self.producer.0;
        if lock(&channel.state).left {
            return Err(SendError::Closed);
        }
        let answer = wire::to_answer(event, channel.limit)?;
        Ok(Slot::settled(slot_id(), 0, Outcome::Answer(answer)))
    }

    /// Sends all of these, on a thread of their own, until they end or nobody listens; one that cannot be sent fails the
    /// stream. An iterator that waits for something should end by itself when [`Events::on_close`] tells it so.
    pub fn feed<I>(self, events: I)
    where
        I: IntoIterator<Item = T> + Send + 'static,
        T: 'static,
    {
        let channel = self.producer.0.clone();
        let feed = move || {
            for event in events {
                match self.send(event) {
                    Ok(()) => {}
                    Err(SendError::Closed) => return,
                    Err(error) => return self.fail(error),
                }
            }
        };
        // What panics drops its end of the stream, whose subscriber then has the panic.
        let feed = move || drop(panics::catch(feed));
        if let Err(error) = thread::Builder::new().name(format!("rs-in-hs {}", channel.name)).spawn(feed) {
            channel.end(Some(Failure::StreamFailed { message: format!("no thread: {error}") }));
        }
    }
}

impl<T> Events<T> {
    /// Whether nobody listens any more.
    pub fn is_closed(&self) -> bool {
        lock(&self.producer.0.state).left
    }

    /// Has this run, once, when nobody listens any more: at once if so. It runs on a thread of the runtime that is there
    /// for this, or on the calling one.
    pub fn on_close(&self, hook: impl FnOnce() + Send + 'static) {
        self.producer.0.on_leave(Box::new(hook));
    }

    /// Ends the stream with a failure, after what was sent so far: an exception for the subscriber, with this text.
    pub fn fail(self, why: impl Display) {
        self.producer.0.end(Some(Failure::StreamFailed { message: why.to_string() }));
    }
}

impl<T> Clone for Events<T> {
    fn clone(&self) -> Self {
        Events { producer: self.producer.clone(), of: PhantomData }
    }
}

impl<T> Drop for Events<T> {
    fn drop(&mut self) {
        if thread::panicking() {
            let channel = &self.producer.0;
            channel.end(Some(panicked(channel.name, panics::last_report())));
        }
    }
}

/// A subscription as the answer to its request.
#[doc(hidden)]
pub struct Subscription {
    channel: Arc<Channel>,
    /// Given out once.
    producer: Arc<Producer>,
}

impl Subscription {
    /// Of the stream of this name.
    pub(crate) fn new(name: &'static str, options: Options, context: &Context) -> Self {
        let state = State {
            events: VecDeque::new(),
            readers: VecDeque::new(),
            end: None,
            left: false,
            dropped: 0,
            hooks: Vec::new(),
        };
        let channel = Arc::new(Channel {
            options,
            limit: context.max_msg_len(),
            name,
            state: Mutex::new(state),
            room: Condvar::new(),
            _alive: Alive::new(&COUNTERS.subscriptions),
        });
        Subscription { producer: Arc::new(Producer(channel.clone())), channel }
    }

    /// The producer's end.
    pub fn events<T: Encode>(&self) -> Events<T> {
        Events { producer: self.producer.clone(), of: PhantomData }
    }

    /// Writes the subscriber's end.
    pub fn encode(self, to: &mut Encoder) -> Result<(), WireError> {
        to.refer(Thing::Stream(self.channel.clone()))
    }
}

/// What an `Events<T>` looks like in a schema: the type of its events.
impl<T: Data> Events<T> {
    #[doc(hidden)]
    pub fn describe(types: &mut crate::schema::Types) -> crate::schema::Type {
        crate::schema::Type::Stream(Box::new(T::describe(types)))
    }
}
