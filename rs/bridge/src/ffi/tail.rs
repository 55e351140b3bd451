//! The last bytes of large answers, which Haskell reads where Rust has them, and may keep.

use super::abi::{H2rSlot, borrow, h2r_release};
use super::guard::guard;
use super::status::H2rStatus;
use rs_in_hs_runtime::answer::Answer;
use rs_in_hs_runtime::lent::Due;
use rs_in_hs_runtime::slot::Outcome;
use std::ffi::c_void;

/// The last bytes of an answer of which `h2r_result` said `H2R_OK_WITH_TAIL`: they follow those that it gave, and can be
/// read for as long. `H2R_INVALID_ARGUMENT`: there are none.
///
/// # Safety
/// As for `h2r_result`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_tail(slot: *const H2rSlot, bytes: *mut *const u8, len: *mut usize) -> H2rStatus {
    guard(|| {
        if slot.is_null() || bytes.is_null() || len.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and alive by this function's contract.
        let slot = unsafe { borrow(slot) };
        let found = slot.outcome(|outcome| match outcome {
            Outcome::Answer(Answer { tail: Some(tail), .. }) => Some((tail.bytes().as_ptr(), tail.bytes().len())),
            _ => None,
        });
        let Some((start, size)) = found.flatten() else { return H2rStatus::H2R_INVALID_ARGUMENT };
        // SAFETY: not null, and writable by this function's contract. As in `h2r_result`, the bytes stay where they are.
        unsafe {
            bytes.write(start);
            len.write(size);
        }
        H2rStatus::H2R_OK
    })
}

/// `due` of `h2r_lend`: nothing.
pub const H2R_NOTHING_DUE: u32 = 0;
/// `due` of `h2r_lend`: a collection of the young objects.
pub const H2R_MINOR_DUE: u32 = 1;
/// `due` of `h2r_lend`: a collection of all.
pub const H2R_MAJOR_DUE: u32 = 2;

/// The caller keeps the slot for as long as the tail is read, and releases it by the finalizer of `h2r_let_go_hook`. The
/// collector, which runs that, does not see how large the memory is: `due` is what to have it do first.
///
/// # Safety
/// `slot` as for `h2r_result`, `due` must be writable. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_lend(slot: *const H2rSlot, due: *mut u32) -> H2rStatus {
    guard(|| {
        if slot.is_null() || due.is_null() {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and alive by this function's contract.
        let slot = unsafe { borrow(slot) };
        let number = match slot.lend() {
            Due::Nothing => H2R_NOTHING_DUE,
            Due::Minor => H2R_MINOR_DUE,
            Due::Major => H2R_MAJOR_DUE,
        };
        // SAFETY: not null, and writable by this function's contract.
        unsafe { due.write(number) };
        H2rStatus::H2R_OK
    })
}

/// The finalizer for a slot's tail: releases the slot. The bytes, which are the slot's, are not looked at.
type H2rLetGo = extern "C" fn(slot: *mut c_void, bytes: *mut c_void);

extern "C" fn let_go(slot: *mut c_void, _bytes: *mut c_void) {
    // SAFETY: whoever registers the finalizer gives it the reference that it had to the slot.
    unsafe { h2r_release(slot.cast()) };
}

/// The address of that finalizer; as of `h2r_exit_hook`. Any thread may run it, at any time, also when the runtime system
/// exits: it calls no Haskell.
#[unsafe(no_mangle)]
pub extern "C" fn h2r_let_go_hook() -> H2rLetGo {
    let_go
}
