//! Damaged messages: cut off, with something added, with bytes changed, or nothing but noise.
//!
//! Each test is of one type. It says how much memory there may be in use at any time while a message is read, in bytes
//! for each byte of the message: 0 for what needs no heap, 1 for what is copied from the message, and otherwise what a
//! collection of the smallest elements takes, while it grows.

use crate::types::*;
use crate::{encoded, measured};
use num_bigint::{BigInt, BigUint, Sign};
use proptest::collection::{btree_map, btree_set, hash_map, hash_set, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use rs_in_hs::wire::{Decode, Encode, WireError, from_bytes};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What is true of bytes that have a value, and those that are written of this value.
#[derive(Clone, Copy)]
enum Same {
    /// They are the same: each value has one encoding.
    Bytes,
    /// They are in order: elements of sets and maps are read in any.
    Sorted,
    /// They have the same value: something is left out when it is read.
    Value,
}

#[derive(Clone, Debug)]
struct Damage {
    more: Vec<u8>,
    flipped: u8,
    changes: Vec<(Index, u8)>,
    noise: Vec<u8>,
}

fn damage() -> impl Strategy<Value = Damage> {
    let bytes = |most| vec(any::<u8>(), 1..most);
    (bytes(20), 1_u8.., vec(any::<(Index, u8)>(), 1..6), bytes(60)).prop_map(|(more, flipped, changes, noise)| Damage {
        more,
        flipped,
        changes,
        noise,
    })
}

/// Reads a message within `memory` bytes for each byte of it.
fn read<T: for<'de> Decode<'de>>(message: &[u8], memory: u64) -> Result<T, WireError> {
    let (read, allocated) = measured(|| from_bytes::<T>(message));
    let most = memory * message.len() as u64;
    assert!(allocated.bytes_max <= most, "{} bytes of memory for {} of a message", allocated.bytes_max, message.len());
    read
}

fn survives<T: Encode + for<'de> Decode<'de>>(value: &T, damage: Damage, memory: u64, same: Same) -> TestCaseResult {
    let message = encoded(value);
    prop_assert!(message.len() >= T::MIN_SIZE);
    prop_assert_eq!(read::<T>(&message, memory).map(|value| encoded(&value)), Ok(message.clone()));

    for end in 0..message.len() {
        prop_assert!(read::<T>(&message[..end], memory).is_err(), "cut off after {} bytes", end);
    }

    let left = damage.more.len();
    let extended = [message.as_slice(), &damage.more].concat();
    prop_assert_eq!(read::<T>(&extended, memory).err(), Some(WireError::LeftOver { left }));

    let refused_or_a_value = |bytes: &[u8]| {
        let Ok(value) = read::<T>(bytes, memory) else { return Ok(()) };
        let again = encoded(&value);
        match same {
            Same::Bytes => prop_assert_eq!(again, bytes),
            Same::Sorted => {
                let sorted = |mut bytes: Vec<u8>| {
                    bytes.sort_unstable();
                    bytes
                };
                prop_assert_eq!(read::<T>(&again, memory).map(|value| encoded(&value)), Ok(again.clone()));
                prop_assert_eq!(sorted(again), sorted(bytes.into()));
            }
            Same::Value => prop_assert_eq!(read::<T>(&again, memory).map(|value| encoded(&value)), Ok(again)),
        }
        Ok(())
    };
    for at in 0..message.len() {
        let mut changed = message.clone();
        changed[at] ^= damage.flipped;
        refused_or_a_value(&changed)?;
    }
    let mut changed = message.clone();
    for (at, byte) in damage.changes.iter().filter(|_| !message.is_empty()) {
        changed[at.index(message.len())] = *byte;
    }
    refused_or_a_value(&changed)?;
    refused_or_a_value(&damage.noise)
}

macro_rules! damaged {
    ($($name:ident: $of:ty = $values:expr, $memory:literal, $same:ident;)*) => {
        proptest! {$(
            #[test]
            fn $name(value in $values, damage in damage()) {
                survives::<$of>(&value, damage, $memory, Same::$same)?;
            }
        )*}
    };
}

mod a_damaged_message_is_refused_or_a_value {
    use super::*;

    damaged! {
        of_unsigned_numbers: (u8, u16, u32, u64, u128, usize) = any::<(u8, u16, u32, u64, u128, usize)>(), 0, Bytes;
        of_signed_numbers: (i8, i16, i32, i64, i128, isize) = any::<(i8, i16, i32, i64, i128, isize)>(), 0, Bytes;
        of_floats: (f32, f64) = any::<(u32, u64)>().prop_map(|(a, b)| (f32::from_bits(a), f64::from_bits(b))), 0, Bytes;
        of_bools_and_characters: (bool, char, ()) = any::<(bool, char, ())>(), 0, Bytes;
        of_durations: Duration = any::<Duration>(), 0, Value;
        of_times: SystemTime = times(), 0, Value;
        of_flags: (Modes, Rights) = flags(), 0, Bytes;

        of_texts: String = ".*", 1, Bytes;
        of_bytes: Vec<u8> = vec(any::<u8>(), 0..40), 1, Bytes;
        of_integers: BigInt = integers().prop_map(|(sign, bytes)| BigInt::from_bytes_le(sign, &bytes)), 1, Bytes;
        of_naturals: BigUint = integers().prop_map(|(_, bytes)| BigUint::from_bytes_le(&bytes)), 1, Bytes;
        of_results: Result<u32, String> = prop_oneof![any::<u32>().prop_map(Ok), ".*".prop_map(Err)], 1, Bytes;
        of_options: Option<Option<u8>> = any::<Option<Option<u8>>>(), 0, Bytes;
        of_lists_of_short_numbers: Vec<i16> = vec(any::<i16>(), 0..20), 1, Bytes;
        of_lists_of_long_numbers: Vec<f64> = vec(any::<u64>().prop_map(f64::from_bits), 0..6), 1, Bytes;
        of_lists_of_sizes: Vec<usize> = vec(any::<usize>(), 0..6), 1, Bytes;
        of_lists_of_bools: Vec<bool> = vec(any::<bool>(), 0..20), 1, Bytes;
        of_arrays: [u16; 3] = any::<[u16; 3]>(), 1, Bytes;
        of_enums: Shape = shapes(), 1, Bytes;
        // The message, which Rust makes of the fields, is not kept when it is read.
        of_errors: Refusal = refusals(), 1, Value;

        // 24 bytes of memory for 8 of the message, and half of that again while a vector is moved to a larger place.
        of_lists_of_texts: Vec<String> = vec(".*", 0..5), 10, Bytes;
        of_records: Person = people(), 10, Bytes;
        // 16 bytes of memory for a tag.
        of_lists_of_options: Vec<Option<u64>> = vec(any::<Option<u64>>(), 0..20), 48, Bytes;
        of_pages: Page<Option<u64>> = pages(), 48, Bytes;
        // 24 bytes of memory for a tag.
        of_trees: Tree = trees(), 24, Bytes;
        // The nodes of a tree have room for 11, and those of a table for 4 and its marks.
        of_sorted_sets: BTreeSet<u32> = btree_set(any::<u32>(), 0..20), 6, Sorted;
        of_hashed_sets: HashSet<u16> = hash_set(any::<u16>(), 0..20), 6, Sorted;
        of_sorted_maps: BTreeMap<String, u16> = btree_map(".*", any::<u16>(), 0..5), 20, Sorted;
        of_hashed_maps: HashMap<u8, Point> = hash_map(any::<u8>(), points(), 0..16), 20, Sorted;
    }
}

/// From the first to the last day that Rust can express, near and far.
fn times() -> impl Strategy<Value = SystemTime> {
    let far = prop_oneof![any::<u32>().prop_map(u64::from), 0..1_u64 << 62];
    (any::<bool>(), far, 0..1_000_000_000_u32).prop_map(|(after, seconds, nanos)| {
        let distance = Duration::new(seconds, nanos);
        if after { UNIX_EPOCH + distance } else { UNIX_EPOCH - distance }
    })
}

fn integers() -> impl Strategy<Value = (Sign, Vec<u8>)> {
    (prop_oneof![Just(Sign::Minus), Just(Sign::Plus)], vec(any::<u8>(), 1..30))
}

fn flags() -> impl Strategy<Value = (Modes, Rights)> {
    any::<(u8, u32)>()
        .prop_map(|(modes, rights)| (Modes::from_bits_truncate(modes), Rights::from_bits_truncate(rights)))
}

fn points() -> impl Strategy<Value = Point> {
    any::<(i32, i32)>().prop_map(|(x, y)| Point { x, y })
}

fn shapes() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Empty),
        any::<u16>().prop_map(Shape::Circle),
        (points(), points()).prop_map(|(start, end)| Shape::Line(start, end)),
        any::<(u8, u8)>().prop_map(|(width, height)| Shape::Box { width, height }),
        ".*".prop_map(Shape::Label),
    ]
}

fn refusals() -> impl Strategy<Value = Refusal> {
    prop_oneof![Just(Refusal::NoPath), (any::<u32>(), ".*").prop_map(|(line, what)| Refusal::Line { line, what }),]
}

fn people() -> impl Strategy<Value = Person> {
    (".*", any::<u8>(), vec(".*", 0..4), proptest::option::of(points()), any::<f64>())
        .prop_map(|(name, age, nicknames, home, height)| Person { name, age, nicknames, home, height: Metres(height) })
}

fn pages() -> impl Strategy<Value = Page<Option<u64>>> {
    (vec(any::<Option<u64>>(), 0..20), any::<Option<u64>>()).prop_map(|(items, next)| Page { items, next })
}

fn trees() -> impl Strategy<Value = Tree> {
    Just(Tree::Leaf).prop_recursive(4, 16, 2, |inner| {
        (inner.clone(), any::<i32>(), inner)
            .prop_map(|(left, number, right)| Tree::Node(Box::new(left), number, Box::new(right)))
    })
}
