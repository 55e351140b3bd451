//! Types that cannot be objects.

use rs_in_hs::{Opaque, object};

#[object(name = "Voice")]
pub struct WithArgument;

#[object]
pub struct Borrowing<'a> {
    pub name: &'a str,
}

#[object]
pub struct Generic<T> {
    pub of: T,
}

#[object]
pub struct Sized<const N: usize>;

#[object]
pub union Union {
    pub number: u64,
    pub float: f64,
}

#[object]
pub fn not_a_type() {}

pub struct Unmarked;

fn is_an_object<T: Opaque>() {}

fn main() {
    is_an_object::<Unmarked>();
}
