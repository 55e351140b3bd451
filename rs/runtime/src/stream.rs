//! Events: what an engine tells a subscriber in Haskell, through a bounded queue.
//!
//! ```text
//!   Events::send ──▶ Channel: a queue of settled slots ──▶ Channel::next ──▶ Haskell decodes one, and releases it
//! ```
//!
//! A subscriber that leaves, as all do at shutdown, takes the [`Channel`] out of the table of references; the producer,
//! which has it still, then learns from `send` that nobody listens.

use crate::carried::Hold;
use crate::channel::{Channel, Options};
use crate::context::Context;
use crate::direct;
use crate::failure::Failure;
use crate::panics::{self, Report};
use crate::reference::{self, Thing};
use crate::slot::{Outcome, Slot, new_id};
use crate::stats::COUNTERS;
use crate::sync::{Mutex, lock};
use crate::wire::{self, Data, Encode, Encoder, WireError};
use crate::worker;
use std::fmt::Display;
use std::marker::PhantomData;
use std::sync::Arc;
use std::thread::{self, ThreadId};

pub use crate::channel::SendError;

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
struct Producer {
    channel: Arc<Channel>,
    /// The stream's name, in failures.
    name: &'static str,
    /// The largest event, in bytes.
    limit: usize,
    /// The thread that runs the method that was asked for the stream, until that has returned.
    asked: Mutex<Option<ThreadId>>,
}

impl Producer {
    /// Whether this thread would wait for room in vain: nobody listens before the method that it runs has returned.
    fn is_asked_now(&self) -> bool {
        *lock(&self.asked) == Some(thread::current().id())
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.channel.end(None);
    }
}

impl<T: Encode> Events<T> {
    /// Sends an event. Where the queue is full and the subscriber has chosen so, blocks until there is room. Never where
    /// none would come: within the method that was given this, which is to return before anybody listens
    /// ([`Events::feed`] sends many), and in a direct call of a method that is nonblocking. There it is
    /// [`SendError::Full`].
    pub fn send(&self, event: T) -> Result<(), SendError> {
        let event = self.encode(event)?;
        let channel = &self.producer.channel;
        // Most find room at once, and need no other thread to take their place meanwhile.
        match channel.put(event.clone(), false) {
            Err(SendError::Full) if !direct::is_nonblocking() && !self.producer.is_asked_now() => {
                worker::while_waiting(|| channel.put(event, true)).map_err(|count| SendError::TooMany { count })?
            }
            end => end,
        }
    }

    /// Sends an event if there is room for it, or another makes room. Never blocks.
    pub fn try_send(&self, event: T) -> Result<(), SendError> {
        let event = self.encode(event)?;
        self.producer.channel.put(event, false)
    }

    fn encode(&self, event: T) -> Result<Arc<Slot>, SendError> {
        if self.is_closed() {
            return Err(SendError::Closed);
        }
        let answer = wire::to_answer(event, self.producer.limit).map_err(|error| match error {
            WireError::Closed { .. } => SendError::Closed,
            error => SendError::Unencodable(error),
        })?;
        Ok(Slot::settled(new_id(), 0, Outcome::Answer(answer)))
    }

    /// Sends all of these, on a thread of their own, until they end or nobody listens; the stream fails with one that
    /// cannot be sent. An iterator that waits for something should end by itself when [`Events::on_close`] tells it so.
    pub fn feed<I>(self, events: I)
    where
        I: IntoIterator<Item = T> + Send + 'static,
        T: 'static,
    {
        let producer = self.producer.clone();
        let send_all = move || {
            for event in events {
                match self.send(event) {
                    Ok(()) => {}
                    Err(SendError::Closed) => return,
                    Err(error) => return self.fail(error),
                }
            }
        };
        // A panic has ended the stream, and is its subscriber's.
        let feed = move || {
            if panics::catch(send_all).is_err() {
                COUNTERS.panics.raise();
            }
        };
        if let Err(error) = thread::Builder::new().name(format!("rs-in-hs {}", producer.name)).spawn(feed) {
            producer.channel.end(Some(Failure::StreamFailed { message: format!("no thread: {error}") }));
        }
    }
}

impl<T> Events<T> {
    /// Whether nobody listens any more.
    pub fn is_closed(&self) -> bool {
        self.producer.channel.is_left()
    }

    /// Has this run, once, when nobody listens any more: at once if so. It runs on a thread of the runtime that is there
    /// for this, or on the calling one.
    pub fn on_close(&self, hook: impl FnOnce() + Send + 'static) {
        self.producer.channel.on_leave(Box::new(hook));
    }

    /// Ends the stream with a failure, after what was sent so far: an exception for the subscriber, with this text.
    pub fn fail(self, why: impl Display) {
        self.producer.channel.end(Some(Failure::StreamFailed { message: why.to_string() }));
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
            let Producer { channel, name, .. } = &*self.producer;
            let Report { message, place } = panics::last_report();
            let ended = channel.end(Some(Failure::Panicked { method: (*name).into(), place, message }));
            // That of a handler is counted where it is caught.
            if ended && !panics::is_caught() {
                COUNTERS.panics.raise();
            }
        }
    }
}

/// A subscription as the answer to its request.
#[doc(hidden)]
pub struct Subscription {
    /// There from the beginning: where the method has no answer, or shutdown comes first, the producer learns that nobody
    /// will ever listen.
    reference: Hold,
    producer: Arc<Producer>,
}

impl Subscription {
    /// Of the stream of this name. `None` at shutdown.
    pub(crate) fn new(name: &'static str, options: Options, context: &Context) -> Option<Self> {
        let channel = Channel::new(options);
        let reference = reference::add(Thing::Stream(channel.clone()))?;
        let asked = Mutex::new(Some(thread::current().id()));
        let producer = Producer { channel, name, limit: context.max_msg_len(), asked };
        Some(Subscription { reference, producer: Arc::new(producer) })
    }

    /// The producer's end.
    pub fn events<T: Encode>(&self) -> Events<T> {
        Events { producer: self.producer.clone(), of: PhantomData }
    }

    /// Writes the subscriber's end.
    pub fn encode(self, to: &mut Encoder) -> Result<(), WireError> {
        *lock(&self.producer.asked) = None;
        to.put_reference(self.reference);
        Ok(())
    }
}

/// What an `Events<T>` looks like in a schema: the type of its events.
impl<T: Data> Events<T> {
    #[doc(hidden)]
    pub fn describe(types: &mut crate::schema::Types) -> crate::schema::Type {
        crate::schema::Type::Stream(Box::new(T::describe(types)))
    }
}
