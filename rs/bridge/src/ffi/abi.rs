//! The C functions.
//!
//! A call's way: `h2r_request` makes a slot and a place for the request's bytes, which the caller fills; `h2r_call` or
//! `h2r_cast` hands it over; when the MVar behind the waiter is filled, `h2r_result` shows how it ended; `h2r_release`
//! lets go. The caller may release the slot at any time after it was made, which cancels what is left to cancel.
//! `h2r_batch` in the place of `h2r_request` makes a slot for many requests.
//!
//! Those never block and run no engine's code, so Haskell imports them `unsafe`.

use super::guard::guard;
use super::rts::{GHC, H2rRts};
use super::status::H2rStatus;
use rs_in_hs_runtime::Engine;
use rs_in_hs_runtime::lent;
use rs_in_hs_runtime::notice::Next;
use rs_in_hs_runtime::runtime;
use rs_in_hs_runtime::slot::{Kind, Place, Slot};
use rs_in_hs_runtime::stats::{COUNTERS, Counter};
use rs_in_hs_runtime::waker::{Rts, Waker};
use std::alloc::{Layout, alloc, alloc_zeroed};
use std::ffi::{c_char, c_int, c_void};
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// `kind` of `h2r_request`: an answer is awaited.
pub const H2R_CALL: u32 = 0;
/// `kind` of `h2r_request`: none is.
pub const H2R_CAST: u32 = 1;
/// `timeout` of `h2r_request`: none.
pub const H2R_NO_TIMEOUT: u64 = u64::MAX;

/// One call or cast, as its caller sees it. It belongs to whoever has the pointer, until `h2r_release`.
pub struct H2rSlot {
    _private: [u8; 0],
}

/// What the runtime counts. Totals are of the process, and never fall.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct H2rStats {
    /// Slots alive.
    pub live_slots: u64,
    /// StablePtrs that Rust owns: of callers that wait. The reader of notices is not counted.
    pub stable_ptrs: u64,
    /// Calls accepted and not begun.
    pub calls_queued: u64,
    /// Casts accepted and not begun.
    pub casts_queued: u64,
    /// Callers that wait for room among the calls.
    pub calls_waiting: u64,
    /// Callers that wait for room among the casts.
    pub casts_waiting: u64,
    /// Notices that Haskell has not read.
    pub notices_queued: u64,
    /// Total of calls submitted.
    pub calls: u64,
    /// Total of casts submitted.
    pub casts: u64,
    /// Total of panics.
    pub panics: u64,
    /// Total of calls that timed out.
    pub timeouts: u64,
    /// Total of callers that went away before the end.
    pub cancellations: u64,
    /// Total of notices that found the queue back to Haskell full.
    pub notices_dropped: u64,
    /// Bytes of answers that Haskell reads where Rust has them.
    pub lent_bytes: u64,
    /// Streams alive.
    pub subscriptions: u64,
    /// Haskell functions that Rust has.
    pub callbacks: u64,
    /// Closures alive.
    pub closures: u64,
    /// Objects alive.
    pub objects: u64,
    /// Total of events that found a stream's queue full.
    pub events_dropped: u64,
    /// Closures of Rust that C can call.
    pub trampolines: u64,
}

unsafe extern "Rust" {
    /// Defined by `export!` in the crate that is linked into the program. Whoever forgot it reads this name in the
    /// linker's complaint.
    safe fn rs_in_hs_engine_from_export_macro() -> Engine;
}

