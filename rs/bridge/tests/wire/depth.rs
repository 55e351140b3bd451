//! Values in values: both directions recurse, and what would take too much stack is refused.

use crate::encoded;
use crate::types::*;
use rs_in_hs::wire::{WireError, from_bytes, to_bytes};
use std::collections::BTreeMap;
use std::thread;

fn chain(links: usize) -> Chain {
    (0..links).fold(Chain::End, |chain, _| Chain::Link(Box::new(chain)))
}

/// Tags of 1, and 0 at the end.
fn chain_message(links: usize) -> Vec<u8> {
    [vec![1; links], vec![0]].concat()
}

#[test]
fn values_nest_512_deep() {
    let deepest = chain(511);
    assert_eq!(encoded(&deepest), chain_message(511));
    assert_eq!(from_bytes(&chain_message(511)), Ok(deepest));
    for links in [512, 600, 1_000_000] {
        assert_eq!(from_bytes::<Chain>(&chain_message(links)), Err(WireError::TooDeep));
    }
    for links in [512, 600] {
        assert_eq!(to_bytes(&chain(links), usize::MAX), Err(WireError::TooDeep));
    }
    assert_eq!(WireError::TooDeep.to_string(), "values nested more than 512 deep cannot be sent");
}

/// It counts how deep values lie in one another, not how many there are.
#[test]
fn depth_is_not_used_up_by_neighbours() {
    let points = vec![Point { x: 1, y: 2 }; 2000];
    assert_eq!(from_bytes(&encoded(&points)), Ok(points));
}

/// One with much to keep on the stack while its parts are read.
#[rs_in_hs::data]
#[derive(Clone, Debug, PartialEq)]
struct Folder {
    path: [String; 4],
    numbers: ([u64; 8], [u64; 8]),
    shape: Result<Shape, Person>,
    folders: BTreeMap<String, Option<(u8, Box<Folder>)>>,
}

fn folder(inner: Option<Folder>) -> Folder {
    Folder {
        path: Default::default(),
        numbers: ([1; 8], [2; 8]),
        shape: Ok(Shape::Empty),
        folders: inner.into_iter().map(|inner| ("in".into(), Some((7, Box::new(inner))))).collect(),
    }
}

fn on_a_stack_of<R: Send + 'static>(bytes: usize, run: impl FnOnce() -> R + Send + 'static) -> R {
    thread::Builder::new().stack_size(bytes).spawn(run).unwrap().join().unwrap()
}

/// A worker reads, and has 16 MiB. Any thread may write, with a token; 2 MiB are what Rust gives one. Without
/// optimization it takes the most: 4 MiB to read this one.
#[test]
fn the_deepest_value_fits_on_the_stack() {
    // The shape in the innermost folder is one deeper.
    let deepest = (0..510).fold(folder(None), |inner, _| folder(Some(inner)));
    let (deepest, message) = on_a_stack_of(2 << 20, move || {
        let message = encoded(&deepest);
        (deepest, message)
    });
    on_a_stack_of(8 << 20, move || {
        assert_eq!(from_bytes(&message).as_ref(), Ok(&deepest));
        assert_eq!(to_bytes(&folder(Some(deepest)), usize::MAX), Err(WireError::TooDeep));
    });
}
