//! Types as users write them. Those of `golden.txt` stand in Haskell in `hs/api/test/Types.hs`.

use rs_in_hs::data;
use std::fmt::Debug;

#[data]
#[derive(Clone, Debug, PartialEq)]
pub struct Metres(pub f64);

/// One that takes no bytes.
#[data]
#[derive(Clone, Debug, PartialEq)]
pub enum Only {
    Only,
}

#[data]
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Point {
    pub x: i32,
    pub y: i32,
}

/// One that has no tag.
#[data]
#[derive(Clone, Debug, PartialEq)]
pub enum Single {
    Single(u16, bool),
}

#[data]
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub name: String,
    pub age: u8,
    pub nicknames: Vec<String>,
    pub home: Option<Point>,
    pub height: Metres,
}

#[data]
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Empty,
    Circle(u16),
    Line(Point, Point),
    Box { width: u8, height: u8 },
    Label(String),
}

#[data]
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Leaf,
    Node(Box<Tree>, i32, Box<Tree>),
}

#[data]
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<u64>,
}

bitflags::bitflags! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Modes: u8 {
        const READ = 1;
        const WRITE = 1 << 1;
        const RUN = 1 << 2;
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Rights: u32 {
        const VISIT = 1;
        const OWN = 1 << 31;
    }
}

rs_in_hs::flags! { Modes }
rs_in_hs::flags! { Rights }

/// Nests as deep as it has links.
#[data]
#[derive(Clone, Debug, PartialEq)]
pub enum Chain {
    End,
    Link(Box<Chain>),
}

/// An exception in Haskell: its message follows its fields.
#[data]
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("no such path")]
    NoPath,
    #[error("line {line}: {what}")]
    Line { line: u32, what: String },
}
