//! What the methods of [`Both`] do.

use super::{Bomb, Book, Both, Everything, Judge, Loan, NoReply, NoTitle, TALLIES_DROPPED, Tally};
use crate::gate;
use rs_in_hs::{CallToken, Callback, CallbackError, Closure, Context, Events, Local, Object};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as Task, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

/// What a closure has that counts how often it is freed.
struct Freed;

static FREED: AtomicU64 = AtomicU64::new(0);

impl Drop for Freed {
    fn drop(&mut self) {
        FREED.fetch_add(1, Ordering::Relaxed);
    }
}

/// A function that outlives the engine that it was given to.
static BEQUEST: Mutex<Option<Callback<u64, u64>>> = Mutex::new(None);

/// See [`Both`].
#[derive(Default)]
pub struct Library {
    books: Mutex<Vec<Object<Book>>>,
    function: Mutex<Option<Callback<u64, u64>>>,
    functions: Mutex<Vec<Callback<u64, u64>>>,
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

    fn found(&self, title: &str) -> Option<Object<Book>> {
        (!title.is_empty()).then(|| book(title))
    }

    fn lend(&self, titles: Vec<String>) -> Loan {
        let others = titles.iter().map(|title| self.found(title)).collect();
        Loan { book: book("the first"), reader: "Anne".into(), others }
    }

    fn lent(&self, loan: Loan) -> Vec<String> {
        let all = [loan.book].into_iter().chain(loan.others.into_iter().flatten());
        all.map(|book| book.title.clone()).collect()
    }

    fn books(&self, count: u64) -> Vec<Object<Book>> {
        (0..count).map(|number| book(&number.to_string())).collect()
    }

    fn ordered(&self, token: CallToken<Object<Book>>) {
        thread::spawn(move || token.answer(book("ordered")));
    }

    fn book_at_gate(&self, context: &Context) -> Object<Book> {
        gate::pass(context, false);
        book("late")
    }

    fn bound(&self, bytes: u64) -> (Object<Book>, Vec<u8>) {
        (book("bound"), vec![7; bytes as usize])
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
        lock(&self.functions).clear();
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
        Local::new(|| Tally { count: Rc::default(), home: thread::current().id() })
    }

    fn tally_up(&self, tally: Local<Tally>, by: u64) -> u64 {
        tally.with(move |tally| {
            tally.count.set(tally.count.get() + by);
            tally.count.get()
        })
    }

    fn tally_at_gate(&self, context: &Context, tally: Local<Tally>) -> u64 {
        let context = context.clone();
        tally.with(move |tally| {
            gate::pass(&context, true);
            tally.count.get()
        })
    }

    fn tallies_dropped(&self) -> (u64, u64) {
        let [home, elsewhere] = &TALLIES_DROPPED;
        (home.load(Ordering::Relaxed), elsewhere.load(Ordering::Relaxed))
    }

    fn tally_home(&self, tally: Local<Tally>) -> String {
        tally.with(|_| format!("{:?} {}", thread::current().id(), thread::current().name().unwrap_or_default()))
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

    fn chooser(&self) -> Closure<Vec<Object<Book>>, Option<Object<Book>>> {
        Closure::new(|books: Vec<Object<Book>>| books.last().cloned())
    }

    fn counted(&self) -> Closure<(), u64> {
        let freed = Freed;
        Closure::new(move |()| {
            let _here = &freed;
            FREED.load(Ordering::Relaxed)
        })
    }

    fn freed(&self) -> u64 {
        FREED.load(Ordering::Relaxed)
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

    fn ask_and_leave_at_gate(&self, context: &Context, function: Callback<u64, u64>, argument: u64) {
        let asked = function.call_later(argument);
        gate::pass(context, true);
        drop(asked);
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

    fn keep_functions(&self, functions: Vec<Callback<u64, u64>>) {
        lock(&self.functions).extend(functions);
    }

    fn call_kept(&self, argument: u64) -> Result<u64, NoReply> {
        let kept = lock(&self.function).clone();
        Ok(kept.expect("one was kept").call(argument)?)
    }

    fn call_kept_nonblocking(&self, argument: u64) -> Result<u64, NoReply> {
        self.call_kept(argument)
    }

    fn bequeath(&self, function: Callback<u64, u64>) {
        *lock(&BEQUEST) = Some(function);
    }

    fn call_bequest(&self, argument: u64) -> Result<u64, NoReply> {
        let bequest = lock(&BEQUEST).clone();
        Ok(bequest.expect("there is one").call(argument)?)
    }

    fn drop_bequest(&self) {
        lock(&BEQUEST).take();
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

    fn everything(&self, count: u64) -> Everything {
        Everything {
            books: self.books(count),
            tallies: (0..count).map(|_| self.tally()).collect(),
            functions: self.adders(count),
        }
    }

    fn everything_at_gate(
        &self,
        context: &Context,
        count: u64,
        _functions: Vec<Callback<u64, u64>>,
        panics: bool,
    ) -> Everything {
        let everything = self.everything(count);
        gate::pass(context, false);
        assert!(!panics, "with everything in its hands");
        everything
    }

    fn drop_it(&self, _function: Callback<u64, u64>) {
        panic!("it is dropped");
    }

    fn count(&self, from: u64, to: u64, events: Events<u64>) {
        events.feed(from..to);
    }

    fn crowd(&self, threads: u64, each: u64, events: Events<u64>) {
        for _ in 0..threads {
            events.clone().feed(0..each);
        }
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

    fn endless_at_gate(&self, context: &Context, panics: bool, events: Events<u64>) {
        events.clone().feed(0..);
        gate::pass(context, false);
        assert!(!panics, "with a stream in its hands");
    }

    fn stillborn(&self, _events: Events<u64>) {
        panic!("before it began");
    }

    fn feeding(&self, events: Events<u64>) {
        events.feed((1..).inspect(|number| assert!(*number < 3, "no third one")));
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
