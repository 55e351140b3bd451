//! Bytes that no value has, and what is said of them.

use crate::encoded;
use crate::types::*;
use num_bigint::{BigInt, BigUint};
use rs_in_hs::wire::{Decode, from_bytes};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MAP: [u8; 4] = 1_217_678_090_u32.to_le_bytes();

/// Why the bytes have no value, in the words of the error.
fn refusal<'de, T: Decode<'de> + Debug>(bytes: &'de [u8]) -> String {
    from_bytes::<T>(bytes).expect_err("bytes that are refused").to_string()
}

/// A tag, a length in bytes, and limbs.
fn integer(tag: u8, len: u64, limbs: &[u64]) -> Vec<u8> {
    let limbs: Vec<u8> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    [&[tag], len.to_le_bytes().as_slice(), &limbs].concat()
}

#[test]
fn a_tag_that_no_variant_has_is_refused() {
    assert_eq!(refusal::<bool>(&[7]), "at byte 0: 7 is no tag of bool");
    assert_eq!(refusal::<(u16, Option<u8>)>(&[0, 0, 2, 0]), "at byte 2: 2 is no tag of Option");
    assert_eq!(refusal::<Result<u8, u8>>(&[2, 0]), "at byte 0: 2 is no tag of Result");
    assert_eq!(refusal::<Shape>(&[5]), "at byte 0: 5 is no tag of Shape");
    assert_eq!(refusal::<Page<bool>>(&[1, 0, 0, 0, 0, 0, 0, 0, 2, 0]), "at byte 8: 2 is no tag of bool");
    assert_eq!(refusal::<BigInt>(&[3; 9]), "at byte 0: 3 is no tag of Integer");
}

#[test]
fn a_message_that_is_too_short_or_too_long_is_refused() {
    assert_eq!(refusal::<u32>(&[1, 2, 3]), "at byte 0: 4 more bytes wanted, 3 left");
    assert_eq!(refusal::<(u8, u16)>(&[1, 2]), "at byte 1: 2 more bytes wanted, 1 left");
    assert_eq!(refusal::<String>(&[0; 7]), "at byte 0: 8 more bytes wanted, 7 left");
    assert_eq!(refusal::<u8>(&[1, 2, 3]), "2 bytes are left over after the value");
    assert_eq!(refusal::<()>(&[0]), "1 bytes are left over after the value");
    assert_eq!(refusal::<Only>(&[0]), "1 bytes are left over after the value");
}

#[test]
fn what_is_no_text_is_refused_where_it_begins() {
    assert_eq!(refusal::<String>(b"\x02\0\0\0\0\0\0\0a\xff"), "at byte 9: not UTF-8");
    // A surrogate in three bytes, a nul in two, and a character of which the end is missing.
    assert_eq!(refusal::<&str>(b"\x03\0\0\0\0\0\0\0\xed\xa0\x80"), "at byte 8: not UTF-8");
    assert_eq!(refusal::<&str>(b"\x02\0\0\0\0\0\0\0\xc0\x80"), "at byte 8: not UTF-8");
    assert_eq!(refusal::<&str>(b"\x05\0\0\0\0\0\0\0ab\xf0\x9f\x98"), "at byte 10: not UTF-8");
}

#[test]
fn a_number_that_no_character_has_is_refused() {
    for code in [0xd800, 0xdbff, 0xdc00, 0xdfff, 0x11_0000, u32::MAX] {
        assert_eq!(refusal::<char>(&code.to_le_bytes()), "at byte 0: not a character");
    }
}

#[test]
fn an_array_of_another_length_is_refused() {
    let two = encoded(&vec![1_u16, 2]);
    assert_eq!(refusal::<[u16; 3]>(&two), "at byte 0: 2 elements, where an array has 3");
    assert_eq!(refusal::<[u16; 1]>(&two), "at byte 0: 2 elements, where an array has 1");
    assert_eq!(refusal::<(u8, [String; 1])>(&[0; 9]), "at byte 1: 0 elements, where an array has 1");
}

#[test]
fn an_integer_has_one_form() {
    let refused = |bytes: &[u8]| {
        assert_eq!(refusal::<BigInt>(bytes), "at byte 1: not an integer in its shortest form", "{bytes:x?}");
        assert_eq!(refusal::<BigUint>(bytes), "at byte 1: not an integer in its shortest form", "{bytes:x?}");
        assert_eq!(refusal::<Duration>(bytes), "at byte 1: not an integer in its shortest form", "{bytes:x?}");
        assert_eq!(refusal::<SystemTime>(bytes), "at byte 1: not an integer in its shortest form", "{bytes:x?}");
    };
    for tag in [1, 2] {
        // No limbs, one of 0, and a leading one of 0.
        refused(&integer(tag, 0, &[]));
        refused(&integer(tag, 8, &[0]));
        refused(&integer(tag, 16, &[u64::MAX, 0]));
        // Half a limb, and one and a half.
        refused(&[integer(tag, 4, &[]).as_slice(), &[0xff; 4]].concat());
        refused(&[integer(tag, 12, &[u64::MAX]).as_slice(), &[0xff; 4]].concat());
        // Those that have a short form.
        refused(&integer(tag, 8, &[1]));
        refused(&integer(tag, 8, &[i64::MAX as u64]));
    }
    refused(&integer(2, 8, &[1 << 63]));
    // And the first that have none.
    assert_eq!(from_bytes(&integer(1, 8, &[1 << 63])), Ok(BigInt::from(1_u64 << 63)));
    assert_eq!(from_bytes(&integer(2, 8, &[(1 << 63) + 1])), Ok(-BigInt::from((1_u64 << 63) + 1)));
}

