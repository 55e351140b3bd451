//! What messages refer to. A reference is a number, so a stale one is told from a live one, and nothing worse happens.
//!
//! They never block and run no engine's code: what is let go of for the last time is dropped by a thread of the runtime's.
//! So Haskell imports them `unsafe`, and the garbage collector calls the finalizer.

use super::abi::{H2rSlot, borrow, waker};
use super::guard::guard;
use super::status::H2rStatus;
use rs_in_hs_runtime::channel::Next;
use rs_in_hs_runtime::reference;
use rs_in_hs_runtime::stats::COUNTERS;
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// The request that is being written to this slot refers to something that Haskell has: it is there until the slot is
/// freed. `H2R_CLOSED`: it is not there any more.
///
/// # Safety
/// `slot` must come from `h2r_request` or `h2r_batch`, and not have been handed over or released. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_hold(slot: *const H2rSlot, reference: u64) -> H2rStatus {
    guard(|| {
        if slot.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        let Some(hold) = reference::hold(reference) else { return H2rStatus::H2R_CLOSED };
        // SAFETY: not null, and alive by this function's contract.
        unsafe { borrow(slot) }.carry(hold);
        H2rStatus::H2R_OK
    })
}

/// Haskell takes over a reference that it has read: it is there until the finalizer of `h2r_forget_hook` was called for
/// it, once for each time that it was taken over. `H2R_CLOSED`: it is not there any more.
#[unsafe(no_mangle)]
pub extern "C" fn h2r_claim(reference: u64) -> H2rStatus {
    guard(|| match reference::hold(reference) {
        Some(hold) => {
            hold.leave();
            H2rStatus::H2R_OK
        }
        None => H2rStatus::H2R_CLOSED,
    })
}

/// The finalizer for a reference that was taken over, which is the address that it gets. It is never followed.
type H2rForget = extern "C" fn(reference: *mut c_void);

extern "C" fn forget(reference: *mut c_void) {
    guard(|| {
        reference::release(reference.addr() as u64);
        H2rStatus::H2R_OK
    });
}

/// The address of that finalizer; as of `h2r_let_go_hook`.
#[unsafe(no_mangle)]
pub extern "C" fn h2r_forget_hook() -> H2rForget {
    forget
}

/// Closes a reference, whoever holds it. `H2R_CLOSED`: it was closed already.
#[unsafe(no_mangle)]
pub extern "C" fn h2r_close(reference: u64) -> H2rStatus {
    guard(|| if reference::close(reference) { H2rStatus::H2R_OK } else { H2rStatus::H2R_CLOSED })
}

/// The next event of a stream, as a slot for `h2r_result` and `h2r_release`: how the stream has failed is an event, too.
/// `H2R_WAIT`: there is none yet; the MVar is filled when there is, or at the end. `H2R_ENDED`: there are no more.
/// `H2R_CLOSED`: the subscriber has left. Several threads may wait: an event wakes all, and whoever is first takes it.
///
/// # Safety
/// `waiter` as for `h2r_call`; `event` must be writable. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_event(
    reference: u64,
    waiter: *mut c_void,
    capability: c_int,
    event: *mut *mut H2rSlot,
) -> H2rStatus {
    guard(|| {
        let Some(waker) = waker(waiter, capability, &COUNTERS.stable_ptrs) else {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        };
        if event.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        let Some(stream) = reference::stream(reference) else { return H2rStatus::H2R_CLOSED };
        match stream.next(waker) {
            Next::Event(slot) => {
                // SAFETY: not null, and writable by this function's contract; it gets a reference of its own.
                unsafe { event.write(Arc::into_raw(slot).cast_mut().cast()) };
                H2rStatus::H2R_OK
            }
            Next::Wait => H2rStatus::H2R_WAIT,
            Next::End => H2rStatus::H2R_ENDED,
            Next::Closed => H2rStatus::H2R_CLOSED,
        }
    })
}

/// One that waited for an event does not any more. The MVars of all that do are filled, and they ask again.
#[unsafe(no_mangle)]
pub extern "C" fn h2r_forget_reader(reference: u64) -> H2rStatus {
    guard(|| match reference::stream(reference) {
        Some(stream) => {
            stream.forget_reader();
            H2rStatus::H2R_OK
        }
        None => H2rStatus::H2R_CLOSED,
    })
}

/// How many events of a stream found no room.
///
/// # Safety
/// `count` must be writable. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_dropped(reference: u64, count: *mut u64) -> H2rStatus {
    guard(|| {
        if count.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        let Some(stream) = reference::stream(reference) else { return H2rStatus::H2R_CLOSED };
        // SAFETY: not null, and writable by this function's contract.
        unsafe { count.write(stream.dropped()) };
        H2rStatus::H2R_OK
    })
}
