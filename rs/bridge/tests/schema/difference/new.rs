//! The service as it has become.
#![allow(non_snake_case)]

use rs_in_hs::{data, service};
use std::collections::{BTreeMap, BTreeSet};

#[service]
pub trait Library {
    fn untouched(&self, book: Untouched) -> Untouched;
    fn added(&self);
    fn renamed_after(&self) -> u8;
    #[cast]
    fn answered(&self, title: String);
    fn told(&self, title: String) -> u8;
    fn maxLength(&self) -> u8;

    fn argument_removed(&self, kept: u8);
    fn argument_added(&self, kept: u8, added_one: String);
    fn arguments_in_order(&self, then: u8, first: u8);
    fn argument_type(&self, in_bytes: u64);

    fn answer(&self) -> u64;
    fn numbers(&self) -> (u64, Vec<u32>, Vec<u8>);
    fn array(&self) -> [u16; 4];
    fn digest(&self) -> [u8; 8];
    fn listed(&self) -> [u16; 3];
    fn collection(&self) -> BTreeMap<u8, BTreeSet<String>>;

    fn book(&self, book: Book) -> Vec<Book>;
    fn same_book(&self, book: Option<Book>) -> Result<Book, Refusal>;
    fn position(&self) -> Position;
    fn tree(&self, tree: Tree) -> Tree;
    fn shelf(&self) -> Shelf;
    fn became_an_enum(&self) -> Changed;
    fn became_a_struct(&self) -> Bits;
    fn state(&self) -> State;
    fn permits(&self) -> Permits;
    fn left(&self) -> Left;
    fn right(&self) -> Right;
    fn own(&self) -> New;
}

#[data]
pub struct Book {
    pub title: String,
    pub authorName: String,
    pub pages: u64,
    pub year: i16,
}

#[data]
#[derive(Debug, thiserror::Error)]
#[error("no")]
pub struct Refusal;

#[data]
pub struct Position(pub u32, pub i32);

#[data]
pub struct Tree {
    pub branches: Vec<Tree>,
    pub leaf: Leaf,
}

#[data]
pub struct Leaf {
    pub of: Option<Box<Tree>>,
    pub colour: u16,
}

#[data]
pub enum Shelf {
    Full { books: Vec<Untouched>, is_locked: bool },
    Empty,
    Broken(u16),
    Moved,
}

#[data]
pub enum Changed {
    Number(u8),
}

#[data]
pub enum State {
    Open,
    Closed,
}

/// What was on the right, and the other way round.
#[data]
pub struct Left {
    pub right: u16,
}

#[data]
pub struct Right {
    pub left: u8,
}

#[data]
pub struct New {
    pub number: u8,
}

#[data]
pub struct Untouched {
    pub number: u8,
}

#[data]
pub struct Bits {
    pub bits: u8,
}

bitflags::bitflags! {
    #[derive(Clone, Copy)]
    pub struct Permits: u16 {
        const WRITE = 2;
        const READ = 8;
        const BURN = 4;
    }
}

rs_in_hs::flags!(Permits);