/// Starts the runtime. Blocks while the engine is built, on the calling thread.
///
/// `config` is the encoded configuration. On success, `epoch` names this run of the runtime, in all further calls.
/// On failure, a text of at most `error_len` bytes, the closing zero included, is written to `error`.
///
/// # Safety
/// `config` must be readable for `config_len` bytes, `rts` for a `H2rRts` of GHC's functions, `error` writable for
/// `error_len` bytes, `epoch` for a `uint64_t`. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_init(
    config: *const u8,
    config_len: usize,
    rts: *const H2rRts,
    epoch: *mut u64,
    error: *mut c_char,
    error_len: usize,
) -> H2rStatus {
    guard(|| {
        if config.is_null() || rts.is_null() || epoch.is_null() || error.is_null() || config_len > isize::MAX as usize {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and readable by this function's contract; C has no alignment for bytes to get wrong, and
        // a struct of function pointers is aligned by any C compiler.
        let (config, rts) = unsafe { (std::slice::from_raw_parts(config, config_len), &*rts) };
        if GHC.open(rts).is_none() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        match runtime::start(config, rs_in_hs_engine_from_export_macro) {
            Ok(started) => {
                // SAFETY: not null, and writable by this function's contract.
                unsafe { epoch.write(started) };
                H2rStatus::H2R_OK
            }
            Err(reason) => {
                // SAFETY: not null, and writable for `error_len` bytes by this function's contract.
                unsafe { write_text(error, error_len, &reason.to_string()) };
                H2rStatus::from(&reason)
            }
        }
    })
}

/// Stops the runtime of this epoch. Blocks until no thread of it will use GHC's runtime system any more, at most for
/// the configured limit, plus what the engine's own destructors take: Haskell must import it `safe`.
///
/// `left_behind`, unless null, gets the number of handlers that were still running then.
///
/// # Safety
/// `left_behind` must be null or writable for a `uint64_t`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_deinit(epoch: u64, left_behind: *mut u64) -> H2rStatus {
    guard(|| match runtime::stop(epoch, || GHC.rest()) {
        Ok(count) => {
            if !left_behind.is_null() {
                // SAFETY: not null, and writable by this function's contract.
                unsafe { left_behind.write(count as u64) };
            }
            H2rStatus::H2R_OK
        }
        Err(_) => H2rStatus::H2R_NOT_RUNNING,
    })
}

/// The finalizer that a Haskell program registers for its exit: from its call on, no thread of Rust uses GHC's
/// runtime system, whatever is still running. It calls no Haskell, as is due of a finalizer in C.
type H2rExit = extern "C" fn(ignored: *mut c_void);

extern "C" fn exit(_ignored: *mut c_void) {
    GHC.close();
}

/// The address of that finalizer. It comes as a result because GHCi loads Haskell's half before this library, when
/// an address by name could not be resolved yet.
#[unsafe(no_mangle)]
pub extern "C" fn h2r_exit_hook() -> H2rExit {
    exit
}

/// Makes a slot, and a place of `len` bytes for the request. `timeout` counts from here, in microseconds.
///
/// Fill all of `body`, then hand the slot to `h2r_call` or `h2r_cast`; after that, `body` is no longer the caller's.
///
/// # Safety
/// `slot` and `body` must be writable for a pointer. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_request(
    epoch: u64,
    kind: u32,
    method: u64,
    len: usize,
    timeout: u64,
    slot: *mut *mut H2rSlot,
    body: *mut *mut u8,
) -> H2rStatus {
    let make = |kind, request| runtime::slot(kind, method, deadline(timeout), request);
    // SAFETY: this function's contract is that function's.
    unsafe { request(epoch, kind, |limit| limit, len, slot, body, make) }
}

/// The same for a batch: `body` is for `count` requests to one method, each behind its length in 64 bits. The answers,
/// which `h2r_result` gives, are in the same order: a status in 8 bits, a length in 64 bits, and an answer, or what
/// `h2r_result` would give with that status.
///
/// All requests together, without their lengths, are limited to what a single one is. There may be fewer answers than
/// requests: where those so far reach the same limit, the rest was not handled, and can be sent again.
///
/// # Safety
/// As for `h2r_request`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_batch(
    epoch: u64,
    kind: u32,
    method: u64,
    count: usize,
    len: usize,
    slot: *mut *mut H2rSlot,
    body: *mut *mut u8,
) -> H2rStatus {
    let limit = |limit: usize| limit.saturating_add(count.saturating_mul(size_of::<u64>()));
    // SAFETY: this function's contract is that function's.
    unsafe { request(epoch, kind, limit, len, slot, body, |kind, requests| runtime::batch(kind, method, requests)) }
}

