//! `bench.count`: how often and how much the Rust half allocates.
//!
//! The program's allocator, the system's, with counters that are off unless they are asked for: then an allocation
//! costs one look at a flag more.

use rs_in_hs::Engine;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

#[global_allocator]
static ALLOCATOR: Counted = Counted;

static COUNTING: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// Switches counting on, from nothing, or off; answers the allocations and bytes since it was switched on.
pub fn engine() -> Engine {
    Engine::new().call("bench.count", |_, on: bool| {
        COUNTING.store(on, Ordering::Relaxed);
        (ALLOCATIONS.swap(0, Ordering::Relaxed), BYTES.swap(0, Ordering::Relaxed))
    })
}

struct Counted;

impl Counted {
    /// Counts what is handed out. Whichever thread asks: the counters are of the process.
    fn count(bytes: usize) {
        if COUNTING.load(Ordering::Relaxed) {
            ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
            BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }
}

// SAFETY: every method hands over to the system's allocator with the arguments as they came, and gives back what that
// gives; counting neither allocates nor unwinds, and so breaks none of the allocator's promises.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Counted::count(layout.size());
        // SAFETY: what the caller promises of the layout is what the system's allocator wants.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Counted::count(layout.size());
        // SAFETY: as for `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Counted::count(size);
        // SAFETY: the block came from this allocator, and so from the system's, with this layout.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as for `realloc`.
        unsafe { System.dealloc(block, layout) }
    }
}
