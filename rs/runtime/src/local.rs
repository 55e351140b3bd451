//! Objects that must stay on one thread.

use crate::object::decode_object;
use crate::panics::{self, Report};
use crate::reference::{Opaque, Thing};
use crate::schema::{self, Type, Types};
use crate::stats::{Alive, COUNTERS};
use crate::sync::{Mutex, lock};
use crate::wire::{Data, Decode, Decoder, Encode, Encoder, WireError};
use crate::worker::Behalf;
use flume::Sender;
use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;

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
    home: Home,
    _alive: Alive,
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

thread_local! {
    /// Those that live on this thread.
    static VALUES: RefCell<HashMap<u64, Rc<dyn Any>>> = RefCell::default();
    /// The type whose thread this is.
    static TYPE: RefCell<Option<TypeId>> = const { RefCell::new(None) };
}

impl Home {
    fn of(of: TypeId, name: &str) -> Self {
        let mut threads = lock(&THREADS);
        let thread = threads.entry(of).or_insert_with(|| Thread { jobs: start(of, name), values: 0 });
        thread.values += 1;
        Home { of, jobs: thread.jobs.clone() }
    }

    /// Runs this there, and waits for it; a panic goes on here. On that thread itself it runs at once.
    fn run<R: Send + 'static>(&self, job: impl FnOnce() -> R + Send + 'static) -> Result<R, Report> {
        if TYPE.with_borrow(|of| *of == Some(self.of)) {
            return panics::catch(job);
        }
        let (done, result) = flume::bounded(1);
        let behalf = Behalf::mine();
        let sent = self.jobs.send(Box::new(move || {
            let _ = done.send(behalf.run(|| panics::catch(job)));
        }));
        let gone = |_| Report { message: "its thread has gone".into(), place: "an unknown place".into() };
        match sent {
            Ok(()) => result.recv().unwrap_or_else(|error| Err(gone(error.to_string()))),
            Err(error) => Err(gone(error.to_string())),
        }
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
        TYPE.set(Some(of));
        queue.iter().for_each(|job| job());
    };
    // Without a thread the queue is gone, and each job is told so.
    let _ = thread::Builder::new().name(format!("rs-in-hs {name}")).spawn(life);
    jobs
}

impl<T: Opaque> Local<T> {
    /// Makes a value on the thread of its type, and waits for that.
    ///
    /// # Panics
    /// As `make` does, or if the system gives no thread.
    pub fn new(make: impl FnOnce() -> T + Send + 'static) -> Self {
        static IDS: AtomicU64 = AtomicU64::new(0);

        let id = IDS.fetch_add(1, Ordering::Relaxed);
        let home = Home::of(TypeId::of::<T>(), T::NAME);
        let keep = move || {
            let value = Rc::new(make());
            VALUES.with_borrow_mut(|values| values.insert(id, value));
        };
        home.run(keep).unwrap_or_else(|report| panics::resume(report));
        Local(Arc::new(Inner { id, home, _alive: Alive::new(&COUNTERS.objects), of: PhantomData }))
    }

    /// Uses the value on its thread, and waits for that: behind all who came before. From within another use of a value
    /// of the type it runs at once. A function of Haskell's that is called in there holds up that thread, so it cannot use
    /// the type's values in turn.
    ///
    /// # Panics
    /// As `act` does.
    pub fn with<R: Send + 'static>(&self, act: impl FnOnce(&T) -> R + Send + 'static) -> R {
        let id = self.0.id;
        let run = move || {
            let value = VALUES.with_borrow(|values| values.get(&id).cloned());
            let value = value.and_then(|value| value.downcast::<T>().ok());
            // It is dropped by the last of those who could ask for it.
            act(&value.expect("a value is there for as long as a `Local` is"))
        };
        self.0.home.run(run).unwrap_or_else(|report| panics::resume(report))
    }
}

impl<T> Drop for Inner<T> {
    /// Waits until the value is dropped, on its thread.
    fn drop(&mut self) {
        let id = self.id;
        let dropped = self.home.run(move || drop(VALUES.with_borrow_mut(|values| values.remove(&id))));
        if let Err(report) = dropped {
            panics::tell("an object panicked while it was dropped", &report);
        }
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
