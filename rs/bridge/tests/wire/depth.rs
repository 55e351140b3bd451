//! Values in values: both directions recurse, and what would take too much stack is refused.

use crate::encoded;
use crate::types::*;
use rs_in_hs::wire::{Decode, Encode, WireError, from_bytes, on_large_stack, to_bytes};
use std::any::type_name;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::thread;

/// Bytes of stack: those of a worker, which reads, and those that Rust gives a thread. Any may write, with a token.
const WORKER: usize = 16 << 20;
const ANY: usize = 2 << 20;

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
    let run = move || {
        if bytes >= WORKER {
            on_large_stack();
        }
        run()
    };
    thread::Builder::new().stack_size(bytes).spawn(run).unwrap().join().unwrap()
}

/// Without optimization it takes the most: 4 MiB to read this one.
#[test]
fn the_deepest_value_fits_on_the_stack() {
    // The shape in the innermost folder is one deeper.
    let deepest = (0..510).fold(folder(None), |inner, _| folder(Some(inner)));
    let (deepest, message) = on_a_stack_of(ANY, move || {
        let message = encoded(&deepest);
        (deepest, message)
    });
    on_a_stack_of(WORKER, move || {
        assert_eq!(from_bytes(&message).as_ref(), Ok(&deepest));
        assert_eq!(to_bytes(&folder(Some(deepest)), usize::MAX), Err(WireError::TooDeep));
    });
}

#[rs_in_hs::data]
#[derive(Debug)]
struct Block<const N: usize> {
    content: [u8; N],
    next: Option<Box<Block<N>>>,
}

/// Behind every other pointer, and in every collection.
/// Nested behind every pointer and in every collection.
#[rs_in_hs::data]
#[derive(Debug)]
enum Stored<const N: usize> {
    Last,
    Boxed([u8; N], Box<Stored<N>>),
    Shared([u8; N], Arc<Stored<N>>),
    Listed(Vec<([u8; N], Option<Stored<N>>)>),
    Mapped(BTreeMap<u8, Result<Stored<N>, [u8; N]>>),
    Hashed(HashMap<u8, ([u8; N], Stored<N>)>),
}

/// One with a place on the stack for each of its variants, without optimization.
macro_rules! wide {
    ($($variant:ident)*) => {
        #[rs_in_hs::data]
        #[derive(Debug)]
        enum Wide<const N: usize> {
            End,
            $($variant([u8; N], [String; 4], Option<[u8; N]>, Box<Wide<N>>),)*
        }
    };
}

wide! {
    A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 B0 B1 B2 B3 B4 B5 B6 B7 B8 B9 C0 C1 C2 C3 C4 C5 C6 C7 C8 C9 D0 D1 D2 D3 D4 D5 D6 D7 D8 D9
    E0 E1 E2 E3 E4 E5 E6 E7 E8 E9 F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 G0 G1 G2 G3 G4 G5 G6 G7 G8 G9 H0 H1 H2 H3 H4 H5 H6 H7 H8 H9
    I0 I1 I2 I3 I4 I5 I6 I7 I8 I9 J0 J1 J2 J3 J4 J5 J6 J7 J8 J9
}

fn array(size: usize) -> Vec<u8> {
    [(size as u64).to_le_bytes().to_vec(), vec![7; size]].concat()
}

