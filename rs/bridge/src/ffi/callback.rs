//! Haskell functions that Rust calls.
//!
//! Rust never runs Haskell. A call's way: `h2r_summons` gives it to the one Haskell thread that asks for it, which has
//! another run the function; that one reads the argument, writes the result into a slot of its own from `h2r_request`, and
//! hands it over by `h2r_answer`, or says by `h2r_throw` what was thrown; `h2r_dismiss` lets go of the call.

use super::abi::{H2rSlot, borrow, turned_away, waker};
use super::guard::guard;
use super::status::H2rStatus;
use rs_in_hs_runtime::answer::Answer;
use rs_in_hs_runtime::failure::Failure;
use rs_in_hs_runtime::function::Invocation;
use rs_in_hs_runtime::outbox::{Next, Summons};
use rs_in_hs_runtime::runtime;
use rs_in_hs_runtime::slot::Outcome;
use rs_in_hs_runtime::stats::COUNTERS;
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// A call of a Haskell function. It belongs to whoever has the pointer, until `h2r_dismiss`.
pub struct H2rInvocation {
    _private: [u8; 0],
}

/// `kind` of `H2rSummons`: run the function `reference`; `invocation`, `bytes` and `len` are set.
pub const H2R_RUN: u32 = 0;
/// `kind` of `H2rSummons`: nobody waits for the call `number` any more.
pub const H2R_CANCEL: u32 = 1;
/// `kind` of `H2rSummons`: nobody in Rust has the function `reference` any more.
pub const H2R_FORGET: u32 = 2;

/// Something for Haskell to do.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct H2rSummons {
    /// What.
    pub kind: u32,
    /// Of the call.
    pub number: u64,
    /// The function.
    pub reference: u64,
    /// The call.
    pub invocation: *mut H2rInvocation,
    /// The function's argument, to be read until the call is dismissed.
    pub bytes: *const u8,
    /// How many these are.
    pub len: usize,
}

/// A Haskell function that the request refers to which is being written to this slot. `H2R_OK`: its number is in
/// `reference`; Haskell keeps it until `h2r_summons` says `H2R_FORGET` of it, or the runtime shuts down.
///
/// # Safety
/// `slot` as for `h2r_hold`; `reference` must be writable. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_offer(epoch: u64, slot: *const H2rSlot, reference: *mut u64) -> H2rStatus {
    guard(|| {
        if slot.is_null() || reference.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and alive by this function's contract.
        let slot = unsafe { borrow(slot) };
        match runtime::offer(epoch, &slot) {
            Ok(id) => {
                // SAFETY: not null, and writable by this function's contract.
                unsafe { reference.write(id) };
                H2rStatus::H2R_OK
            }
            Err(_) => H2rStatus::H2R_NOT_RUNNING,
        }
    })
}

/// The next thing for Haskell to do. `H2R_WAIT`: there is nothing yet; the MVar is filled when there is, or at shutdown.
/// `H2R_SHUTTING_DOWN`: there will be nothing. One thread reads.
///
/// # Safety
/// `waiter` as for `h2r_call`; `summons` must be writable. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_summons(
    epoch: u64,
    waiter: *mut c_void,
    capability: c_int,
    summons: *mut H2rSummons,
) -> H2rStatus {
    guard(|| {
        if turned_away(epoch, waiter) {
            return H2rStatus::H2R_SHUTTING_DOWN;
        }
        let Some(waker) = waker(waiter, capability, &COUNTERS.notice_readers) else {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        };
        if summons.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        let nothing = H2rSummons {
            kind: H2R_RUN,
            number: 0,
            reference: 0,
            invocation: std::ptr::null_mut(),
            bytes: std::ptr::null(),
            len: 0,
        };
        let found = match runtime::next_summons(epoch, waker) {
            Next::Summons(Summons::Call(call)) => {
                let (number, reference) = (call.number(), call.function());
                let (bytes, len) = (call.request().as_ptr(), call.request().len());
                // The bytes stay where they are for as long as the call does.
                let invocation = Arc::into_raw(call).cast_mut().cast();
                H2rSummons { kind: H2R_RUN, number, reference, invocation, bytes, len }
            }
            Next::Summons(Summons::Cancel(number)) => H2rSummons { kind: H2R_CANCEL, number, ..nothing },
            Next::Summons(Summons::Release(reference)) => H2rSummons { kind: H2R_FORGET, reference, ..nothing },
            Next::Wait => return H2rStatus::H2R_WAIT,
            Next::Closed => return H2rStatus::H2R_SHUTTING_DOWN,
        };
        // SAFETY: not null, and writable by this function's contract; the call's one reference goes with it.
        unsafe { summons.write(found) };
        H2rStatus::H2R_OK
    })
}

/// The call has returned: `written` is a slot from `h2r_request` that was filled and not handed over, whose bytes are the
/// result. Both are still the caller's to let go of. Runs what waits for the result to be woken, which may be an executor's
/// code: Haskell imports it `safe`.
///
/// # Safety
/// `invocation` must come from `h2r_summons`, `written` from `h2r_request`, and neither have been let go of. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_answer(invocation: *const H2rInvocation, written: *const H2rSlot) -> H2rStatus {
    guard(|| {
        if invocation.is_null() || written.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and alive by this function's contract.
        let (call, written) = unsafe { (&*invocation.cast::<Invocation>(), borrow(written)) };
        let Some((bytes, holds)) = written.take_written() else { return H2rStatus::H2R_INVALID_ARGUMENT };
        let answer = Answer { head: bytes, tail: None, carried: holds.into() };
        call.end(Outcome::Answer(answer));
        H2rStatus::H2R_OK
    })
}

/// The call has thrown, and this is what: two texts in UTF-8. As of `h2r_answer`.
///
/// # Safety
/// `invocation` as for `h2r_answer`; the texts must be readable. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_throw(
    invocation: *const H2rInvocation,
    exception: *const u8,
    exception_len: usize,
    message: *const u8,
    message_len: usize,
) -> H2rStatus {
    guard(|| {
        if invocation.is_null() || exception.is_null() || message.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        if exception_len > isize::MAX as usize || message_len > isize::MAX as usize {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and alive or readable by this function's contract.
        let (call, exception, message) = unsafe {
            (
                &*invocation.cast::<Invocation>(),
                std::slice::from_raw_parts(exception, exception_len),
                std::slice::from_raw_parts(message, message_len),
            )
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let failure = Failure::Thrown { exception: text(exception), message: text(message) };
        call.end(failure.into());
        H2rStatus::H2R_OK
    })
}

/// Lets go of a call. One that has not ended is cancelled. The bytes of its argument are gone.
///
/// # Safety
/// `invocation` must come from `h2r_summons` and not have been dismissed. Null is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_dismiss(invocation: *mut H2rInvocation) -> H2rStatus {
    guard(|| {
        if !invocation.is_null() {
            // SAFETY: the pointer came from `into_raw`, and by this function's contract this is the last use of the
            // reference that went out with it.
            let call = unsafe { Arc::from_raw(invocation.cast::<Invocation>()) };
            call.end(Outcome::Cancelled);
        }
        H2rStatus::H2R_OK
    })
}