/// # Safety
/// `slot` and `body` must be null or writable for a pointer.
unsafe fn request(
    epoch: u64,
    kind: u32,
    limit: impl Fn(usize) -> usize,
    len: usize,
    slot: *mut *mut H2rSlot,
    body: *mut *mut u8,
    make: impl FnOnce(Kind, Vec<u8>) -> Arc<Slot>,
) -> H2rStatus {
    guard(|| {
        let kind = match kind {
            H2R_CALL => Kind::Call,
            H2R_CAST => Kind::Cast,
            _ => return H2rStatus::H2R_INVALID_ARGUMENT,
        };
        if slot.is_null() || body.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        match runtime::limit(epoch) {
            Err(_) => return H2rStatus::H2R_NOT_RUNNING,
            Ok(most) if len > limit(most) => return H2rStatus::H2R_TOO_LARGE,
            Ok(_) => {}
        }
        let Some(mut request) = to_be_filled(len) else { return H2rStatus::H2R_OUT_OF_MEMORY };
        let bytes = request.as_mut_ptr();
        let made = Arc::into_raw(make(kind, request));
        // SAFETY: not null, and writable by this function's contract. The caller gets the one reference that
        // `into_raw` gave out, and `bytes` stays where it is when the vector moves; nothing of Rust reads it before
        // the slot is submitted.
        unsafe {
            slot.write(made.cast_mut().cast());
            body.write(bytes);
        }
        H2rStatus::H2R_OK
    })
}

/// Hands a call over. `H2R_OK`: the MVar behind `waiter` is filled exactly once, when the call has ended or was
/// answered otherwise. Anything else: it is never filled. `waiter` is Rust's from here on in either case.
///
/// `capability` is the number of the capability on which the caller runs.
///
/// # Safety
/// `slot` must come from `h2r_request` and not have been released; `waiter` must come from `newStablePtrPrimMVar` and
/// not have been freed or handed over. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_call(
    epoch: u64,
    slot: *const H2rSlot,
    waiter: *mut c_void,
    capability: c_int,
) -> H2rStatus {
    guard(|| {
        if turned_away(epoch, waiter) {
            return H2rStatus::H2R_NOT_RUNNING;
        }
        let Some(waker) = waker(waiter, capability, &COUNTERS.stable_ptrs) else {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        };
        if slot.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and alive by this function's contract.
        let slot = unsafe { borrow(slot) };
        if slot.kind() != Kind::Call {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        match runtime::submit(epoch, &slot, Some(waker)) {
            Ok(_) => H2rStatus::H2R_OK,
            Err(error) => error.into(),
        }
    })
}

/// Hands a cast over. `H2R_OK`: it was accepted. `H2R_FULL`: there is no room, and `waiter` is null.
/// `H2R_WAIT`: there is no room yet; the MVar is filled once there is, or when there will not be, which
/// `h2r_result` tells. `waiter` is Rust's from here on in every case.
///
/// # Safety
/// As for `h2r_call`, but `waiter` may be null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_cast(
    epoch: u64,
    slot: *const H2rSlot,
    waiter: *mut c_void,
    capability: c_int,
) -> H2rStatus {
    guard(|| {
        if turned_away(epoch, waiter) {
            return H2rStatus::H2R_NOT_RUNNING;
        }
        let waker = waker(waiter, capability, &COUNTERS.stable_ptrs);
        if slot.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and alive by this function's contract.
        let slot = unsafe { borrow(slot) };
        if slot.kind() != Kind::Cast {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        match runtime::submit(epoch, &slot, waker) {
            Ok(Place::Line) => H2rStatus::H2R_WAIT,
            Ok(_) => H2rStatus::H2R_OK,
            Err(error) => error.into(),
        }
    })
}

/// How a call has ended: the status, and in `bytes` and `len` what belongs to it. They can be read until the slot is
/// released. `H2R_WAIT`: it has not ended.
///
/// Of a cast: `H2R_OK` once it was accepted; how its handler ended, a notice tells.
///
/// # Safety
/// `slot` as for `h2r_call`; `bytes` and `len` must be writable. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_result(slot: *const H2rSlot, bytes: *mut *const u8, len: *mut usize) -> H2rStatus {
    guard(|| {
        if slot.is_null() || bytes.is_null() || len.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and alive by this function's contract.
        let slot = unsafe { borrow(slot) };
        slot.outcome(|outcome| {
            let (status, payload) = H2rStatus::of(outcome);
            // SAFETY: not null, and writable by this function's contract. The payload stays where it is: a settled
            // slot does not change, and the caller's reference keeps it alive.
            unsafe {
                bytes.write(payload.as_ptr());
                len.write(payload.len());
            }
            status
        })
        .unwrap_or(H2rStatus::H2R_WAIT)
    })
}

