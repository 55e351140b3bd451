//! What messages refer to: objects, closures and streams of Rust's, functions of Haskell's.
//!
//! A reference is a number, which is never used for another thing in the life of the process; no address crosses the
//! boundary. The table here says what it stands for, and counts who holds it: each message that carries it, until the
//! slot of that message is freed, and each value that Haskell has decoded from one, until that is garbage. When nobody
//! holds it any more, or Haskell closes it, or the runtime shuts down, the entry goes; whoever uses the number later is
//! told that it is closed. What an entry stood for lives on for as long as somebody in Rust uses it.
//!
//! What is left of an entry is dropped by a thread of its own, since destructors are an engine's code, and the last
//! reference may go in a finalizer, or in a function that Haskell imports `unsafe`.
//!
//! The lock is held for a lookup or a change of the table, never while something is dropped or run.

use crate::carried::Hold;
use crate::channel::Channel;
use crate::closure::Shape as Closure;
use crate::function::Function;
use crate::panics;
use crate::runtime::is_forked;
use crate::stats::Counter;
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use flume::{Receiver, Sender};
use std::any::Any;
use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task;

pub use crate::schema::Opaque;

/// What a reference stands for.
#[derive(Clone)]
pub enum Thing {
    /// An [`Object`](crate::object::Object) or a [`Local`](crate::local::Local).
    Object(Arc<dyn Any + Send + Sync>),
    /// A function that Rust has made.
    Closure(Arc<Closure>),
    /// Events for a subscriber.
    Stream(Arc<Channel>),
    /// A function that Haskell has made.
    Function(Arc<Function>),
}

/// What a thread of its own does, since it is an engine's code.
pub enum Chore {
    /// Drops what nobody refers to any more.
    Drop(Thing),
    /// Wakes a future.
    Wake(task::Waker),
}

struct Entry {
    holds: u64,
    thing: Thing,
}

#[derive(Default)]
struct Table {
    entries: HashMap<u64, Entry>,
    /// Where things are dropped; `None` while no runtime is there, when nothing is taken in either.
    drops: Option<Sender<Chore>>,
    /// Shutdown has begun: nobody subscribes any more.
    closing: bool,
}

static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);

/// In a forked process the lock may be held by a thread that is not there.
fn table() -> Option<MutexGuard<'static, Table>> {
    (!is_forked()).then(|| lock(&TABLE))
}

/// A new reference, with its first hold. `None` where no runtime is there to keep it.
pub fn add(thing: Thing) -> Option<Hold> {
    static IDS: AtomicU64 = AtomicU64::new(1);

    let mut table = table()?;
    table.drops.as_ref()?;
    if table.closing && matches!(thing, Thing::Stream(_)) {
        return None;
    }
    let id = IDS.fetch_add(1, Ordering::Relaxed);
    table.entries.insert(id, Entry { holds: 1, thing });
    Some(Hold::new(id, release))
}

/// One more hold; `None` where it is closed.
pub fn hold(id: u64) -> Option<Hold> {
    table()?.entries.get_mut(&id).map(|entry| {
        entry.holds += 1;
        Hold::new(id, release)
    })
}

/// What it stands for; `None` where it is closed.
pub fn get(id: u64) -> Option<Thing> {
    table()?.entries.get(&id).map(|entry| entry.thing.clone())
}

/// The same of a stream. Of anything else nothing is cloned, whose last use would then be here, where no engine's code
/// may run.
pub fn stream(id: u64) -> Option<Arc<Channel>> {
    match &table()?.entries.get(&id)?.thing {
        Thing::Stream(channel) => Some(channel.clone()),
        _ => None,
    }
}

/// One hold less. Never blocks, and runs no engine's code.
pub fn release(id: u64) {
    let Some(mut table) = table() else { return };
    let Some(entry) = table.entries.get_mut(&id) else { return };
    entry.holds -= 1;
    if entry.holds == 0 {
        remove(table, id);
    }
}

/// Closes it, whoever holds it; says whether it was open. Never blocks, and runs no engine's code.
pub fn close(id: u64) -> bool {
    table().is_some_and(|table| remove(table, id))
}

fn remove(mut table: MutexGuard<'_, Table>, id: u64) -> bool {
    let Some(entry) = table.entries.remove(&id) else { return false };
    let drops = table.drops.clone();
    drop(table);
    discard(entry.thing, drops.as_ref());
    true
}

/// Nobody can reach it through the table any more.
fn discard(thing: Thing, drops: Option<&Sender<Chore>>) {
    if let Thing::Stream(channel) = &thing {
        // At once, so that the producer stops, whatever else is being dropped.
        channel.leave();
    }
    leave(Chore::Drop(thing), drops);
}

/// Leaves it to the thread that is there for it; if there is none, it is done here.
fn leave(chore: Chore, drops: Option<&Sender<Chore>>) {
    LEFT.raise();
    let left = match drops {
        Some(drops) => drops.send(chore).err().map(|unsent| unsent.0),
        None => Some(chore),
    };
    if let Some(chore) = left {
        chore.run();
    }
}

/// Chores that are not done.
static LEFT: Counter = Counter::new();

/// Whether all that were left to that thread are done.
pub(crate) fn all_done() -> bool {
    LEFT.get() == 0
}

/// Wakes a future, soon.
pub(crate) fn wake_later(task: task::Waker) {
    let drops = table().and_then(|table| table.drops.clone());
    leave(Chore::Wake(task), drops.as_ref());
}

/// A runtime starts: things are taken in, and dropped by whoever receives them.
pub(crate) fn open() -> Receiver<Chore> {
    let (drops, receiver) = flume::unbounded();
    *lock(&TABLE) = Table { drops: Some(drops), ..Table::default() };
    receiver
}

/// Shutdown begins: no producer waits for a subscriber any more, and no subscriber for an event.
pub(crate) fn end_streams() {
    let channels: Vec<_> = {
        let mut table = lock(&TABLE);
        table.closing = true;
        let streams = table.entries.values().filter_map(|entry| match &entry.thing {
            Thing::Stream(channel) => Some(channel.clone()),
            _ => None,
        });
        streams.collect()
    };
    channels.iter().for_each(|channel| channel.leave());
}

/// Shutdown: closes all that is left, and takes nothing in any more.
pub(crate) fn close_all() {
    let Table { entries, drops, .. } = std::mem::take(&mut *lock(&TABLE));
    entries.into_values().for_each(|entry| discard(entry.thing, drops.as_ref()));
}

/// The life of the thread that does these: until shutdown, and until all are done.
pub(crate) fn do_all(chores: &Receiver<Chore>) {
    chores.iter().for_each(Chore::run);
}

impl Chore {
    /// Nobody is there to get a panic of it.
    fn run(self) {
        let what = match &self {
            Chore::Drop(Thing::Object(_)) => "an object panicked while it was dropped",
            Chore::Drop(Thing::Closure(_)) => "a closure panicked while it was dropped",
            Chore::Drop(Thing::Stream(_)) => "a stream panicked while it was closed",
            Chore::Drop(Thing::Function(_)) => "a callback panicked while it was dropped",
            Chore::Wake(_) => "a future panicked while it was woken",
        };
        panics::contain(what, || match self {
            Chore::Drop(thing) => {
                if let Thing::Stream(channel) = &thing {
                    channel.clear();
                }
                drop(thing);
            }
            Chore::Wake(task) => task.wake(),
        });
        LEFT.lower();
    }
}
