//! Fields of types that cannot be sent.

use rs_in_hs::data;
use std::net::IpAddr;
use std::rc::Rc;

pub struct Plain {
    pub number: u64,
}

#[data]
pub struct Peer {
    pub address: IpAddr,
}

#[data]
pub struct Shared {
    pub count: Rc<u8>,
}

#[data]
pub struct Holder {
    pub number: u64,
    pub plain: Plain,
}

#[data]
pub struct Many {
    pub plain: Vec<Plain>,
}

#[data]
pub enum Either {
    Left(u8),
    Right(Plain),
}

#[data]
pub struct Wide {
    pub parts: (u8, u8, u8, u8, u8, u8, u8, u8),
}

#[data]
pub struct Numbers<'a> {
    pub numbers: &'a [u32],
}

fn main() {}
