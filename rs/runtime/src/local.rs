//! Objects that must stay on one thread.

use crate::direct;
use crate::object::decode_object;
use crate::panics::{self, Report};
use crate::reference::{self, Opaque, Thing};
use crate::schema::{self, Type, Types};
use crate::signal::Signal;
use crate::stats::{Alive, COUNTERS};
use crate::sync::{Mutex, lock};
use crate::wire::{Data, Decode, Decoder, Encode, Encoder, WireError};
use crate::worker::{self, Aside, named};
use flume::{Receiver, Sender};
use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::task;

/// A value that Haskell may hold like an [`Object`](crate::object::Object), of a type that need not be `Send`.
///
/// All values of one type live on a thread of that type, which starts with the first of them and ends with the last: it
/// makes them, uses them, one after the other, and drops them. The `Local` itself may be cloned and sent anywhere.
///
/// ```
/// use rs_in_hs_runtime::local::Local;
/// # use std::{cell::Cell, rc::Rc};
/// # struct Canvas(Rc<Cell<u32>>);
/// # impl rs_in_hs_runtime::reference::Opaque for Canvas {
/// #     const NAME: &'static str = "Canvas"; const DOCS: &'static str = ""; const PLACE: &'static str = "";
/// # }
///
/// let canvas = Local::new(|| Canvas(Rc::default()));
/// canvas.with(|canvas| canvas.0.set(7));
/// assert_eq!(canvas.with(|canvas| canvas.0.get()), 7);
/// ```
pub struct Local<T: 'static>(Arc<Inner<T>>);

struct Inner<T: 'static> {
    id: u64,
    /// Taken out when it is dropped.
    place: Option<(Home, Alive)>,
    // Not a `T`, which lives elsewhere: so this is `Send` and `Sync` whatever `T` is.
    of: PhantomData<fn() -> T>,
}

/// A value's part of its type's thread, which ends when the last of these is gone.
struct Home {
    of: TypeId,
    jobs: Sender<Job>,
}

type Job = Box<dyn FnOnce() + Send>;

struct Thread {
    jobs: Sender<Job>,
    values: usize,
}

static THREADS: LazyLock<Mutex<HashMap<TypeId, Thread>>> = LazyLock::new(Mutex::default);

/// What a type's thread knows of itself.
struct Here {
    of: TypeId,
    queue: Receiver<Job>,
    values: HashMap<u64, Rc<dyn Any>>,
}

thread_local! {
    static HERE: RefCell<Option<Here>> = const { RefCell::new(None) };
}

impl Home {
    fn of(of: TypeId, name: &str) -> Self {
        let mut threads = lock(&THREADS);
        let thread = threads.entry(of).or_insert_with(|| Thread { jobs: start(of, name), values: 0 });
        thread.values += 1;
        Home { of, jobs: thread.jobs.clone() }
    }

    fn is_here(&self) -> bool {
        HERE.with_borrow(|here| here.as_ref().is_some_and(|here| here.of == self.of))
    }

    /// Runs this there, and waits for it; a panic goes on here. On that thread itself it runs at once.
    ///
    /// A worker that waits leaves its seat, since what it waits for may wait for Haskell, and that for another handler. A
    /// thread of another type does what is asked of its own values meanwhile.
    fn run<R: Send + 'static>(&self, job: impl FnOnce() -> R + Send + 'static) -> R {
        if direct::is_nonblocking() {
            panic!(
                "a method that is called directly as nonblocking cannot wait for a Local: remove its #[nonblocking]"
            );
        }
        if self.is_here() {
            return job();
        }
        let done = Arc::new((Signal::default(), Mutex::new(None)));
        let (told, serving) = (done.clone(), worker::serving());
        let sent = self.jobs.send(Box::new(move || {
            let result = worker::in_stead(serving, || panics::catch(job));
            *lock(&told.1) = Some(result);
            told.0.waking_here(|| told.0.give());
        }));
        if sent.is_ok() {
            // Without a thread to take the seat it waits all the same.
            let _aside = Aside::step();
            wait(&done.0);
        }
        let result = lock(&done.1).take();
        let no_thread = || Err(Report { message: "there is no thread for a Local".into(), place: file!().into() });
        result.unwrap_or_else(no_thread).unwrap_or_else(|report| panics::resume(report))
    }
}

