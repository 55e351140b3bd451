//! `bench.pin`: keeps all threads of the process on one processor, for as long as wake-ups are compared.
//!
//! What a wake-up costs changes tenfold with where the two threads are: on one processor it is a change of context;
//! across two, the other one may be asleep, and has to be roused, which on a virtual machine takes tens of
//! microseconds. The system puts two threads of Rust here and a thread of Haskell there as it pleases, so two things
//! that are compared by their wake-ups have to be put in the same place.

use rs_in_hs::Engine;
use std::sync::{Mutex, PoisonError};

pub fn engine() -> Engine {
    let before = Mutex::new(None);
    Engine::new().call("bench.pin", move |_, pinned: bool| {
        let mut before = before.lock().unwrap_or_else(PoisonError::into_inner);
        if pinned {
            *before = system::allowed();
            if let Some(allowed) = &*before {
                system::allow(&system::first_of(allowed));
            }
        } else if let Some(allowed) = before.take() {
            system::allow(&allowed);
        }
    })
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
mod system {
    use libc::{CPU_ISSET, CPU_SET, CPU_SETSIZE, cpu_set_t};
    use std::mem::{size_of, zeroed};

    /// A set of processors.
    pub type Processors = cpu_set_t;

    fn none() -> Processors {
        // SAFETY: an array of integers, for which zero is a value: the empty set.
        unsafe { zeroed() }
    }

    /// Where this thread may run.
    pub fn allowed() -> Option<Processors> {
        let mut found = none();
        // SAFETY: thread 0 is the calling one; the set is writable for the size that is given.
        let status = unsafe { libc::sched_getaffinity(0, size_of::<Processors>(), &mut found) };
        (status == 0).then_some(found)
    }

    /// The first processor of these.
    pub fn first_of(processors: &Processors) -> Processors {
        let mut first = none();
        // SAFETY: the numbers are below the size of the set.
        let number = (0..CPU_SETSIZE as usize).find(|&number| unsafe { CPU_ISSET(number, processors) });
        if let Some(number) = number {
            // SAFETY: as above.
            unsafe { CPU_SET(number, &mut first) };
        }
        first
    }

    /// Lets every thread of the process run there, and nowhere else.
    pub fn allow(processors: &Processors) {
        let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let numbers = threads.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        for thread in numbers {
            // SAFETY: the set is readable for the size that is given. A thread that has ended meanwhile is an error,
            // which changes nothing.
            unsafe { libc::sched_setaffinity(thread, size_of::<Processors>(), processors) };
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub type Processors = ();

    pub fn allowed() -> Option<Processors> {
        None
    }

    pub fn first_of(_processors: &Processors) {}

    pub fn allow(_processors: &Processors) {}
}
