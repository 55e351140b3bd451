//! Closures as C functions, for libraries that take a function and a context.
//!
//! ```
//! use rs_in_hs::trampoline::Trampoline;
//!
//! let square = Trampoline::<fn(f64) -> f64>::new(|x| x * x);
//! // For a C library: double integrate(double (*f)(double x, void *context), void *context);
//! let (function, context) = (square.function(), square.context());
//! assert_eq!(function(3.0, context), 9.0);
//! drop(square);
//! assert_eq!(function(3.0, context), 0.0);
//! ```
//!
//! What holds for every [`Trampoline`]:
//!
//! 1. The closure runs on whichever thread C calls from, on several at once where C does.
//! 2. Nothing unwinds into C. Where the closure panics or returns an error, C gets the signature's default, which is zero,
//!    or nothing; [`take_error`](Trampoline::take_error) gives the error.
//! 3. C may call at any time: the functions are there for as long as the process, and a call that comes after the
//!    trampoline was dropped gets the default.
//! 4. Dropping it does not wait. A call that is running goes on, and the closure is dropped after it, on its thread.
//!
//! C has to pass the context on as it is, and must not leave a call but by its return: no `longjmp`, no `pthread_exit`.
//!
//! No engine has to run. A call costs some tens of nanoseconds.

use rs_in_hs_runtime::panics::{self, Report};
use rs_in_hs_runtime::stats::COUNTERS;
use rs_in_hs_runtime::sync::lock;
use std::any::Any;
use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};
use std::fmt::{self, Display, Formatter};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use thiserror::Error;

/// A closure that C can call, for as long as this is alive. See the [module](self).
///
/// | `S` | the C function |
/// |---|---|
/// | `fn()` | `void (*)(void *context)` |
/// | `fn() -> c_int` | `int (*)(void *context)` |
/// | `fn(c_int) -> c_int` | `int (*)(int, void *context)` |
/// | `fn(f64) -> f64` | `double (*)(double, void *context)` |
/// | `fn(f64, f64) -> f64` | `double (*)(double, double, void *context)` |
/// | `fn(&[u8]) -> c_int` | `int (*)(const uint8_t *bytes, size_t len, void *context)` |
pub struct Trampoline<S: Signature> {
    number: usize,
    live: Arc<Live<S>>,
}

/// Why C got a default in the place of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TrampolineError {
    /// The closure panicked.
    #[error("{message} (a panic at {place})")]
    Panicked {
        /// The panic's message.
        message: String,
        /// `file:line:column`.
        place: String,
    },
    /// The closure returned an error, of this text.
    #[error("{0}")]
    Failed(String),
    /// C passed null, or more bytes than there can be; the closure was not called.
    #[error("no memory is {len} bytes long at {address:#x}")]
    NoBytes {
        /// The pointer that C passed.
        address: usize,
        /// The length that came with it.
        len: usize,
    },
}

impl<S: Signature> Trampoline<S> {
    fn of(closure: Box<S::Closure>) -> Self {
        // Without it the places of panics are not known where no engine was started.
        panics::install_hook();
        let live = Arc::new(Live { closure, error: Mutex::new(None) });
        let number = TABLE.write().unwrap_or_else(PoisonError::into_inner).add(live.clone());
        COUNTERS.trampolines.raise();
        Trampoline { number, live }
    }

    /// The function, with the context as its last parameter, as GLib and curl have it. The same for all trampolines of
    /// the signature.
    pub fn function(&self) -> S::Function {
        S::FUNCTION
    }

    /// The function, with the context as its first parameter, as SQLite has it.
    pub fn function_context_first(&self) -> S::FunctionContextFirst {
        S::FUNCTION_CONTEXT_FIRST
    }

    /// What C has to pass to the function. It is no address, but a number that is never used again, and not null.
    pub fn context(&self) -> *mut c_void {
        std::ptr::without_provenance_mut(self.number)
    }

    /// Why the last call failed that did, since this was asked last.
    pub fn take_error(&self) -> Option<TrampolineError> {
        lock(&self.live.error).take()
    }
}

impl<S: Signature> Drop for Trampoline<S> {
    fn drop(&mut self) {
        let removed = TABLE.write().unwrap_or_else(PoisonError::into_inner).live.remove(&self.number);
        COUNTERS.trampolines.lower();
        // Not under the lock: the closure's destructor may have trampolines of its own.
        drop(removed);
    }
}

impl<S: Signature> fmt::Debug for Trampoline<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trampoline").field("context", &self.context()).finish_non_exhaustive()
    }
}

/// What a trampoline's calls share.
struct Live<S: Signature> {
    closure: Box<S::Closure>,
    error: Mutex<Option<TrampolineError>>,
}

/// Which closure a context stands for. C gets no address: it may come back with a context when the trampoline is gone, or
/// is going on another thread, and then nothing must be read through it.
struct Table {
    /// The last number that was given out. Null is none.
    last: usize,
    /// Each is a [`Live`] of its signature; so the function of one signature does nothing with the context of another.
    live: BTreeMap<usize, Arc<dyn Any + Send + Sync>>,
}

static TABLE: RwLock<Table> = RwLock::new(Table { last: 0, live: BTreeMap::new() });

impl Table {
    fn add(&mut self, live: Arc<dyn Any + Send + Sync>) -> usize {
        self.last = self.last.checked_add(1).expect("a context is never used again");
        self.live.insert(self.last, live);
        self.last
    }
}

