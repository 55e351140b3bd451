//! A service whose messages refer to things: to find out what becomes of them.

use crate::gate;
use rs_in_hs::{CallToken, Callback, CallbackError, Closure, Context, Events, Local, Object, data, object, service};
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as Task, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;
use thiserror::Error;

/// Something to hold.
#[object]
pub struct Book {
    title: String,
    reads: AtomicU64,
}

/// Something that must stay on one thread.
#[object]
pub struct Tally(Rc<Cell<u64>>);

/// Something that panics when it is dropped.
#[object]
pub struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a bomb was dropped");
    }
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

    /// So many books.
    fn books(&self, count: u64) -> Vec<Object<Book>>;

    /// A book that comes later.
    fn ordered(&self, book: CallToken<Object<Book>>);

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

    /// The name of its thread.
    fn tally_home(&self, tally: Local<Tally>) -> String;

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

    /// Calls the function.
    fn ask(&self, function: Callback<u64, u64>, argument: u64) -> Result<u64, NoReply>;

    /// Calls it for at most so many microseconds.
    fn ask_within(&self, micros: u64, function: Callback<u64, u64>, argument: u64) -> Result<u64, NoReply>;

    /// Calls it on a thread of its own, and answers later.
    fn ask_later(&self, function: Callback<u64, u64>, argument: u64, reply: CallToken<Result<u64, NoReply>>);

    /// Calls it as a future that is dropped while the function runs.
    fn ask_and_leave(&self, function: Callback<u64, u64>, argument: u64);

    /// Calls it from so many threads at once, each so often, and adds the results.
    fn ask_often(&self, function: Callback<u64, u64>, threads: u64, times: u64) -> Result<u64, NoReply>;

    /// Calls it where nothing may wait.
    #[nonblocking]
    fn ask_nonblocking(&self, function: Callback<u64, u64>, argument: u64) -> Result<u64, NoReply>;

    /// Keeps it.
    fn keep_function(&self, function: Callback<u64, u64>);

    /// Calls the one that was kept.
    fn call_kept(&self, argument: u64) -> Result<u64, NoReply>;

    /// Has a service of Haskell's decide.
    fn judge(&self, judge: Judge, case: u64) -> Result<String, NoReply>;

    /// Gives a function a book.
    fn show(&self, function: Callback<Object<Book>, String>, title: &str) -> Result<String, NoReply>;

    /// Is given a book by a function.
    fn fetch(&self, function: Callback<String, Object<Book>>, title: &str) -> Result<String, NoReply>;

    /// Panics with the function in its hands.
    fn drop_it(&self, function: Callback<u64, u64>);

    /// Numbers.
    #[stream]
    fn count(&self, from: u64, to: u64, events: Events<u64>);

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

    /// Panics before there is a stream.
    #[stream]
    fn stillborn(&self, events: Events<u64>);

    /// Books.
    #[stream]
    fn shelf(&self, count: u64, events: Events<Object<Book>>);

    /// Events of so many bytes.
    #[stream]
    fn bulky(&self, bytes: u64, events: Events<Vec<u8>>);
}

/// See [`Both`].
#[derive(Default)]
pub struct Library {
    books: Mutex<Vec<Object<Book>>>,
    function: Mutex<Option<Callback<u64, u64>>>,
    listeners: Mutex<Vec<Events<u64>>>,
    left: Arc<AtomicU64>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn book(title: &str) -> Object<Book> {
    Object::new(Book { title: title.into(), reads: AtomicU64::new(0) })
}

/// Runs a future on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Task::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

impl Both for Library {
    fn book(&self, title: &str) -> Object<Book> {
        book(title)
    }

    fn titled(&self, title: &str) -> Result<Object<Book>, NoTitle> {
        if title.is_empty() { Err(NoTitle) } else { Ok(book(title)) }
    }

    fn books(&self, count: u64) -> Vec<Object<Book>> {
        (0..count).map(|number| book(&number.to_string())).collect()
    }

    fn ordered(&self, token: CallToken<Object<Book>>) {
        thread::spawn(move || token.answer(book("ordered")));
    }

    fn torn(&self, context: &Context) -> Object<Book> {
        let torn = book("torn");
        gate::pass(context, true);
        assert!(torn.title.is_empty(), "it is torn");
        torn
    }

    fn title(&self, book: Object<Book>) -> String {
        book.title.clone()
    }

    fn titles(&self, books: Vec<Object<Book>>) -> Vec<String> {
        books.iter().map(|book| book.title.clone()).collect()
    }

    fn again(&self, book: Object<Book>) -> Object<Book> {
        book
    }

    fn keep(&self, book: Object<Book>) {
        lock(&self.books).push(book);
    }

    fn clear(&self) {
        lock(&self.books).clear();
        lock(&self.function).take();
    }

    fn read(&self, book: Object<Book>) {
        book.reads.fetch_add(1, Ordering::Relaxed);
    }

    fn reads(&self, book: Object<Book>) -> u64 {
        book.reads.load(Ordering::Relaxed)
    }

    fn read_at_gate(&self, context: &Context, book: Object<Book>) -> String {
        gate::pass(context, true);
        book.title.clone()
    }

    fn bomb(&self) -> Object<Bomb> {
        Object::new(Bomb)
    }

