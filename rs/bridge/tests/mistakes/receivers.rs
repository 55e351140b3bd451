//! Methods that are not called on a shared object.

use rs_in_hs::service;

#[service]
pub trait Mutable {
    fn add(&mut self, number: u64);
}

#[service]
pub trait ByValue {
    fn add(self, number: u64);
}

#[service]
pub trait Boxed {
    fn add(self: Box<Self>, number: u64);
}

#[service]
pub trait Without {
    fn add(number: u64);
}

#[service]
pub trait WithoutAnything {
    fn add();
}

fn main() {}
