//! Methods that Haskell cannot call.

use rs_in_hs::service;

#[service]
pub trait Async {
    async fn find(&self, what: String) -> u64;
}

#[service]
pub trait Generic {
    fn find<T>(&self, what: T) -> u64;
}

#[service]
pub trait WithLifetime {
    fn find<'a>(&self, what: &'a str) -> u64;
}

#[service]
pub trait WithCondition {
    fn find(&self, what: String) -> u64
    where
        Self: Sized;
}

#[service]
pub trait Constant {
    const fn find(&self) -> u64;
}

#[service]
pub trait Unsafe {
    unsafe fn find(&self) -> u64;
}

#[service]
pub trait Extern {
    extern "C" fn find(&self) -> u64;
}

#[service]
pub trait ImplArgument {
    fn find(&self, what: impl Into<String>) -> u64;
}

#[service]
pub trait ImplAnswer {
    fn find(&self) -> impl Iterator<Item = u64>;
}

#[service]
pub trait ImplInAnswer {
    fn find(&self) -> Option<impl Copy>;
}

#[service]
pub trait PatternArgument {
    fn find(&self, (from, to): (u64, u64)) -> u64;
}

#[service]
pub trait Unnamed {
    fn find(&self, _: u64) -> u64;
}

#[service]
pub trait Twice {
    fn find(&self, from: u64) -> u64;

    fn find(&self, to: u64) -> u64;
}

fn main() {}
