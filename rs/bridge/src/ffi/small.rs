//! Small messages: the request comes from the caller's memory and the answer goes there, each a copy of some bytes, which
//! takes less than a crossing of its own (`docs/decisions/0012-small-messages.md`).
//!
//! A call's way: `h2r_submit`; when the MVar behind the waiter is filled, `h2r_take`. A cast's: `h2r_send`. They never
//! block and run no engine's code, so Haskell imports them `unsafe`.

use super::abi::{H2R_NO_TIMEOUT, H2rSlot, deadline, h2r_release, turned_away, waker};
use super::guard::guard;
use super::status::H2rStatus;
use rs_in_hs_runtime::runtime::{self, TooLarge};
use rs_in_hs_runtime::slot::{Kind, Slot};
use rs_in_hs_runtime::stats::COUNTERS;
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// What `h2r_direct`, `h2r_submit` and `h2r_take` give.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct H2rReply {
    /// Null where the answer is in the buffer. Else it is to be released.
    pub slot: *mut H2rSlot,
    /// Bytes of the answer there.
    pub len: usize,
}

/// Makes a slot for a call whose request is the `len` bytes at `request`, and hands it over: `h2r_request` and `h2r_call`
/// in one. `H2R_OK`: the slot is in `reply`. Anything else: there is none. `waiter` is Rust's from here on in either case.
///
/// # Safety
/// `request` must be readable for `len` bytes, `reply` writable; `waiter` as for `h2r_call`. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_submit(
    epoch: u64,
    method: u64,
    request: *const u8,
    len: usize,
    timeout: u64,
    waiter: *mut c_void,
    capability: c_int,
    reply: *mut H2rReply,
) -> H2rStatus {
    guard(|| {
        if turned_away(epoch, waiter) {
            return H2rStatus::H2R_NOT_RUNNING;
        }
        let Some(waker) = waker(waiter, capability, &COUNTERS.stable_ptrs) else {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        };
        if request.is_null() || reply.is_null() || len > isize::MAX as usize {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and readable by this function's contract.
        let request = unsafe { std::slice::from_raw_parts(request, len) };
        match runtime::enter(epoch, Kind::Call, method, deadline(timeout), request, Some(waker)) {
            Ok(Ok(slot)) => {
                let slot = Arc::into_raw(slot).cast_mut().cast();
                // SAFETY: not null, and writable by this function's contract; the caller gets the reference.
                unsafe { reply.write(H2rReply { slot, len: 0 }) };
                H2rStatus::H2R_OK
            }
            Ok(Err(error)) => error.into(),
            Err(TooLarge) => H2rStatus::H2R_TOO_LARGE,
        }
    })
}

/// Copies the answer of a call to `buffer`, if it is one and fits, and releases the slot: `H2R_OK`, and no slot in
/// `reply`. Else the slot is there, and the status is what `h2r_result` says of it.
///
/// # Safety
/// `slot` as for `h2r_result`, `buffer` must be writable for `capacity` bytes, `reply` writable. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_take(
    slot: *mut H2rSlot,
    buffer: *mut u8,
    capacity: usize,
    reply: *mut H2rReply,
) -> H2rStatus {
    guard(|| {
        if slot.is_null() || buffer.is_null() || reply.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and alive by this function's contract.
        let borrowed = unsafe { &*slot.cast::<Slot>() };
        let (status, copied) = borrowed
            .outcome(|outcome| {
                let (status, bytes) = H2rStatus::of(outcome);
                let fits = status == H2rStatus::H2R_OK && bytes.len() <= capacity;
                if fits {
                    // SAFETY: writable for `capacity` bytes by this function's contract; the slot's bytes are Rust's.
                    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), buffer, bytes.len()) };
                }
                (status, fits.then_some(bytes.len()))
            })
            .unwrap_or((H2rStatus::H2R_WAIT, None));
        let given = match copied {
            Some(len) => {
                // SAFETY: the caller's reference, of which this is the last use.
                unsafe { h2r_release(slot) };
                H2rReply { slot: std::ptr::null_mut(), len }
            }
            None => H2rReply { slot, len: 0 },
        };
        // SAFETY: not null, and writable by this function's contract.
        unsafe { reply.write(given) };
        status
    })
}

/// Sends a cast whose message is the `len` bytes at `message`. `H2R_OK`: it was accepted. `H2R_FULL`: there is no room.
///
/// # Safety
/// `message` must be readable for `len` bytes. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_send(epoch: u64, method: u64, message: *const u8, len: usize) -> H2rStatus {
    guard(|| {
        if message.is_null() || len > isize::MAX as usize {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and readable by this function's contract.
        let message = unsafe { std::slice::from_raw_parts(message, len) };
        match runtime::enter(epoch, Kind::Cast, method, deadline(H2R_NO_TIMEOUT), message, None) {
            Ok(Ok(slot)) => {
                // A cast that was accepted goes on without its caller.
                drop(slot);
                H2rStatus::H2R_OK
            }
            Ok(Err(error)) => error.into(),
            Err(TooLarge) => H2rStatus::H2R_TOO_LARGE,
        }
    })
}