fn find<S: Signature>(context: *mut c_void) -> Option<Arc<Live<S>>> {
    let table = TABLE.read().unwrap_or_else(PoisonError::into_inner);
    // Cloned under the lock: from here on this call keeps the closure alive.
    let found = table.live.get(&context.addr())?.clone();
    drop(table);
    found.downcast().ok()
}

/// A call from C. It does not unwind.
fn answer<S: Signature, A: Default>(
    context: *mut c_void,
    run: impl FnOnce(&S::Closure) -> Result<A, TrampolineError>,
) -> A {
    let Some(live) = find::<S>(context) else { return A::default() };
    let ended = panics::catch(|| run(&live.closure))
        .unwrap_or_else(|Report { message, place }| Err(TrampolineError::Panicked { message, place }));
    let answer = ended.unwrap_or_else(|error| {
        *lock(&live.error) = Some(error);
        A::default()
    });
    // This may be the last to hold the closure, whose destructor may panic, too. Then nobody is left to be told.
    let _ = panics::catch(|| drop(live));
    answer
}

/// The bytes that C passed. Null without a length is how C says that there are none.
///
/// # Safety
/// Unless null, `bytes` must be readable for `len` bytes for as long as the answer is used.
unsafe fn bytes_from_c<'a>(bytes: *const u8, len: usize) -> Result<&'a [u8], TrampolineError> {
    if bytes.is_null() && len == 0 {
        return Ok(&[]);
    }
    if bytes.is_null() || len > isize::MAX as usize {
        return Err(TrampolineError::NoBytes { address: bytes.addr(), len });
    }
    // SAFETY: not null, not longer than memory can be, and readable by this function's contract.
    Ok(unsafe { std::slice::from_raw_parts(bytes, len) })
}

/// A type of C function; [`Trampoline`] lists all there are.
pub trait Signature: sealed::Sealed {
    /// The C function, with the context as its last parameter.
    type Function: Copy;
    /// The C function, with the context as its first parameter.
    type FunctionContextFirst: Copy;
    #[doc(hidden)]
    const FUNCTION: Self::Function;
    #[doc(hidden)]
    const FUNCTION_CONTEXT_FIRST: Self::FunctionContextFirst;
}

mod sealed {
    pub trait Sealed: 'static {
        /// The closure, with its failures.
        type Closure: ?Sized + Send + Sync;
    }
}

/// A signature: its closure, what C passes, and what the closure gets of it.
macro_rules! signature {
    (
        [$($unsafe:ident)?] fn($($argument:ty),*) -> $answer:ty,
        ($($name:ident: $passed:ty),*) gives ($($given:ident = $value:expr),*)
    ) => {
        impl sealed::Sealed for fn($($argument),*) -> $answer {
            type Closure = dyn Fn($($argument),*) -> Result<$answer, TrampolineError> + Send + Sync;
        }

        impl Signature for fn($($argument),*) -> $answer {
            type Function = $($unsafe)? extern "C" fn($($name: $passed,)* context: *mut c_void) -> $answer;
            type FunctionContextFirst = $($unsafe)? extern "C" fn(context: *mut c_void $(, $name: $passed)*) -> $answer;

            const FUNCTION: Self::Function = {
                $($unsafe)? extern "C" fn call($($name: $passed,)* context: *mut c_void) -> $answer {
                    answer::<fn($($argument),*) -> $answer, _>(context, |closure| closure($($value),*))
                }
                call
            };

            const FUNCTION_CONTEXT_FIRST: Self::FunctionContextFirst = {
                $($unsafe)? extern "C" fn call(context: *mut c_void $(, $name: $passed)*) -> $answer {
                    answer::<fn($($argument),*) -> $answer, _>(context, |closure| closure($($value),*))
                }
                call
            };
        }

        impl Trampoline<fn($($argument),*) -> $answer> {
            /// Has C call this closure.
            pub fn new(closure: impl Fn($($argument),*) -> $answer + Send + Sync + 'static) -> Self {
                Self::of(Box::new(move |$($given: $argument),*| Ok(closure($($given),*))))
            }

            /// Has C call this closure. Where it returns an error, C gets the default, and
            /// [`take_error`](Self::take_error) the error's text.
            pub fn fallible<E: Display>(
                closure: impl Fn($($argument),*) -> Result<$answer, E> + Send + Sync + 'static,
            ) -> Self {
                Self::of(Box::new(move |$($given: $argument),*| {
                    closure($($given),*).map_err(|error| TrampolineError::Failed(error.to_string()))
                }))
            }
        }
    };
}

/// The answer of a function that has none.
type Nothing = ();

signature! { [] fn() -> Nothing, () gives () }
signature! { [] fn() -> c_int, () gives () }
signature! { [] fn(c_int) -> c_int, (number: c_int) gives (number = number) }
signature! { [] fn(f64) -> f64, (x: f64) gives (x = x) }
signature! { [] fn(f64, f64) -> f64, (x: f64, y: f64) gives (x = x, y = y) }
signature! {
    [unsafe] fn(&[u8]) -> c_int,
    (bytes: *const u8, len: usize) gives (
        // SAFETY: C passes bytes that can be read for the length of the call, by the contract of its own signature.
        slice = unsafe { bytes_from_c(bytes, len) }?
    )
}