/// Whether a cast was accepted, after its waiter was woken: `H2R_OK`, or why not.
///
/// # Safety
/// `slot` as for `h2r_call`. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_accepted(slot: *const H2rSlot) -> H2rStatus {
    guard(|| {
        if slot.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and alive by this function's contract.
        let slot = unsafe { borrow(slot) };
        if slot.place() == Place::Admitted {
            return H2rStatus::H2R_OK;
        }
        slot.outcome(|outcome| H2rStatus::of(outcome).0).unwrap_or(H2rStatus::H2R_WAIT)
    })
}

/// Lets go of a slot. A call that has not ended is cancelled, a cast that was not accepted is taken back. The bytes
/// that `h2r_result` gave are gone.
///
/// # Safety
/// `slot` must come from `h2r_request` or `h2r_notice` and not have been released. Null is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_release(slot: *mut H2rSlot) -> H2rStatus {
    guard(|| {
        if !slot.is_null() {
            // SAFETY: the pointer came from `into_raw`, and by this function's contract this is the last use of the
            // reference that went out with it. A second release would free the slot under its other holder.
            runtime::release(unsafe { Arc::from_raw(slot.cast::<Slot>()) });
        }
        H2rStatus::H2R_OK
    })
}

/// The next notice of a failed cast, as a slot for `h2r_result` and `h2r_release`. `H2R_WAIT`: there is none yet; the
/// MVar is filled when there is, or at shutdown. `H2R_SHUTTING_DOWN`: there will be none. One thread reads. What came
/// until the end of shutdown can be read after it, until the next init.
///
/// # Safety
/// `waiter` as for `h2r_call`; `notice` must be writable. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_notice(
    epoch: u64,
    waiter: *mut c_void,
    capability: c_int,
    notice: *mut *mut H2rSlot,
) -> H2rStatus {
    guard(|| {
        let Some(waker) = waker(waiter, capability, &COUNTERS.notice_readers) else {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        };
        if notice.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        match runtime::next_notice(epoch, waker) {
            Next::Notice(slot) => {
                // SAFETY: not null, and writable by this function's contract; it gets a reference of its own.
                unsafe { notice.write(Arc::into_raw(slot).cast_mut().cast()) };
                H2rStatus::H2R_OK
            }
            Next::Wait => H2rStatus::H2R_WAIT,
            Next::Closed => H2rStatus::H2R_SHUTTING_DOWN,
        }
    })
}

