//! A foreign import as it is written by hand: the work is done on the thread that calls.
#![allow(unsafe_code)]

use bench_work::Method;

/// Answers a request of `len` bytes: writes the answer where `answer` has room for `capacity` bytes, and returns its
/// length. 0 where the request is no message, or the answer does not fit: no answer is empty.
///
/// # Safety
///
/// `request` is readable for `len` bytes and `answer` writable for `capacity`, and they do not overlap.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bench_by_hand(
    method: u8,
    request: *const u8,
    len: usize,
    answer: *mut u8,
    capacity: usize,
) -> usize {
    // SAFETY: the caller promises that the request is readable, and nobody writes to it while it waits.
    let request = unsafe { std::slice::from_raw_parts(request, len) };
    match Method::numbered(method).answer(request) {
        Ok(bytes) if bytes.len() <= capacity => {
            // SAFETY: it fits, by the comparison above; the answer's bytes are a vector's own, so nothing overlaps.
            unsafe { answer.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
            bytes.len()
        }
        _ => 0,
    }
}