#[test]
fn a_negative_natural_is_refused() {
    for negative in [encoded(&BigInt::from(-1)), encoded(&BigInt::from(i64::MIN)), encoded(&-BigInt::from(u64::MAX))] {
        assert_eq!(
            refusal::<(u8, BigUint)>(&[&[7], negative.as_slice()].concat()),
            "at byte 1: not an integer of at least 0"
        );
    }
}

#[test]
fn what_is_twice_in_a_set_or_map_is_refused() {
    let twice = encoded(&vec![1_u16, 2, 1]);
    assert_eq!(refusal::<BTreeSet<u16>>(&twice), "at byte 12: not a set or map: an element is there twice");
    assert_eq!(refusal::<HashSet<u16>>(&twice), "at byte 12: not a set or map: an element is there twice");
    let twice = [&MAP, encoded(&vec![(1_u8, 1_u8), (1, 2)]).as_slice()].concat();
    assert_eq!(refusal::<BTreeMap<u8, u8>>(&twice), "at byte 14: not a set or map: an element is there twice");
    assert_eq!(refusal::<HashMap<u8, u8>>(&twice), "at byte 14: not a set or map: an element is there twice");
}

/// Of some types Haskell has another order than Rust: `Left`, the error, comes before `Right`.
#[test]
fn sets_and_maps_are_read_in_any_order() {
    let mixed = encoded(&vec![3_u16, 1, 2]);
    assert_eq!(from_bytes(&mixed), Ok(BTreeSet::from([1_u16, 2, 3])));
    assert_eq!(from_bytes(&mixed), Ok(HashSet::from([1_u16, 2, 3])));
    let mixed = [&MAP, encoded(&vec![(2_u8, 'b'), (1, 'a')]).as_slice()].concat();
    assert_eq!(from_bytes(&mixed), Ok(BTreeMap::from([(1_u8, 'a'), (2, 'b')])));
    assert_eq!(from_bytes(&mixed), Ok(HashMap::from([(1_u8, 'a'), (2, 'b')])));
}

#[test]
fn a_map_begins_with_its_mark() {
    let mut map = encoded(&BTreeMap::from([(1_u8, 2_u8)]));
    map[3] += 1;
    assert_eq!(refusal::<BTreeMap<u8, u8>>(&map), "at byte 0: not a map");
    assert_eq!(refusal::<HashMap<u8, u8>>(&map), "at byte 0: not a map");
}

#[test]
fn bits_that_no_flag_has_are_refused() {
    assert_eq!(refusal::<Modes>(&[0b1000]), "at byte 0: not a set of the flags there are");
    assert_eq!(refusal::<(u8, Rights)>(&[0, 3, 0, 0, 0]), "at byte 1: not a set of the flags there are");
}

#[test]
fn a_duration_out_of_range_is_refused() {
    let refused = |picoseconds: BigInt| {
        let bytes = encoded(&(0_u8, picoseconds));
        assert_eq!(refusal::<(u8, Duration)>(&bytes), "at byte 1: not a duration of 0 to 2^64 seconds");
    };
    let second = BigInt::from(10).pow(12);
    let longest = encoded(&((BigInt::from(1) << 64) * &second - 1));
    assert_eq!(from_bytes(&longest), Ok(Duration::MAX));
    refused((BigInt::from(1) << 64) * &second);
    refused(BigInt::from(-1));
    refused(-second);
    refused(BigInt::from(u128::MAX));
    refused(BigInt::from(u128::MAX) + 1);
}

/// A day, and the picoseconds of it.
fn time(day: impl Into<BigInt>, picoseconds: impl Into<BigInt>) -> Vec<u8> {
    encoded(&(day.into(), picoseconds.into()))
}

const SECOND: u64 = 1_000_000_000_000;
const DAY: u64 = 86_400 * SECOND;

#[test]
fn a_time_out_of_range_is_refused() {
    let refused = |bytes: Vec<u8>| {
        let bytes = [&[0], bytes.as_slice()].concat();
        assert_eq!(refusal::<(u8, SystemTime)>(&bytes), "at byte 1: not a time that Rust's SystemTime can express");
    };
    refused(time(i64::MAX, 0));
    refused(time(i64::MIN, 0));
    refused(time(BigInt::from(1) << 64, 0));
    refused(time(-BigInt::from(u128::MAX), 0));
    refused(time(0, -1));
    refused(time(0, DAY + SECOND));
    refused(time(0, BigInt::from(1) << 100));
    refused(time(0, BigInt::from(1) << 200));
}

#[test]
fn what_is_finer_than_a_nanosecond_is_cut_off() {
    assert_eq!(from_bytes(&encoded(&BigInt::from(1999))), Ok(Duration::from_nanos(1)));
    assert_eq!(from_bytes(&time(40_587, 1999)), Ok(UNIX_EPOCH + Duration::from_nanos(1)));
    // Downwards before 1970 too, so that a time never gets later.
    assert_eq!(from_bytes(&time(40_586, DAY - 1)), Ok(UNIX_EPOCH - Duration::from_nanos(1)));
}

#[test]
fn a_leap_second_is_the_first_of_the_next_day() {
    assert_eq!(from_bytes(&time(40_586, DAY + SECOND / 2)), Ok(UNIX_EPOCH + Duration::from_millis(500)));
    assert_eq!(from_bytes(&time(40_586, DAY + SECOND - 1)), Ok(UNIX_EPOCH + Duration::from_nanos(999_999_999)));
}