    fn tally(&self) -> Local<Tally> {
        Local::new(|| Tally(Rc::default()))
    }

    fn tally_up(&self, tally: Local<Tally>, by: u64) -> u64 {
        tally.with(move |tally| {
            tally.0.set(tally.0.get() + by);
            tally.0.get()
        })
    }

    fn tally_home(&self, tally: Local<Tally>) -> String {
        tally.with(|_| thread::current().name().unwrap_or_default().into())
    }

    fn adder(&self, summand: i64) -> Closure<i64, i64> {
        Closure::new(move |number| number + summand)
    }

    fn adders(&self, count: u64) -> Vec<Closure<i64, i64>> {
        (0..count as i64).map(|summand| self.adder(summand)).collect()
    }

    fn panicking(&self) -> Closure<(), ()> {
        Closure::new(|()| panic!("in a closure"))
    }

    fn waiting(&self) -> Closure<(), bool> {
        Closure::with_context(|context, ()| gate::pass(context, true))
    }

    fn printer(&self) -> Closure<String, Object<Book>> {
        Closure::new(|title: String| book(&title))
    }

    fn ask(&self, function: Callback<u64, u64>, argument: u64) -> Result<u64, NoReply> {
        Ok(function.call(argument)?)
    }

    fn ask_within(&self, micros: u64, function: Callback<u64, u64>, argument: u64) -> Result<u64, NoReply> {
        Ok(function.call_timeout(Duration::from_micros(micros), argument)?)
    }

    fn ask_later(&self, function: Callback<u64, u64>, argument: u64, reply: CallToken<Result<u64, NoReply>>) {
        let asked = function.call_later(argument);
        thread::spawn(move || reply.answer(block_on(asked).map_err(NoReply::from)));
    }

    fn ask_and_leave(&self, function: Callback<u64, u64>, argument: u64) {
        drop(function.call_later(argument));
    }

    fn ask_often(&self, function: Callback<u64, u64>, threads: u64, times: u64) -> Result<u64, NoReply> {
        let one = |_| {
            let function = function.clone();
            thread::spawn(move || (0..times).try_fold(0, |sum, number| Ok(sum + function.call(number)?)))
        };
        let all: Vec<_> = (0..threads).map(one).collect();
        all.into_iter().try_fold(0, |sum, thread| {
            let part: Result<u64, CallbackError> = thread.join().expect("it does not panic");
            Ok(sum + part?)
        })
    }

    fn ask_nonblocking(&self, function: Callback<u64, u64>, argument: u64) -> Result<u64, NoReply> {
        Ok(function.call(argument)?)
    }

    fn keep_function(&self, function: Callback<u64, u64>) {
        *lock(&self.function) = Some(function);
    }

    fn call_kept(&self, argument: u64) -> Result<u64, NoReply> {
        let kept = lock(&self.function).clone();
        Ok(kept.expect("one was kept").call(argument)?)
    }

    fn judge(&self, judge: Judge, case: u64) -> Result<String, NoReply> {
        if !judge.approve.call(case)? {
            return Ok("refused".into());
        }
        let mut name = judge.name.call((case, "case".into()))?;
        for note in &judge.notes {
            name += &note.call(())?;
        }
        Ok(name)
    }

    fn show(&self, function: Callback<Object<Book>, String>, title: &str) -> Result<String, NoReply> {
        Ok(function.call(book(title))?)
    }

    fn fetch(&self, function: Callback<String, Object<Book>>, title: &str) -> Result<String, NoReply> {
        Ok(function.call(title.into())?.title.clone())
    }

    fn drop_it(&self, _function: Callback<u64, u64>) {
        panic!("it is dropped");
    }

    fn count(&self, from: u64, to: u64, events: Events<u64>) {
        events.feed(from..to);
    }

    fn endless(&self, events: Events<u64>) {
        events.feed(0..);
    }

    fn pushed(&self, events: Events<u64>) {
        let left = self.left.clone();
        events.on_close(move || {
            left.fetch_add(1, Ordering::Relaxed);
        });
        lock(&self.listeners).push(events);
    }

    fn push(&self, event: u64) -> u64 {
        let mut listeners = lock(&self.listeners);
        listeners.retain(|events| !events.is_closed());
        listeners.iter().filter(|events| events.send(event).is_ok()).count() as u64
    }

    fn end_pushed(&self) {
        lock(&self.listeners).clear();
    }

    fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }

    fn failing(&self, events: Events<u64>) {
        let _ = events.send(1);
        events.fail("the well is dry");
    }

    fn exploding(&self, events: Events<u64>) {
        thread::spawn(move || {
            let _ = events.send(1);
            panic!("in a producer");
        });
    }

    fn stillborn(&self, _events: Events<u64>) {
        panic!("before it began");
    }

    fn shelf(&self, count: u64, events: Events<Object<Book>>) {
        events.feed((0..count).map(|number| book(&number.to_string())));
    }

    fn bulky(&self, bytes: u64, events: Events<Vec<u8>>) {
        events.feed(std::iter::repeat_with(move || vec![7; bytes as usize]));
    }
}

/// The service.
pub fn both() -> Arc<dyn Both> {
    Arc::new(Library::default())
}
