//! Lengths that are not true: a message of some bytes that says that far more follow.

use crate::measured;
use crate::types::*;
use num_bigint::{BigInt, BigUint};
use rs_in_hs::wire::{Decode, WireError, from_bytes};
use std::any::type_name;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Among them those that come to little or nothing when they are multiplied with the size of an element.
const LENGTHS: [u64; 12] = [
    9,
    1 << 32,
    1 << 60,
    1 << 61,
    (1 << 61) + 1,
    1 << 62,
    1 << 63,
    (1 << 63) + 1,
    u64::MAX / 12 + 1,
    u64::MAX / 26 + 1,
    u64::MAX - 1,
    u64::MAX,
];

/// What stands before the length, in a map and in a large integer.
const MAP: &[u8] = &1_217_678_090_u32.to_le_bytes();
const LARGE: &[u8] = &[1];

/// Refuses each length, of elements that take `each` bytes or more, without a single allocation.
#[track_caller]
fn refuses<'de, T: Decode<'de> + Debug>(head: &[u8], each: u64) {
    for len in LENGTHS {
        let message: &'static [u8] = [head, &len.to_le_bytes(), &[1; 8]].concat().leak();
        let (result, allocated) = measured(|| from_bytes::<T>(message));
        let expected = WireError::Short { at: head.len() + 8, wanted: len.saturating_mul(each), left: 8 };
        assert_eq!(result.err(), Some(expected), "{} of length {len}", type_name::<T>());
        assert_eq!(allocated.count_total, 0, "{} of length {len}", type_name::<T>());
    }
}

#[test]
fn a_false_length_of_texts_and_bytes_is_refused_before_anything_is_allocated() {
    refuses::<String>(&[], 1);
    refuses::<&str>(&[], 1);
    refuses::<Cow<str>>(&[], 1);
    refuses::<Box<String>>(&[], 1);
    refuses::<Vec<u8>>(&[], 1);
    refuses::<&[u8]>(&[], 1);
    refuses::<Cow<[u8]>>(&[], 1);
    refuses::<[u8; 8]>(&[], 1);
}

#[test]
fn a_false_length_of_a_list_is_refused_before_anything_is_allocated() {
    refuses::<Vec<bool>>(&[], 1);
    refuses::<Vec<u16>>(&[], 2);
    refuses::<Vec<i32>>(&[], 4);
    refuses::<Vec<f64>>(&[], 8);
    refuses::<Vec<u128>>(&[], 16);
    refuses::<Cow<[u16]>>(&[], 2);
    refuses::<Cow<[f64]>>(&[], 8);
    refuses::<Cow<[u128]>>(&[], 16);
    refuses::<Cow<[String]>>(&[], 8);
    refuses::<Vec<usize>>(&[], 8);
    refuses::<Vec<char>>(&[], 4);
    refuses::<Vec<(u8, u16)>>(&[], 3);
    refuses::<Vec<Option<u64>>>(&[], 1);
    refuses::<Vec<Result<u64, String>>>(&[], 1);
    refuses::<Vec<String>>(&[], 8);
    refuses::<Vec<Vec<Vec<u8>>>>(&[], 8);
    refuses::<Vec<BTreeMap<u8, u8>>>(&[], 12);
    refuses::<Vec<BigInt>>(&[], 9);
    refuses::<Vec<SystemTime>>(&[], 18);
    refuses::<Vec<Shape>>(&[], 1);
    refuses::<Vec<Single>>(&[], 3);
    refuses::<Vec<Person>>(&[], 26);
    refuses::<Vec<Arc<Person>>>(&[], 26);
    refuses::<Vec<Rights>>(&[], 4);
    // A tag and the length of its message.
    refuses::<Vec<Refusal>>(&[], 9);
    refuses::<[u64; 1]>(&[], 8);
    refuses::<[Person; 3]>(&[], 26);
}

#[test]
fn a_false_length_of_a_set_or_map_is_refused_before_anything_is_allocated() {
    refuses::<BTreeSet<u32>>(&[], 4);
    refuses::<HashSet<String>>(&[], 8);
    refuses::<BTreeMap<String, u32>>(MAP, 12);
    refuses::<HashMap<u8, Person>>(MAP, 27);
}

#[test]
fn a_false_length_of_an_integer_is_refused_before_anything_is_allocated() {
    refuses::<BigInt>(LARGE, 1);
    refuses::<BigUint>(LARGE, 1);
    refuses::<Duration>(LARGE, 1);
    refuses::<SystemTime>(LARGE, 1);
}

#[test]
fn a_false_length_inside_of_a_record_is_refused() {
    // The name is empty, and then there are too many nicknames.
    refuses::<Person>(&[[0; 8].as_slice(), &[36]].concat(), 8);
    // A label.
    refuses::<Shape>(&[4], 1);
    // The length of the message of an error.
    refuses::<Refusal>(&[0], 1);
}

