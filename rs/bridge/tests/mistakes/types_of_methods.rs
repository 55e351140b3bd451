//! Arguments and answers of types that cannot be sent.

use rs_in_hs::{CallToken, service};
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

#[derive(PartialEq, Eq, Hash)]
pub struct Plain {
    pub number: u64,
}

#[rs_in_hs::data]
#[derive(PartialEq, Eq, Hash)]
pub struct Unordered {
    pub number: u64,
}

#[service]
pub trait Foreign {
    fn connect(&self, to: IpAddr);
    fn address(&self) -> IpAddr;
}

#[service]
pub trait Shared {
    fn keep(&self, count: Rc<u8>);
    fn kept(&self) -> Rc<u8>;
}

#[service]
pub trait OfOnesOwn {
    fn put(&self, plain: Plain);
    fn take(&self) -> Plain;
    fn take_all(&self) -> Vec<Plain>;
    fn try_take(&self) -> Result<u64, Plain>;
    fn later(&self, token: CallToken<Plain>);
}

#[service]
pub trait Borrowed {
    fn sum(&self, numbers: &[u32]) -> u64;
}

#[service]
pub trait WithoutOrder {
    fn counts(&self) -> HashMap<Unordered, u64>;
}

#[service]
pub trait Wide {
    fn put(&self, parts: (u8, u8, u8, u8, u8, u8, u8, u8));
    fn get(&self) -> (u8, u8, u8, u8, u8, u8, u8, u8);
}

fn main() {}
