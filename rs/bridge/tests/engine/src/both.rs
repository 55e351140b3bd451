//! What messages refer to, for `../../c/{references,events,callbacks}.c`.

use rs_in_hs::{Callback, Closure, Engine, Events, Local, Object, SendError, Service, object, service};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A number to hold.
#[object]
pub struct Thing(u64);

/// Another kind of thing.
#[object]
pub struct Other;

/// A number that stays on its thread.
#[object]
pub struct Homebody(Cell<u64>);

static DROPPED: AtomicU64 = AtomicU64::new(0);

impl Drop for Thing {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::SeqCst);
    }
}

/// What is subscribed to.
#[service]
pub trait Streams {
    /// What the C program sends.
    #[stream]
    fn handed(&self, events: Events<u64>);

    /// Numbers from zero on.
    #[stream]
    fn count(&self, to: u64, events: Events<u64>);

    /// Things with these numbers.
    #[stream]
    fn things(&self, to: u64, events: Events<Object<Thing>>);
}

struct Handing;

/// The producer of `handed`.
static EVENTS: Mutex<Option<Events<u64>>> = Mutex::new(None);
/// What `keep_function` was given.
static FUNCTION: Mutex<Option<Callback<u64, u64>>> = Mutex::new(None);

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Streams for Handing {
    fn handed(&self, events: Events<u64>) {
        *lock(&EVENTS) = Some(events);
    }

    fn count(&self, to: u64, events: Events<u64>) {
        events.feed(0..to);
    }

    fn things(&self, to: u64, events: Events<Object<Thing>>) {
        events.feed((0..to).map(|number| Object::new(Thing(number))));
    }
}

pub fn streams() -> Arc<dyn Streams> {
    Arc::new(Handing)
}

/// Adds its methods.
pub fn engine(engine: Engine) -> Engine {
    engine
        .call("thing", |_, number: u64| Object::new(Thing(number)))
        .call("other", |_, (): ()| Object::new(Other))
        .call("home", |_, number: u64| Local::new(move || Homebody(Cell::new(number))))
        .call("home_up", |_, home: Local<Homebody>| home.with(|home| home.0.replace(home.0.get() + 1)))
        .call("number", |_, thing: Object<Thing>| thing.0)
        .call("adder", |_, summand: u64| Closure::new(move |number: u64| number + summand))
        .call("bomb", |_, (): ()| Closure::new(|(): ()| -> u64 { panic!("a closure gives up") }))
        .call("ask", |_, (function, number): (Callback<u64, u64>, u64)| told(function.call(number)))
        .call("fetch", |_, function: Callback<(), Object<Thing>>| told(function.call(()).map(|thing| thing.0)))
        .call("show", |_, function: Callback<Object<Thing>, u64>| told(function.call(Object::new(Thing(70)))))
        .call("keep_function", |_, function: Callback<u64, u64>| *lock(&FUNCTION) = Some(function))
        .call("call_kept", |_, number: u64| {
            let function = lock(&FUNCTION).clone().expect("one was kept");
            told(function.call(number))
        })
        .call("let_go_of_kept", |_, (): ()| drop(lock(&FUNCTION).take()))
}

fn told<E: std::error::Error>(result: Result<u64, E>) -> Result<u64, String> {
    result.map_err(|error| error.to_string())
}

/// The number of a stream's method, by its name.
///
/// # Safety
/// `name` must be a string of C.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fixture_stream(name: *const std::ffi::c_char) -> u64 {
    // SAFETY: a string by this function's contract.
    let name = unsafe { std::ffi::CStr::from_ptr(name) }.to_str().expect("a name is UTF-8");
    let service = <dyn Streams as Service>::describe();
    service.method_id(service.method(name).expect("there is such a stream"))
}

/// Sends an event to whoever has subscribed to `handed` last, if there is room: 0, or 1 where there is none, or 2 where
/// nobody listens.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_send(event: u64) -> u64 {
    let events = lock(&EVENTS).clone();
    match events.map_or(Err(SendError::Closed), |events| events.try_send(event)) {
        Ok(()) => 0,
        Err(SendError::Full) => 1,
        Err(_) => 2,
    }
}

/// Ends `handed`: with a failure of this text, or without.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_end_stream(fails: bool) {
    let events = lock(&EVENTS).take();
    if let Some(events) = events.filter(|_| fails) {
        events.fail("the fixture gives up");
    }
}

/// How many things have been dropped.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_dropped() -> u64 {
    DROPPED.load(Ordering::SeqCst)
}

/// Waits until so many things have been dropped since the program began; false after a long time.
#[unsafe(no_mangle)]
pub extern "C" fn fixture_await_dropped(count: u64) -> bool {
    let limit = Instant::now() + Duration::from_secs(20);
    while fixture_dropped() < count {
        if Instant::now() > limit {
            return false;
        }
        std::thread::yield_now();
    }
    true
}
