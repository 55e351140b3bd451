//! A service whose messages refer to things: to find out what becomes of them.

mod library;

use rs_in_hs::{CallToken, Callback, CallbackError, Closure, Context, Events, Local, Object, data, object, service};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, ThreadId};
use thiserror::Error;

pub use library::both;

/// Something to hold.
#[object]
pub struct Book {
    title: String,
    reads: AtomicU64,
}

/// Something that must stay on one thread.
#[object]
pub struct Tally {
    count: Rc<Cell<u64>>,
    home: ThreadId,
}

/// How many tallies were dropped where they were made, and how many elsewhere.
static TALLIES_DROPPED: [AtomicU64; 2] = [AtomicU64::new(0), AtomicU64::new(0)];

impl Drop for Tally {
    fn drop(&mut self) {
        let elsewhere = self.home != thread::current().id();
        TALLIES_DROPPED[usize::from(elsewhere)].fetch_add(1, Ordering::Relaxed);
    }
}

/// Something that panics when it is dropped.
#[object]
pub struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a bomb was dropped");
    }
}

/// Books among other data.
#[data]
pub struct Loan {
    /// The one.
    pub book: Object<Book>,
    /// To whom.
    pub reader: String,
    /// More of them.
    pub others: Vec<Option<Object<Book>>>,
}

/// Of all kinds.
#[data]
pub struct Everything {
    /// So many.
    pub books: Vec<Object<Book>>,
    /// So many.
    pub tallies: Vec<Local<Tally>>,
    /// So many.
    pub functions: Vec<Closure<i64, i64>>,
}

/// There is no such thing.
#[data]
#[derive(Debug, Error)]
#[error("there is no book without a title")]
pub struct NoTitle;

/// Why a function was not called, or has not returned.
#[data]
#[derive(Debug, Error)]
#[error("{name}: {why}")]
pub struct NoReply {
    /// The error's name.
    pub name: String,
    /// Its message.
    pub why: String,
}

impl From<CallbackError> for NoReply {
    fn from(error: CallbackError) -> Self {
        let shown = format!("{error:?}");
        let name = shown.split([' ', '(']).next().unwrap_or_default().into();
        NoReply { name, why: error.to_string() }
    }
}

/// A service that Haskell implements.
#[data]
pub struct Judge {
    /// Whether to go on.
    pub approve: Callback<u64, bool>,
    /// What to call it.
    pub name: Callback<(u64, String), String>,
    /// What else there is.
    pub notes: Vec<Callback<(), String>>,
}

/// Everything that is more than bytes.
#[service]
pub trait Both {
    /// A book.
    fn book(&self, title: &str) -> Object<Book>;

    /// A book, if it has a title.
    fn titled(&self, title: &str) -> Result<Object<Book>, NoTitle>;

    /// A book, unless it has no title.
    fn found(&self, title: &str) -> Option<Object<Book>>;

    /// A loan of these, those without a title left out.
    fn lend(&self, titles: Vec<String>) -> Loan;

    /// The titles of all that is lent.
    fn lent(&self, loan: Loan) -> Vec<String>;

    /// So many books.
    fn books(&self, count: u64) -> Vec<Object<Book>>;

    /// A book that comes later.
    fn ordered(&self, book: CallToken<Object<Book>>);

    /// A book that is there when the gate opens, whether anybody waits for it or not.
    fn book_at_gate(&self, context: &Context) -> Object<Book>;

    /// A book, and so many bytes.
    fn bound(&self, bytes: u64) -> (Object<Book>, Vec<u8>);

    /// A book for nobody: it waits at the gate, and panics then.
    fn torn(&self, context: &Context) -> Object<Book>;

    /// Its title.
    fn title(&self, book: Object<Book>) -> String;

    /// The titles of all.
    fn titles(&self, books: Vec<Object<Book>>) -> Vec<String>;

    /// The same book once more.
    fn again(&self, book: Object<Book>) -> Object<Book>;

    /// Has the engine hold it.
    fn keep(&self, book: Object<Book>);

    /// The engine lets go of all that it holds.
    fn clear(&self);

    /// Reads it, later.
    #[cast]
    fn read(&self, book: Object<Book>);

    /// How often it was read.
    #[nonblocking]
    fn reads(&self, book: Object<Book>) -> u64;

    /// Uses it while the gate is closed.
    fn read_at_gate(&self, context: &Context, book: Object<Book>) -> String;

    /// A bomb.
    fn bomb(&self) -> Object<Bomb>;

    /// A tally at zero.
    fn tally(&self) -> Local<Tally>;

    /// Adds to it.
    fn tally_up(&self, tally: Local<Tally>, by: u64) -> u64;

    /// The id and the name of its thread.
    fn tally_home(&self, tally: Local<Tally>) -> String;

    /// Uses it while the gate is closed.
    fn tally_at_gate(&self, context: &Context, tally: Local<Tally>) -> u64;

    /// How many tallies were dropped where they were made, and how many elsewhere, since the process has begun.
    fn tallies_dropped(&self) -> (u64, u64);

