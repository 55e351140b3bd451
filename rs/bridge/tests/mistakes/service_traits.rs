//! Traits that are no services.

use rs_in_hs::service;

#[service]
pub trait WithParameter<T> {
    fn find(&self, what: T) -> u64;
}

#[service]
pub trait WithLifetime<'a> {
    fn find(&self, what: &'a str) -> u64;
}

#[service]
pub trait WithCondition
where
    Self: Clone,
{
    fn find(&self) -> u64;
}

#[service]
pub trait WithType {
    type Hit;

    fn find(&self) -> u64;
}

#[service]
pub trait WithConstant {
    const LIMIT: u64;

    fn find(&self) -> u64;
}

#[service]
pub trait Empty {}

#[service]
pub unsafe trait Unsafe {
    fn find(&self) -> u64;
}

#[service]
pub struct NoTrait {
    pub find: u64,
}

#[service]
pub trait WithCfg {
    #[cfg(unix)]
    fn find(&self) -> u64;

    fn add(&self, #[cfg(unix)] number: u64);
}

#[service]
pub trait WithAnotherCfg {
    fn add(&self, #[cfg(unix)] number: u64);
}

fn main() {}
