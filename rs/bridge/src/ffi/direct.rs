//! Calls on the caller's own thread.
//!
//! `h2r_direct` runs a handler, so Haskell imports it `safe`; `h2r_direct_nonblocking` runs only those that their author
//! calls nonblocking, and is imported `unsafe`.

use super::abi::{H2rSlot, borrow, waker};
use super::guard::guard;
use super::small::H2rReply;
use super::status::H2rStatus;
use rs_in_hs_runtime::direct::Returned;
use rs_in_hs_runtime::runtime::{self, NotRunning};
use rs_in_hs_runtime::stats::COUNTERS;
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// Runs a call's handler on this thread. The first `len` bytes of `buffer` are the request.
///
/// `H2R_OK` without a slot: the answer is in `buffer`, in the place of the request. With a slot, which is not null: the
/// status is what `h2r_result` says of it. `H2R_WAIT` is among them: a token has the duty to answer; `h2r_await`, and
/// `h2r_result` then. Anything else without a slot: no handler was run.
///
/// Blocks for as long as the handler does, which nothing can interrupt: Haskell must import it `safe`. Shutdown waits for
/// it, up to its limit.
///
/// # Safety
/// `buffer` must be readable and writable for `capacity` bytes, which are at least `len`, `result` writable. Null is
/// refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_direct(
    epoch: u64,
    method: u64,
    buffer: *mut u8,
    len: usize,
    capacity: usize,
    result: *mut H2rReply,
) -> H2rStatus {
    // SAFETY: this function's contract is that function's.
    unsafe { direct(epoch, method, false, buffer, len, capacity, result) }
}

/// The same for a method that is marked as nonblocking; of others it says `H2R_MAY_BLOCK`, and runs nothing. Haskell may
/// import it `unsafe`.
///
/// # Safety
/// As for `h2r_direct`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_direct_nonblocking(
    epoch: u64,
    method: u64,
    buffer: *mut u8,
    len: usize,
    capacity: usize,
    result: *mut H2rReply,
) -> H2rStatus {
    // SAFETY: this function's contract is that function's.
    unsafe { direct(epoch, method, true, buffer, len, capacity, result) }
}

/// # Safety
/// As for `h2r_direct`.
unsafe fn direct(
    epoch: u64,
    method: u64,
    nonblocking: bool,
    buffer: *mut u8,
    len: usize,
    capacity: usize,
    result: *mut H2rReply,
) -> H2rStatus {
    guard(|| {
        if buffer.is_null() || result.is_null() || len > capacity || capacity > isize::MAX as usize {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and readable by this function's contract; nobody else has it until this returns, and nothing
        // is written there before `runtime::direct` has returned, which has the last use of this reference.
        let request = unsafe { std::slice::from_raw_parts(buffer, len) };
        let mut given = H2rReply { slot: std::ptr::null_mut(), len: 0 };
        let status = match runtime::direct(epoch, method, request, capacity, nonblocking) {
            Err(NotRunning) => H2rStatus::H2R_NOT_RUNNING,
            Ok(Err(refused)) => refused.into(),
            Ok(Ok(Returned::Answered(answer))) => {
                // SAFETY: writable for `capacity` bytes by this function's contract, of which the answer has no more; it
                // lies in memory of Rust's.
                unsafe { std::ptr::copy_nonoverlapping(answer.as_ptr(), buffer, answer.len()) };
                given.len = answer.len();
                H2rStatus::H2R_OK
            }
            Ok(Ok(Returned::Slot(slot))) => {
                let status = slot.outcome(|outcome| H2rStatus::of(outcome).0).unwrap_or(H2rStatus::H2R_WAIT);
                given.slot = Arc::into_raw(slot).cast_mut().cast();
                status
            }
        };
        // SAFETY: not null, and writable by this function's contract; the slot's one reference goes with it.
        unsafe { result.write(given) };
        status
    })
}

/// Has the MVar behind `waiter` filled when a direct call that a token answers has ended: `H2R_WAIT`. `H2R_OK`: it has
/// ended already, and the MVar is never filled. `waiter` is Rust's from here on in either case.
///
/// # Safety
/// As for `h2r_call`, of a slot from `h2r_direct`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_await(slot: *const H2rSlot, waiter: *mut c_void, capability: c_int) -> H2rStatus {
    guard(|| {
        let Some(waker) = waker(waiter, capability, &COUNTERS.stable_ptrs) else {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        };
        if slot.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and alive by this function's contract.
        let slot = unsafe { borrow(slot) };
        match slot.attach(waker) {
            Ok(()) => H2rStatus::H2R_WAIT,
            Err(unused) => {
                drop(unused);
                if slot.is_settled() { H2rStatus::H2R_OK } else { H2rStatus::H2R_INVALID_ARGUMENT }
            }
        }
    })
}
