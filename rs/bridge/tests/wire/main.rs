//! The bytes of messages: what Haskell writes, what is refused, and what hostile bytes cannot do.

mod borrow;
mod damage;
mod depth;
mod golden;
mod hostile;
mod lengths;
mod limit;
mod shape;
mod types;

use allocation_counter::{AllocationInfo, measure};
use rs_in_hs::wire::{Encode, to_bytes};

fn encoded<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    to_bytes(value, usize::MAX).expect("no limit, and no nesting worth mentioning")
}

/// What `run` returns, and the memory that it took for that.
fn measured<R>(run: impl FnOnce() -> R) -> (R, AllocationInfo) {
    let mut result = None;
    let allocated = measure(|| result = Some(run()));
    (result.expect("measure has run it"), allocated)
}
