//! What messages refer to: objects, closures and streams of Rust's, functions of Haskell's.
//!
//! A reference is a number, which is never used for another thing in the life of the process; no address crosses the
//! boundary. The table here says what it stands for, and counts who holds it: each message that carries it, until the
//! slot of that message is freed, and each value that Haskell has decoded from one, until that is garbage. When nobody
//! holds it any more, or Haskell closes it, or the runtime shuts down, the entry goes; whoever uses the number later is
//! told that it is closed. What an entry stood for lives on for as long as somebody in Rust uses it.
//!
//! What is left of an entry is dropped by one of the threads for `chores`.
//!
//! The lock is held for a lookup or a change of the table, never while something is dropped or run.

use crate::carried::Hold;
use crate::channel::Channel;
use crate::chores::{Chore, Chores, drop_now, wake_now};
use crate::closure::Shape as Closure;
use crate::function::Function;
use crate::runtime::is_forked;
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use crate::wire::{Decoder, WireError};
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

struct Entry {
    holds: u64,
    thing: Thing,
}

#[derive(Default)]
struct Table {
    entries: HashMap<u64, Entry>,
    /// `None` while no runtime is there.
    chores: Option<Chores>,
    /// Shutdown has begun: nobody subscribes any more.
    closing: bool,
    /// Nothing is taken in any more.
    closed: bool,
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
    table.chores.as_ref()?;
    if table.closed || table.closing && matches!(thing, Thing::Stream(_)) {
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

/// Reads a reference to something that `pick` finds to be `what`.
pub(crate) fn read<R>(
    from: &mut Decoder<'_>,
    what: &'static str,
    pick: impl FnOnce(Thing) -> Option<R>,
) -> Result<R, WireError> {
    let at = from.at();
    let thing = get(u64::from_le_bytes(from.array()?)).ok_or(WireError::Closed { at })?;
    pick(thing).ok_or(WireError::Value { at, what })
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
    let chores = table.chores.clone();
    drop(table);
    discard(entry.thing, chores.as_ref());
    true
}

/// Nobody can reach it through the table any more.
fn discard(thing: Thing, chores: Option<&Chores>) {
    if let Thing::Stream(channel) = &thing {
        // At once, so that the producer stops, whatever else is being dropped.
        channel.leave();
    }
    match chores {
        Some(chores) => chores.drop_later(thing),
        None => drop_now(thing),
    }
}

/// Wakes a future, soon.
pub(crate) fn wake_later(task: task::Waker) {
    match table().and_then(|table| table.chores.clone()) {
        Some(chores) => chores.wake_later(task),
        None => wake_now(task),
    }
}

/// Something that shutdown waits for, if there is a runtime.
pub(crate) fn begin_chore() -> Option<Chore> {
    table()?.chores.as_ref().map(Chores::begin)
}

/// A runtime starts: things are taken in, and dropped there.
pub(crate) fn open(chores: Chores) {
    *lock(&TABLE) = Table { chores: Some(chores), ..Table::default() };
}

/// Shutdown begins: no producer waits for a subscriber any more, and no subscriber for an event.
pub(crate) fn end_streams() {
    let mut table = lock(&TABLE);
    table.closing = true;
    let streams = table.entries.extract_if(|_, entry| matches!(entry.thing, Thing::Stream(_)));
    let streams: Vec<_> = streams.collect();
    let chores = table.chores.clone();
    drop(table);
    streams.into_iter().for_each(|(_, entry)| discard(entry.thing, chores.as_ref()));
}

/// Shutdown: closes all that is left, and takes nothing in any more. What comes of that may leave more to be done.
pub(crate) fn close_all() {
    let mut table = lock(&TABLE);
    table.closed = true;
    let (entries, chores) = (std::mem::take(&mut table.entries), table.chores.clone());
    drop(table);
    entries.into_values().for_each(|entry| discard(entry.thing, chores.as_ref()));
}

/// Nobody waits for what is left to be done from here on: the threads for it end.
pub(crate) fn rest() {
    let chores = lock(&TABLE).chores.take();
    drop(chores);
}
