//! How much stack reading and writing take: one that overflows takes the process down, and nothing can catch that.
//!
//! Safe Rust does not tell how large a stack is. So both directions remember where it was when they began, and refuse
//! what would go further from there than a fixed distance. Values recurse behind pointers and in collections, and there
//! it is compared: what is in front has a size that the compiler knows, and so about the stack that it takes.

use super::WireError;
use std::cell::Cell;

/// For reading, which keeps values on the stack until they are complete, on a worker: it has [`SPARE`] beyond it.
const READ: usize = 12 << 20;

/// For reading on any other thread, as direct calls do: Rust gives one 2 MiB, GHC as much as the system does.
const READ_ELSEWHERE: usize = 1 << 20;

thread_local! {
    static BUDGET: Cell<usize> = const { Cell::new(READ_ELSEWHERE) };
}

/// This thread has a stack of [`READING`] bytes.
#[doc(hidden)]
pub fn on_large_stack() {
    BUDGET.set(READ);
}

/// For what [`frame`] underestimates, for the leaves, and for what a worker has on its stack already.
const SPARE: usize = 4 << 20;

/// The stack of a thread that reads.
pub(crate) const READING: usize = READ + SPARE;

/// For writing, which only looks at values. Any thread may write; Rust gives one 2 MiB.
const WRITE: usize = 3 << 19;

/// A value that takes more than this is read in a function that is not inlined, since otherwise its place on the stack
/// would be taken before it is known whether there is one. What takes less is not looked at, unless it can recurse.
const LARGE: usize = 16 << 10;

/// About the stack that functions take to read a value of this size from parts of these sizes: without optimization
/// each part has several places of its own, and each variant of an enum has all of its parts.
#[doc(hidden)]
pub const fn frame(size: usize, parts: &[usize]) -> usize {
    let mut sum = size.saturating_mul(8).saturating_add(512);
    let mut at = 0;
    while at < parts.len() {
        sum = sum.saturating_add(parts[at].saturating_mul(6)).saturating_add(256);
        at += 1;
    }
    sum
}

/// Where the stack is now. It grows downwards on every target.
#[inline(always)]
fn here() -> usize {
    let local = 0_u8;
    (&raw const local).addr()
}

/// Where the stack was, and how far from there it may go.
#[derive(Clone, Copy)]
pub(super) struct Stack {
    from: usize,
    budget: usize,
}

impl Stack {
    /// For reading on this thread, from here.
    #[inline(always)]
    pub(super) fn for_reading() -> Self {
        Stack { from: here(), budget: BUDGET.get() }
    }

    /// For writing, from here.
    #[inline(always)]
    pub(super) fn for_writing() -> Self {
        Stack { from: here(), budget: WRITE }
    }

    #[inline(always)]
    fn used(self) -> usize {
        self.from.saturating_sub(here())
    }

    /// Runs `read`, if the stack has room for a value that takes so much of it.
    #[inline(always)]
    pub(super) fn read<R>(self, takes: usize, read: impl FnOnce() -> Result<R, WireError>) -> Result<R, WireError> {
        if self.used().saturating_add(takes) > self.budget {
            Err(WireError::NoStack)
        } else if takes > LARGE {
            apart(read)
        } else {
            read()
        }
    }

    /// The same, for a value that is not behind a pointer: the place of a small one was counted there.
    #[inline(always)]
    pub(super) fn read_inline<R>(
        self,
        takes: usize,
        read: impl FnOnce() -> Result<R, WireError>,
    ) -> Result<R, WireError> {
        if takes > LARGE { self.read(takes, read) } else { read() }
    }

    /// Whether there is room to write another value.
    #[inline(always)]
    pub(super) fn write(self) -> Result<(), WireError> {
        if self.used() > self.budget { Err(WireError::NoStack) } else { Ok(()) }
    }
}

#[inline(never)]
fn apart<R>(run: impl FnOnce() -> R) -> R {
    run()
}
