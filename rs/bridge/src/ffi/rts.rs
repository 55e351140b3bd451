//! GHC's runtime system, as far as Rust uses it.
//!
//! Its functions come as pointers at init. Linked by name they would be undefined symbols in the engine's library,
//! and GHCi could not load it. They are the same for as long as the process lives, and may be called from any
//! thread, until the runtime system exits: what comes later aborts the process. Shutdown leaves no waiter behind, so
//! after it nothing calls; for a program that exits without shutting down, [`Ghc::close`] shuts the door.

use rs_in_hs_runtime::runtime;
use rs_in_hs_runtime::waker::Rts;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

/// GHC's `hs_try_putmvar`, `hs_free_stable_ptr` and `hs_thread_done`. None may be null.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct H2rRts {
    /// `hs_try_putmvar`
    pub try_putmvar: Option<unsafe extern "C" fn(capability: c_int, mvar: *mut c_void)>,
    /// `hs_free_stable_ptr`
    pub free_stable_ptr: Option<unsafe extern "C" fn(stable_ptr: *mut c_void)>,
    /// `hs_thread_done`
    pub thread_done: Option<unsafe extern "C" fn()>,
}

type TryPutMvar = unsafe extern "C" fn(c_int, *mut c_void);
type FreeStablePtr = unsafe extern "C" fn(*mut c_void);
type ThreadDone = unsafe extern "C" fn();

#[derive(Clone, Copy)]
struct Functions {
    try_putmvar: TryPutMvar,
    free_stable_ptr: FreeStablePtr,
    thread_done: ThreadDone,
    /// Whether a runtime runs. While none does, no thread that it left behind says that it is done: what the runtime
    /// system then keeps of it is some hundred bytes.
    running: bool,
}

/// Whether it can be called.
enum Door {
    /// Its functions are not known yet.
    Unknown,
    Open(Functions),
    /// It has exited, for good.
    Closed,
}

/// The runtime system of this process.
pub struct Ghc(RwLock<Door>);

/// See [`Ghc`].
pub static GHC: Ghc = Ghc(RwLock::new(Door::Unknown));

unsafe extern "C" {
    fn pthread_atfork(
        prepare: Option<unsafe extern "C" fn()>,
        parent: Option<unsafe extern "C" fn()>,
        child: Option<unsafe extern "C" fn()>,
    ) -> c_int;
}

impl Ghc {
    /// Takes the functions over; `None` where one is missing.
    pub fn open(&self, rts: &H2rRts) -> Option<()> {
        let functions = Functions {
            try_putmvar: rts.try_putmvar?,
            free_stable_ptr: rts.free_stable_ptr?,
            thread_done: rts.thread_done?,
            running: true,
        };
        // A forked process has none of the threads that may have held the lock: there is nothing to open.
        if runtime::is_forked() {
            return Some(());
        }
        let mut door = self.door();
        match &mut *door {
            Door::Closed => return None,
            // SAFETY: the handler touches nothing but atomics, which is what may be done in a forked process.
            Door::Unknown => _ = unsafe { pthread_atfork(None, None, Some(in_forked_process)) },
            Door::Open(_) => {}
        }
        *door = Door::Open(functions);
        Some(())
    }

    /// A runtime has shut down: whatever threads it left, they do not use the runtime system any more.
    pub fn rest(&self) {
        if let Door::Open(functions) = &mut *self.door() {
            functions.running = false;
        }
    }

    /// The runtime system exits: from here on nobody calls into it, and whoever is inside has come out.
    pub fn close(&self) {
        if !runtime::is_forked() {
            *self.door() = Door::Closed;
        }
    }

    fn door(&self) -> RwLockWriteGuard<'_, Door> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock is held during the call, which is what makes `close` wait for it.
    fn call(&self, act: impl FnOnce(&Functions)) {
        if runtime::is_forked() {
            return;
        }
        if let Door::Open(functions) = &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            act(functions);
        }
    }
}

unsafe extern "C" fn in_forked_process() {
    runtime::forked();
}

impl Rts for Ghc {
    fn put(&self, capability: i32, stable_ptr: usize) {
        // A thread that is being torn down has no locals with destructors, and does not go on to them.
        let _ = FAREWELL.try_with(|farewell| farewell.has_woken.set(true));
        self.call(|rts| {
            // SAFETY: `stable_ptr` is one that Haskell made with `newStablePtrPrimMVar` and handed over to `h2r_*` by
            // its contract, and a `Waker` gives it away once, in its life's last act. Put twice, or put after it was
            // freed, it would corrupt the table of stable pointers. The runtime system is up: see the lock.
            unsafe { (rts.try_putmvar)(capability, stable_ptr as *mut c_void) };
        });
    }

    fn free(&self, stable_ptr: usize) {
        // SAFETY: as above; a `Waker` either puts or frees.
        self.call(|rts| unsafe { (rts.free_stable_ptr)(stable_ptr as *mut c_void) });
    }
}

/// The end of a thread that has woken a Haskell thread.
///
/// For each foreign thread that has woken one the runtime system keeps a record, until that thread says that it is done:
/// at its end, by this destructor. Threads of the runtime system's own come in through the exported functions, and
/// may wake others from there (a shutdown does); their records are not for us to end.
struct Farewell {
    has_woken: Cell<bool>,
}

thread_local! {
    static FAREWELL: Farewell = const { Farewell { has_woken: Cell::new(false) } };
    /// Without a destructor, since it is set by each of the exported functions.
    static IS_HASKELL: Cell<bool> = const { Cell::new(false) };
}

/// The calling thread came from Haskell.
pub fn entered_from_haskell() {
    IS_HASKELL.set(true);
}

impl Drop for Farewell {
    fn drop(&mut self) {
        if self.has_woken.get() && !IS_HASKELL.get() {
            GHC.call(|rts| {
                if rts.running {
                    // SAFETY: this thread is none of the runtime system's own, runs no Haskell now, and none that it
                    // called is still running.
                    unsafe { (rts.thread_done)() };
                }
            });
        }
    }
}
