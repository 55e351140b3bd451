//! What the engine's services are, and whether a program agrees. Neither needs a runtime.

use super::abi::H2rSlot;
use super::guard::guard;
use super::status::H2rStatus;
use rs_in_hs_runtime::schema::{Service, text};
use rs_in_hs_runtime::{handshake, runtime, wire};
use std::ffi::{CString, c_char};
use std::panic::catch_unwind;
use std::ptr;
use std::sync::{Arc, OnceLock};

unsafe extern "Rust" {
    /// Defined by `export!`, beside the function that makes the engine.
    safe fn rs_in_hs_services_from_export_macro() -> Vec<Service>;
}

/// Compares the engine's services with those that the program was built with. `H2R_OK`: they agree.
/// `H2R_OTHER_SERVICES`: they do not; `report` gets a settled slot, of which `h2r_result` gives the differences, and
/// which is to be released.
///
/// `claims` are, encoded as a list: name, hash (128 bits) and schema of each service.
///
/// # Safety
/// `claims` must be readable for `claims_len` bytes, `report` writable for a pointer. Null is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn h2r_compare(claims: *const u8, claims_len: usize, report: *mut *mut H2rSlot) -> H2rStatus {
    guard(|| {
        if claims.is_null() || report.is_null() || claims_len > isize::MAX as usize {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        }
        // SAFETY: not null, and readable by this function's contract; bytes have no alignment to get wrong.
        let claims = unsafe { std::slice::from_raw_parts(claims, claims_len) };
        let Ok(differences) = handshake::compare(&rs_in_hs_services_from_export_macro(), claims) else {
            return H2rStatus::H2R_INVALID_ARGUMENT;
        };
        if differences.is_empty() {
            return H2rStatus::H2R_OK;
        }
        let Ok(bytes) = wire::to_bytes(&differences, usize::MAX) else { return H2rStatus::H2R_INTERNAL };
        let slot = runtime::answered(bytes);
        // SAFETY: not null, and writable by this function's contract; it gets the one reference.
        unsafe { report.write(Arc::into_raw(slot).cast_mut().cast()) };
        H2rStatus::H2R_OTHER_SERVICES
    })
}

/// The engine's services as text, with their docs: what Haskell modules are generated from. Closed by a zero; it stays
/// where it is. Null after a panic, which stderr has.
#[unsafe(no_mangle)]
pub extern "C" fn h2r_services() -> *const c_char {
    static TEXT: OnceLock<CString> = OnceLock::new();
    catch_unwind(|| {
        let text = TEXT.get_or_init(|| {
            let all = text::all(&rs_in_hs_services_from_export_macro());
            CString::new(all.replace('\0', "\u{fffd}")).expect("its zeros are replaced")
        });
        text.as_ptr()
    })
    .unwrap_or(ptr::null())
}