/// Elements can be larger in memory than on the wire. Room is made for as many as the message has bytes for in memory,
/// and for more when they have been read.
#[test]
fn a_length_that_could_be_true_takes_no_more_memory_than_the_message_has_bytes() {
    fn refuses<T: for<'de> Decode<'de> + Debug>() {
        let elements = [0xff; 2000];
        let message = [&(elements.len() as u64).to_le_bytes(), &elements[..]].concat();
        let (result, allocated) = measured(|| from_bytes::<T>(&message));
        assert!(matches!(result, Err(WireError::Tag { at: 8, found: 0xff, .. })), "{}: {result:?}", type_name::<T>());
        assert!(allocated.bytes_total <= message.len() as u64, "{}: {allocated:?}", type_name::<T>());
    }
    refuses::<Vec<bool>>();
    refuses::<Vec<Option<u64>>>();
    refuses::<Vec<Result<Person, Vec<u8>>>>();
    refuses::<Vec<Shape>>();
    refuses::<Vec<Option<[u64; 1000]>>>();
    refuses::<[Shape; 2000]>();
    refuses::<BTreeSet<Option<u64>>>();
    refuses::<HashSet<Option<u64>>>();
}

/// The least lie there is.
#[test]
fn a_length_of_one_more_than_there_are_is_refused() {
    #[track_caller]
    fn refuses<T: for<'de> Decode<'de> + Debug>(head: &[u8], elements: &[u8], count: usize) {
        let each = elements.len() / count;
        let message = |count: u64| [head, &count.to_le_bytes(), elements].concat();
        assert!(from_bytes::<T>(&message(count as u64)).is_ok());
        let (wanted, left) = (((count + 1) * each) as u64, elements.len());
        let expected = WireError::Short { at: head.len() + 8, wanted, left };
        assert_eq!(from_bytes::<T>(&message(count as u64 + 1)).err(), Some(expected), "{}", type_name::<T>());
    }
    refuses::<String>(&[], b"abc", 3);
    refuses::<Vec<u8>>(&[], b"abc", 3);
    refuses::<Vec<u16>>(&[], b"aabbcc", 3);
    refuses::<Vec<(u8, bool)>>(&[], &[1, 0, 2, 1], 2);
    refuses::<Vec<Option<u64>>>(&[], &[0, 0, 0], 3);
    refuses::<Vec<String>>(&[], &[0; 16], 2);
    refuses::<[u16; 3]>(&[], b"aabbcc", 3);
    refuses::<BTreeSet<u16>>(&[], b"aabbcc", 3);
    refuses::<HashSet<u8>>(&[], b"abc", 3);
    refuses::<BTreeMap<u8, u16>>(MAP, b"abbcdd", 2);
    refuses::<HashMap<u8, ()>>(MAP, b"abc", 3);
    refuses::<BigInt>(LARGE, &[0xff; 16], 16);
}

/// A byte of the message is a kilobyte of memory. There is nothing wrong with the lengths, and the process must not
/// abort: it is another process, which has little memory.
#[cfg(target_os = "linux")]
#[test]
fn elements_for_which_there_is_no_memory_are_refused() {
    const INSIDE: &str = "RS_IN_HS_LITTLE_MEMORY";
    type Row = Option<[u64; 128]>;
    let count = 1_u32 << 20;
    if std::env::var_os(INSIDE).is_some() {
        let head = u64::from(count).to_le_bytes();
        let list = [head.as_slice(), &vec![0; count as usize]].concat();
        assert_eq!(from_bytes::<Vec<Row>>(&list), Err(WireError::OutOfMemory));
        let pairs: Vec<u8> = (0..count).flat_map(|key| [key.to_le_bytes().as_slice(), &[0]].concat()).collect();
        let map = [MAP, &head, &pairs].concat();
        assert_eq!(from_bytes::<HashMap<u32, Row>>(&map), Err(WireError::OutOfMemory));
        assert_eq!(from_bytes::<HashSet<(u32, Row)>>(&[&head, pairs.as_slice()].concat()), Err(WireError::OutOfMemory));
        return;
    }
    let test = "lengths::elements_for_which_there_is_no_memory_are_refused";
    let inside = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 524288 && exec \"$0\" --exact \"$1\" --test-threads 1"])
        .arg(std::env::current_exe().unwrap())
        .arg(test)
        .env(INSIDE, "1")
        .output()
        .unwrap();
    assert!(inside.status.success(), "{inside:?}");
    assert!(String::from_utf8_lossy(&inside.stdout).contains("1 passed"), "{inside:?}");
}
