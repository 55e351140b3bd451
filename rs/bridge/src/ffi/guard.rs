//! Panics stay on this side.
//!
//! An unwinding that reaches an `extern "C"` function's end aborts the process. The runtime catches the panics of
//! engines where they arise, so what is caught here is a bug of rs-in-hs itself: the panic hook has printed it, and
//! the caller gets a status instead of a dead process.

use super::rts;
use super::status::H2rStatus;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the body of an exported function.
pub fn guard(body: impl FnOnce() -> H2rStatus) -> H2rStatus {
    rts::entered_from_haskell();
    // UNWIND SAFETY: the runtime's data is valid at every step of a critical section (see `sync::lock`).
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        // Its destructor could panic too.
        std::mem::forget(payload);
        H2rStatus::H2R_INTERNAL
    })
}
