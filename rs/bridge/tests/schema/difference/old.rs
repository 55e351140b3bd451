//! The service as it was.

use rs_in_hs::{data, service};
use std::collections::{BTreeMap, BTreeSet};

#[service]
pub trait Library {
    fn removed(&self);
    fn renamed_before(&self) -> u8;
    fn answered(&self, title: String);
    #[cast]
    fn told(&self, title: String);
    fn max_length(&self) -> u8;

    fn argument_removed(&self, kept: u8, removed_one: u16);
    fn argument_added(&self, kept: u8);
    fn arguments_in_order(&self, first: u8, then: u8);
    fn argument_type(&self, in_bytes: u32);

    fn answer(&self) -> Option<u64>;
    fn numbers(&self) -> (usize, Vec<u16>, String);
    fn array(&self) -> [u16; 3];
    fn digest(&self) -> [u8; 4];
    fn listed(&self) -> Vec<u16>;
    fn collection(&self) -> BTreeMap<String, BTreeSet<u8>>;

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
    fn own(&self) -> Old;
    fn untouched(&self, book: Untouched) -> Untouched;
}

#[data]
pub struct Book {
    pub title: String,
    pub pages: u32,
    pub author_name: String,
    pub in_print: bool,
}

#[data]
pub struct Refusal;

#[data]
pub struct Position(pub u32, pub u32, pub u8);

/// Leads back to itself by way of the leaf, which changes.
#[data]
pub struct Tree {
    pub branches: Vec<Tree>,
    pub leaf: Leaf,
}

#[data]
pub struct Leaf {
    pub of: Option<Box<Tree>>,
    pub colour: u8,
}

#[data]
pub enum Shelf {
    Empty,
    Full { books: Vec<Untouched> },
    Broken(u8),
    Lost,
}

#[data]
pub struct Changed {
    pub number: u8,
}

#[data]
#[derive(Debug)]
pub enum State {
    Open,
    Closed,
}

impl std::fmt::Display for State {
    fn fmt(&self, to: &mut std::fmt::Formatter) -> std::fmt::Result {
        to.write_str("a state")
    }
}

impl std::error::Error for State {}

#[data]
pub struct Left {
    pub left: u8,
}

#[data]
pub struct Right {
    pub right: u16,
}

#[data]
pub struct Old {
    pub number: u8,
}

#[data]
pub struct Untouched {
    pub number: u8,
}

bitflags::bitflags! {
    #[derive(Clone, Copy)]
    pub struct Permits: u8 {
        const READ = 1;
        const WRITE = 2;
        const LEND = 4;
    }

    #[derive(Clone, Copy)]
    pub struct Bits: u8 {
        const ONE = 1;
    }
}

rs_in_hs::flags!(Permits);
rs_in_hs::flags!(Bits);