/// Reads the counters. At any time, from any thread.
///
/// # Safety
/// `stats` must be writable. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_stats(stats: *mut H2rStats) -> H2rStatus {
    guard(|| {
        if stats.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        let depths = runtime::depths();
        let read = H2rStats {
            live_slots: COUNTERS.live_slots.get(),
            stable_ptrs: COUNTERS.stable_ptrs.get(),
            calls_queued: depths.calls_queued,
            casts_queued: depths.casts_queued,
            calls_waiting: depths.calls_waiting,
            casts_waiting: depths.casts_waiting,
            notices_queued: depths.notices_queued,
            calls: COUNTERS.calls.get(),
            casts: COUNTERS.casts.get(),
            panics: COUNTERS.panics.get(),
            timeouts: COUNTERS.timeouts.get(),
            cancellations: COUNTERS.cancellations.get(),
            notices_dropped: COUNTERS.notices_dropped.get(),
            lent_bytes: lent::alive(),
            subscriptions: COUNTERS.subscriptions.get(),
            callbacks: COUNTERS.callbacks.get(),
            closures: COUNTERS.closures.get(),
            objects: COUNTERS.objects.get(),
            events_dropped: COUNTERS.events_dropped.get(),
            trampolines: COUNTERS.trampolines.get(),
        };
        // SAFETY: not null, and writable by this function's contract.
        unsafe { stats.write(read) };
        H2rStatus::H2R_OK
    })
}

/// When a call times out that is made now.
pub(super) fn deadline(timeout: u64) -> Option<Instant> {
    match timeout {
        H2R_NO_TIMEOUT => None,
        // One that the clock cannot express never comes.
        micros => Instant::now().checked_add(Duration::from_micros(micros)),
    }
}

/// The slot behind a pointer, for the length of a function; the caller's reference stays the caller's.
///
/// # Safety
/// `slot` must have come from `into_raw`, and its reference must not have been released.
pub(super) unsafe fn borrow(slot: *const H2rSlot) -> ManuallyDrop<Arc<Slot>> {
    // SAFETY: by this function's contract a reference is out, which this one stands for; it is never dropped, which
    // would free the slot under the caller.
    ManuallyDrop::new(unsafe { Arc::from_raw(slot.cast::<Slot>()) })
}

/// Frees a waiter that comes too late, when no runtime of this epoch takes requests any more.
///
/// Without counting it: shutdown waits until no waiter is left, and would wait for those who are only to be refused.
pub(super) fn turned_away(epoch: u64, waiter: *mut c_void) -> bool {
    let too_late = runtime::limit(epoch).is_err();
    if too_late && !waiter.is_null() {
        GHC.free(waiter as usize);
    }
    too_late
}

/// The owner of a waiter; `None` for null.
pub(super) fn waker(waiter: *mut c_void, capability: c_int, alive: &'static Counter) -> Option<Waker> {
    (!waiter.is_null()).then(|| Waker::new(&GHC, waiter as usize, capability, alive))
}

/// Bytes behind the request's end that belong to it, and to nothing else: a caller that writes somewhat more than it
/// said (a `Store` instance that forgets a field in its size) is found out before it has overwritten anything.
const SLACK: usize = 64;

/// Requests of more bytes than this are not zeroed first: their caller's own writing is work enough.
const ZEROED: usize = 4 << 10;

/// Memory for a caller to fill, or `None` where there is none: `vec![0; len]` would abort the process instead.
fn to_be_filled(len: usize) -> Option<Vec<u8>> {
    let capacity = len.checked_add(SLACK)?;
    let layout = Layout::array::<u8>(capacity).ok()?;
    // SAFETY: the layout has a size of at least one byte.
    let bytes = unsafe { if len <= ZEROED { alloc_zeroed(layout) } else { alloc(layout) } };
    // SAFETY: allocated just now by the global allocator with this capacity and alignment. Where it is not zeroed,
    // nothing reads it before the caller hands it over, and has filled all of it by the contract of `h2r_request`.
    (!bytes.is_null()).then(|| unsafe { Vec::from_raw_parts(bytes, len, capacity) })
}

/// # Safety
/// `buffer` must be writable for `len` bytes.
unsafe fn write_text(buffer: *mut c_char, len: usize, text: &str) {
    let Some(most) = len.checked_sub(1) else { return };
    let end = (0..=most.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    // SAFETY: `end` and the closing zero are within `len`; a Rust string does not overlap a buffer that the caller
    // may write.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), buffer.cast(), end);
        buffer.add(end).write(0);
    }
}
