//! What is an engine's code and has no thread of its own: destructors of what nobody refers to any more, hooks, and the
//! wake-ups of futures.
//!
//! The last reference may go in a finalizer, or in a function that Haskell imports `unsafe`, and a deadline comes on a thread
//! that others depend on: none of these may run such code. There are two threads for it, so that a destructor may wait for a
//! future, and a slow one holds up no deadline.

use crate::panics;
use crate::reference::Thing;
use crate::sync::{Arc, Condvar, Mutex, lock};
use crate::worker::named;
use flume::{Receiver, Sender};
use std::io;
use std::sync::PoisonError;
use std::task;
use std::thread::JoinHandle;
use std::time::Instant;

/// Where it is left to be done, for one runtime.
#[derive(Clone)]
pub struct Chores {
    drops: Sender<(Thing, Chore)>,
    wakes: Sender<(task::Waker, Chore)>,
    left: Arc<Left>,
}

/// The threads that do it, for as long as there are [`Chores`].
pub struct Threads {
    threads: Vec<JoinHandle<()>>,
    left: Arc<Left>,
}

/// How many are not done.
#[derive(Default)]
struct Left {
    count: Mutex<usize>,
    done: Condvar,
}

/// Something that is left to be done. It is done when this is dropped.
pub struct Chore(Arc<Left>);

impl Chores {
    /// Starts the threads.
    pub fn start() -> io::Result<(Self, Threads)> {
        let (drops, things) = flume::unbounded();
        let (wakes, tasks) = flume::unbounded();
        let left = Arc::<Left>::default();
        let dropping = named("rs-in-hs drops").spawn(move || drop_all(&things))?;
        let waking = named("rs-in-hs wakes").spawn(move || wake_all(&tasks))?;
        let threads = Threads { threads: vec![dropping, waking], left: left.clone() };
        Ok((Chores { drops, wakes, left }, threads))
    }

    /// Has a thing dropped, soon.
    pub fn drop_later(&self, thing: Thing) {
        if let Err(unsent) = self.drops.send((thing, self.begin())) {
            drop_now(unsent.0.0);
        }
    }

    /// Has a future woken, soon.
    pub fn wake_later(&self, task: task::Waker) {
        if let Err(unsent) = self.wakes.send((task, self.begin())) {
            wake_now(unsent.0.0);
        }
    }

    /// Has shutdown wait for something else, too.
    pub fn begin(&self) -> Chore {
        *lock(&self.left.count) += 1;
        Chore(self.left.clone())
    }
}

impl Drop for Chore {
    fn drop(&mut self) {
        *lock(&self.0.count) -= 1;
        self.0.done.notify_all();
    }
}

impl Threads {
    /// Waits until all is done, at most until then. False where something is not done in time.
    pub fn wait(&self, until: Instant) -> bool {
        let mut count = lock(&self.left.count);
        while *count > 0 {
            let Some(time) = until.checked_duration_since(Instant::now()) else { return false };
            count = self.left.done.wait_timeout(count, time).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Waits for the threads, which have nothing left to wait for.
    pub fn join(self) {
        self.threads.into_iter().for_each(|thread| drop(thread.join()));
    }
}

fn drop_all(things: &Receiver<(Thing, Chore)>) {
    for (thing, _chore) in things {
        drop_now(thing);
    }
}

fn wake_all(tasks: &Receiver<(task::Waker, Chore)>) {
    for (task, _chore) in tasks {
        wake_now(task);
    }
}

/// Drops a thing. Nobody is there to get a panic of it.
pub fn drop_now(thing: Thing) {
    let what = match &thing {
        Thing::Object(_) => "an object panicked while it was dropped",
        Thing::Closure(_) => "a closure panicked while it was dropped",
        Thing::Stream(_) => "a stream panicked while it was closed",
        Thing::Function(_) => "a callback panicked while it was dropped",
    };
    panics::contain(what, || {
        if let Thing::Stream(channel) = &thing {
            channel.clear();
        }
        drop(thing);
    });
}

/// Wakes a future. The same.
pub fn wake_now(task: task::Waker) {
    panics::contain("a future panicked while it was woken", || task.wake());
}