/// Reads values of 1 to 512 levels as a worker does, and writes them as any thread may: an overflow would end the
/// tests. Each level begins with one of `outer`, and the message ends with `last`. Some levels are read and written.
#[track_caller]
fn never_overflows<T: Encode + for<'de> Decode<'de> + Send + 'static>(some: usize, outer: &[Vec<u8>], last: &[u8]) {
    for levels in [1, 2, 4, 8, 16, 32, 64, 128, 256, 511, 512] {
        if levels * outer[0].len() > 8 << 20 {
            break;
        }
        let levels_of = outer.iter().map(Vec::as_slice).cycle().take(levels - 1);
        let message = levels_of.chain([last]).collect::<Vec<_>>().concat();
        let (read, message) = on_a_stack_of(WORKER, move || (from_bytes::<Box<T>>(&message), message));
        let written = match read {
            Ok(value) => on_a_stack_of(ANY, move || to_bytes(&value, usize::MAX)),
            Err(error) => Err(error),
        };
        match written {
            Ok(bytes) => assert!(bytes == message, "{levels} levels"),
            Err(error) => assert!(
                error == WireError::NoStack && levels > some,
                "{levels} levels of {}: {error}",
                type_name::<T>()
            ),
        }
    }
}

fn blocks<const N: usize>(some: usize) {
    let block = |next: u8| [array(N), vec![next]].concat();
    never_overflows::<Block<N>>(some, &[block(1)], &block(0));
}

fn stored<const N: usize>(some: usize) {
    let map = [1_217_678_090_u32.to_le_bytes().as_slice(), &1_u64.to_le_bytes(), &[7]].concat();
    let outer = [
        [vec![1], array(N)].concat(),
        [vec![2], array(N)].concat(),
        [vec![3], 1_u64.to_le_bytes().into(), array(N), vec![1]].concat(),
        [vec![4], map.clone(), vec![1]].concat(),
        [vec![5], map, array(N)].concat(),
    ];
    never_overflows::<Stored<N>>(some, &outer, &[0]);
}

fn wide<const N: usize>(some: usize) {
    let outer = [vec![100], array(N), 4_u64.to_le_bytes().into(), vec![0; 32], vec![0]].concat();
    never_overflows::<Wide<N>>(some, &[outer], &[0]);
}

#[test]
fn large_values_that_nest_do_not_overflow_the_stack() {
    blocks::<16>(512);
    blocks::<4096>(128);
    blocks::<8192>(64);
    blocks::<{ 64 << 10 }>(8);
    blocks::<{ 256 << 10 }>(2);
    blocks::<{ 512 << 10 }>(1);
    blocks::<{ 1 << 20 }>(0);
    blocks::<{ 4 << 20 }>(0);
    stored::<16>(256);
    stored::<4096>(32);
    stored::<{ 64 << 10 }>(1);
    stored::<{ 256 << 10 }>(0);
    stored::<{ 1 << 20 }>(0);
}

#[test]
fn enums_of_many_variants_do_not_overflow_the_stack() {
    wide::<16>(16);
    wide::<256>(8);
    wide::<4096>(2);
    wide::<{ 64 << 10 }>(0);
}

/// An array on the heap does not take the stack on its way there.
#[test]
fn a_boxed_array_has_any_size() {
    const SIZE: usize = 32 << 20;
    on_a_stack_of(ANY, || {
        let message = array(SIZE);
        let boxed: Box<[u8; SIZE]> = from_bytes(&message).unwrap();
        assert!(to_bytes(&boxed, usize::MAX) == Ok(message.clone()));
        let shared: Arc<[u8; SIZE]> = from_bytes(&message).unwrap();
        assert!(shared[..] == message[8..]);
        let wrong = WireError::Length { at: 0, wanted: 2, found: SIZE };
        assert_eq!(from_bytes::<Box<[u8; 2]>>(&message), Err(wrong));
    });
}

#[test]
fn a_value_that_does_not_fit_on_the_stack_is_refused() {
    const SIZE: usize = 32 << 20;
    on_a_stack_of(ANY, || {
        let some = [vec![1], array(SIZE)].concat();
        assert_eq!(from_bytes::<Box<Option<[u8; SIZE]>>>(&some).err(), Some(WireError::NoStack));
        let list = [1_u64.to_le_bytes().into(), array(SIZE)].concat();
        assert_eq!(from_bytes::<Vec<[u8; SIZE]>>(&list).err(), Some(WireError::NoStack));
    });
}