    /// Adds this.
    fn adder(&self, summand: i64) -> Closure<i64, i64>;

    /// So many functions.
    fn adders(&self, count: u64) -> Vec<Closure<i64, i64>>;

    /// A function that panics.
    fn panicking(&self) -> Closure<(), ()>;

    /// A function that waits at the gate, and says whether its caller has gone.
    fn waiting(&self) -> Closure<(), bool>;

    /// A function that makes a book.
    fn printer(&self) -> Closure<String, Object<Book>>;

    /// A function from books to the last of them.
    fn chooser(&self) -> Closure<Vec<Object<Book>>, Option<Object<Book>>>;

    /// A function whose frees are counted: it gives their number.
    fn counted(&self) -> Closure<(), u64>;

    /// How many of those were freed since the process has begun.
    fn freed(&self) -> u64;

    /// Calls the function.
    fn ask(&self, function: Callback<u64, u64>, argument: u64) -> Result<u64, NoReply>;

    /// Calls it for at most so many microseconds.
    fn ask_within(&self, micros: u64, function: Callback<u64, u64>, argument: u64) -> Result<u64, NoReply>;

    /// Calls it on a thread of its own, and answers later.
    fn ask_later(&self, function: Callback<u64, u64>, argument: u64, reply: CallToken<Result<u64, NoReply>>);

    /// Calls it as a future that is dropped while the function runs.
    fn ask_and_leave(&self, function: Callback<u64, u64>, argument: u64);

    /// The same, once the gate opens.
    fn ask_and_leave_at_gate(&self, context: &Context, function: Callback<u64, u64>, argument: u64);

    /// Calls it from so many threads at once, each so often, and adds the results.
    fn ask_often(&self, function: Callback<u64, u64>, threads: u64, times: u64) -> Result<u64, NoReply>;

    /// Calls it, though it says that it does not wait.
    #[nonblocking]
    fn ask_nonblocking(&self, function: Callback<u64, u64>, argument: u64) -> Result<u64, NoReply>;

    /// Keeps it.
    fn keep_function(&self, function: Callback<u64, u64>);

    /// Keeps all of these.
    fn keep_functions(&self, functions: Vec<Callback<u64, u64>>);

    /// Calls the one that was kept.
    fn call_kept(&self, argument: u64) -> Result<u64, NoReply>;

    /// Calls it where nothing may wait.
    #[nonblocking]
    fn call_kept_nonblocking(&self, argument: u64) -> Result<u64, NoReply>;

    /// Keeps it where the engine's end does not end it.
    fn bequeath(&self, function: Callback<u64, u64>);

    /// Calls that one.
    fn call_bequest(&self, argument: u64) -> Result<u64, NoReply>;

    /// Lets go of it.
    fn drop_bequest(&self);

    /// Has a service of Haskell's decide.
    fn judge(&self, judge: Judge, case: u64) -> Result<String, NoReply>;

    /// Gives a function a book.
    fn show(&self, function: Callback<Object<Book>, String>, title: &str) -> Result<String, NoReply>;

    /// Is given a book by a function.
    fn fetch(&self, function: Callback<String, Object<Book>>, title: &str) -> Result<String, NoReply>;

    /// So many of all that Haskell can hold.
    fn everything(&self, count: u64) -> Everything;

    /// The same, with functions in its hands, once the gate is open; or a panic.
    fn everything_at_gate(
        &self,
        context: &Context,
        count: u64,
        functions: Vec<Callback<u64, u64>>,
        panics: bool,
    ) -> Everything;

    /// Panics with the function in its hands.
    fn drop_it(&self, function: Callback<u64, u64>);

    /// Numbers.
    #[stream]
    fn count(&self, from: u64, to: u64, events: Events<u64>);

    /// Numbers from 0, so many from each of so many threads.
    #[stream]
    fn crowd(&self, threads: u64, each: u64, events: Events<u64>);

    /// Numbers, as fast as they are taken, without an end.
    #[stream]
    fn endless(&self, events: Events<u64>);

    /// What is pushed.
    #[stream]
    fn pushed(&self, events: Events<u64>);

    /// Pushes to all who listen: how many took it.
    fn push(&self, event: u64) -> u64;

    /// Ends all streams of what is pushed.
    fn end_pushed(&self);

    /// How many listeners have left.
    fn left(&self) -> u64;

    /// Fails after one event.
    #[stream]
    fn failing(&self, events: Events<u64>);

    /// Panics after one event.
    #[stream]
    fn exploding(&self, events: Events<u64>);

    /// Numbers without an end, once the gate is open; or a panic.
    #[stream]
    fn endless_at_gate(&self, context: &Context, panics: bool, events: Events<u64>);

    /// Panics before there is a stream.
    #[stream]
    fn stillborn(&self, events: Events<u64>);

    /// Panics in the middle of what it feeds.
    #[stream]
    fn feeding(&self, events: Events<u64>);

    /// Books.
    #[stream]
    fn shelf(&self, count: u64, events: Events<Object<Book>>);

    /// Events of so many bytes.
    #[stream]
    fn bulky(&self, bytes: u64, events: Events<Vec<u8>>);
}
