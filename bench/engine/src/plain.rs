//! The design that comes to mind first: queues, a thread that works, and a thread that calls back into Haskell.
//!
//! It is what rs-in-hs is compared with. It has no bounds, no deadlines, no cancellation, and a panic takes its worker
//! away; what it does have is what makes it slow: every answer enters the Haskell runtime system from a thread of Rust.
#![allow(unsafe_code)]

use bench_work::Method;
use flume::{Receiver, Sender};
use std::thread::{self, JoinHandle};

/// What Haskell does with an answer: copies the bytes and puts them into the MVar behind the stable pointer, which it
/// frees.
type Callback = extern "C" fn(stable_ptr: usize, bytes: *const u8, len: usize);

struct Job {
    method: Method,
    request: Vec<u8>,
    stable_ptr: usize,
}

struct Answer {
    bytes: Vec<u8>,
    stable_ptr: usize,
}

/// Three queues and the threads at them.
pub struct Plain {
    calls: Sender<Job>,
    casts: Sender<Job>,
    threads: Vec<JoinHandle<()>>,
}

/// Starts the threads; the pointer is the caller's, until it stops them.
///
/// # Safety
///
/// The callback can be called from any thread until [`bench_plain_stop`] returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bench_plain_start(callback: Callback) -> *mut Plain {
    let (calls, called) = flume::unbounded();
    let (casts, sent) = flume::unbounded();
    let (answers, answered) = flume::unbounded();
    let threads = vec![
        thread::spawn(move || work(&called, &answers)),
        thread::spawn(move || sent.iter().for_each(|job: Job| drop(job.method.answer(&job.request)))),
        thread::spawn(move || dispatch(&answered, callback)),
    ];
    Box::into_raw(Box::new(Plain { calls, casts, threads }))
}

/// Queues a request, which is copied. The callback gets its answer and the stable pointer.
///
/// # Safety
///
/// `plain` was started and is not stopped; `request` is readable for `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bench_plain_call(
    plain: *const Plain,
    method: u8,
    request: *const u8,
    len: usize,
    stable_ptr: usize,
) {
    // SAFETY: the caller promises that it lives; it is only read here, by any number of threads.
    let plain = unsafe { &*plain };
    // SAFETY: the caller promises that the request is readable.
    let request = unsafe { std::slice::from_raw_parts(request, len) }.to_vec();
    drop(plain.calls.send(Job { method: Method::numbered(method), request, stable_ptr }));
}

/// Ends the threads, when they have answered everything.
///
/// # Safety
///
/// `plain` was started, and nobody uses it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bench_plain_stop(plain: *mut Plain) {
    // SAFETY: it came out of a box in `bench_plain_start`, and the caller gives it back once.
    let Plain { calls, casts, threads } = *unsafe { Box::from_raw(plain) };
    // Their threads find them closed, and end.
    drop((calls, casts));
    threads.into_iter().for_each(|thread| drop(thread.join()));
}

fn work(calls: &Receiver<Job>, answers: &Sender<Answer>) {
    for Job { method, request, stable_ptr } in calls {
        let bytes = method.answer(&request).unwrap_or_default();
        drop(answers.send(Answer { bytes, stable_ptr }));
    }
}

fn dispatch(answers: &Receiver<Answer>, callback: Callback) {
    for Answer { bytes, stable_ptr } in answers {
        callback(stable_ptr, bytes.as_ptr(), bytes.len());
    }
}