/// Waits for a signal. The thread of a type does what is asked of its values meanwhile: whoever gives the signal may have to
/// wait for that.
pub(crate) fn wait(signal: &Signal) {
    let here = HERE.with_borrow(|here| here.as_ref().map(|here| (here.of, here.queue.clone())));
    let jobs = here.as_ref().and_then(|(of, _)| lock(&THREADS).get(of).map(|thread| thread.jobs.clone()));
    let (Some((_, queue)), Some(jobs)) = (here, jobs) else { return signal.wait() };
    let nudge = task::Waker::from(Arc::new(Nudge(jobs)));
    while !signal.poll(&nudge) {
        if let Ok(job) = queue.recv() {
            job();
        }
    }
}

/// Has a type's thread look again.
struct Nudge(Sender<Job>);

impl task::Wake for Nudge {
    fn wake(self: Arc<Self>) {
        let _ = self.0.send(Box::new(|| ()));
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let mut threads = lock(&THREADS);
        if let Some(thread) = threads.get_mut(&self.of) {
            thread.values -= 1;
            if thread.values == 0 {
                // With the last sender, which is this one's or another's, its thread ends.
                threads.remove(&self.of);
            }
        }
    }
}

fn start(of: TypeId, name: &str) -> Sender<Job> {
    let (jobs, queue) = flume::unbounded::<Job>();
    let life = move || {
        let here = Here { of, queue: queue.clone(), values: HashMap::new() };
        HERE.set(Some(here));
        queue.iter().for_each(|job| job());
    };
    // Without a thread the queue is gone, and whoever sends a job finds out.
    let _ = named(&format!("rs-in-hs {name}")).spawn(life);
    jobs
}

impl<T: Opaque> Local<T> {
    /// Makes a value on the thread of its type, and waits for that.
    ///
    /// # Panics
    /// As `make` does; if the system gives no thread; and where [`Local::with`] does.
    pub fn new(make: impl FnOnce() -> T + Send + 'static) -> Self {
        static IDS: AtomicU64 = AtomicU64::new(0);

        let id = IDS.fetch_add(1, Ordering::Relaxed);
        let home = Home::of(TypeId::of::<T>(), T::NAME);
        home.run(move || keep(id, make()));
        let alive = Alive::new(&COUNTERS.objects);
        Local(Arc::new(Inner { id, place: Some((home, alive)), of: PhantomData }))
    }

    /// Uses the value on its thread, and waits for that: behind all who came before. From within another use of a value
    /// of the type it runs at once. While a use waits for another thread, or for Haskell, others begin.
    ///
    /// A worker that waits leaves its seat to another, as for a callback.
    ///
    /// # Panics
    /// As `act` does; and in a direct call of a method that is nonblocking, since it would wait.
    pub fn with<R: Send + 'static>(&self, act: impl FnOnce(&T) -> R + Send + 'static) -> R {
        let id = self.0.id;
        let run = move || {
            let value = HERE.with_borrow(|here| here.as_ref().and_then(|here| here.values.get(&id).cloned()));
            let value = value.and_then(|value| value.downcast::<T>().ok());
            // It is dropped by the last of those who could ask for it.
            act(&value.expect("a value is there for as long as a `Local` is"))
        };
        let (home, _) = self.0.place.as_ref().expect("it is taken out when this is dropped");
        home.run(run)
    }
}

fn keep<T: 'static>(id: u64, value: T) {
    HERE.with_borrow_mut(|here| here.as_mut().map(|here| here.values.insert(id, Rc::new(value))));
}

impl<T> Drop for Inner<T> {
    /// Has the value dropped, on its thread, and does not wait for that: it may be in the middle of something. Shutdown
    /// does, up to its limit.
    fn drop(&mut self) {
        let Some((home, alive)) = self.place.take() else { return };
        let (id, chore, jobs) = (self.id, reference::begin_chore(), home.jobs.clone());
        let drop_value = move || {
            let value = HERE.with_borrow_mut(|here| here.as_mut().and_then(|here| here.values.remove(&id)));
            panics::contain("an object panicked while it was dropped", || drop(value));
            // In this order: who looks finds it counted for as long as there is something of it.
            drop((alive, home, chore));
        };
        let _ = jobs.send(Box::new(drop_value));
    }
}

impl<T> Clone for Local<T> {
    fn clone(&self) -> Self {
        Local(self.0.clone())
    }
}

impl<T: Opaque> Data for Local<T> {
    const MIN_SIZE: usize = size_of::<u64>();

    fn describe(types: &mut Types) -> Type {
        schema::opaque::<T>(types)
    }
}

impl<T: Opaque> Encode for Local<T> {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        to.refer(Thing::Object(self.0.clone()))
    }
}

impl<T: Opaque> Decode<'_> for Local<T> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
        decode_object(from, T::NAME).map(Local)
    }
}
