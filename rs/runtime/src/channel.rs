//! The queue between the producer of events and its subscriber.
//!
//! It is one subscriber's. When it is full, what was chosen at the subscription happens: the producer waits, or an event
//! is dropped and counted, or the stream fails.

use crate::failure::Failure;
use crate::panics;
use crate::slot::{Outcome, Slot, new_id};
use crate::stats::{Alive, COUNTERS};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, lock, wait};
use crate::waker::Waker;
use crate::wire::{Decode, Decoder, WireError};
use std::collections::VecDeque;
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
    /// The subscriber's threads that wait for an event.
    readers: Vec<Waker>,
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
    /// An empty one.
    pub fn new(options: Options) -> Arc<Self> {
        let state = State {
            events: VecDeque::new(),
            readers: Vec::new(),
            end: None,
            left: false,
            dropped: 0,
            hooks: Vec::new(),
        };
        let (state, room) = (Mutex::new(state), Condvar::new());
        Arc::new(Channel { options, state, room, _alive: Alive::new(&COUNTERS.subscriptions) })
    }

    /// Puts an event in. Where it is to wait for room that is not there, and may not, it is refused.
    pub fn put(&self, event: Arc<Slot>, may_wait: bool) -> Result<(), SendError> {
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
                    self.wake(state);
                    return Err(SendError::Closed);
                }
            }
        }
    }

    fn drop_one(&self, state: &mut State) {
        state.dropped += 1;
        COUNTERS.events_dropped.raise();
    }

    /// The subscriber has something to see.
    fn wake(&self, mut state: MutexGuard<'_, State>) {
        let readers = std::mem::take(&mut state.readers);
        drop(state);
        readers.into_iter().for_each(Waker::wake);
    }

    /// No more events, unless there was an end already; says whether this was the end.
    pub fn end(&self, failure: Option<Failure>) -> bool {
        let mut state = lock(&self.state);
        let is_first = state.end.is_none();
        state.end.get_or_insert(failure);
        // Another producer may wait for room in a stream that has failed.
        self.room.notify_all();
        self.wake(state);
        is_first
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
                Some(Some(failure)) => (Next::Event(Slot::settled(new_id(), 0, Outcome::from(failure))), Some(waker)),
                Some(None) => (Next::End, Some(waker)),
                None => {
                    state.readers.push(waker);
                    (Next::Wait, None)
                }
            },
        };
        drop(state);
        drop(unused);
        next
    }

    /// One of the subscriber's threads does not wait any more. It may have been woken for an event that it did not take: so
    /// all look again.
    pub fn forget_reader(&self) {
        self.wake(lock(&self.state));
    }

    /// How many events found no room.
    pub fn dropped(&self) -> u64 {
        lock(&self.state).dropped
    }

    /// The subscriber leaves. What waits for it, or for room, is woken; the hooks run when the last reference that the
    /// table had is dropped.
    pub fn leave(&self) {
        let mut state = lock(&self.state);
        state.left = true;
        self.room.notify_all();
        self.wake(state);
    }

    /// Whether the subscriber has left.
    pub fn is_left(&self) -> bool {
        lock(&self.state).left
    }

    /// Has this run once the subscriber has left; now, if it has.
    pub fn on_leave(&self, hook: Hook) {
        let mut state = lock(&self.state);
        if !state.left {
            state.hooks.push(hook);
            return;
        }
        drop(state);
        hook();
    }

    /// Lets go of what nobody will see, and runs the hooks: on a thread where an engine's code may run.
    pub fn clear(&self) {
        let mut state = lock(&self.state);
        let (events, hooks) = (std::mem::take(&mut state.events), std::mem::take(&mut state.hooks));
        drop(state);
        drop(events);
        hooks.into_iter().for_each(|hook| panics::contain("what was to run once nobody listens panicked", hook));
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
    Unencodable(WireError),
}
