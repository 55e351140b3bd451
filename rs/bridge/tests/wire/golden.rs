//! The bytes that Haskell wrote, by `hs/api/test/Samples.hs`: each label is a value, which Rust has to write and read
//! in the same way.

use crate::encoded;
use crate::types::*;
use num_bigint::{BigInt, BigUint};
use rs_in_hs::wire::{Decode, Encode, from_bytes};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::time::{Duration, UNIX_EPOCH};

const FILE: &str = include_str!("../../../runtime/tests/golden.txt");

/// The file, what was compared with it, and where the two differ.
struct Golden {
    bytes: BTreeMap<&'static str, Vec<u8>>,
    compared: BTreeSet<&'static str>,
    differences: Vec<String>,
}

impl Golden {
    fn read() -> Self {
        let line = |line: &'static str| line.split_once('\t').map(|(label, hex)| (label, unhex(hex))).expect(line);
        let bytes: BTreeMap<_, _> = FILE.lines().map(line).collect();
        assert_eq!(bytes.len(), FILE.lines().count(), "a label is there twice");
        Golden { bytes, compared: BTreeSet::new(), differences: Vec::new() }
    }

    fn is<T: Encode + for<'de> Decode<'de> + PartialEq + Debug>(&mut self, label: &'static str, value: T) {
        self.compared.insert(label);
        let Some(bytes) = self.bytes.get(label) else {
            return self.differences.push(format!("{label}: no such label in the file"));
        };
        let written = encoded(&value);
        if written != *bytes {
            self.differences.push(format!("{label}: {value:?} is written as {written:x?}, and not as {bytes:x?}"));
        }
        let read = from_bytes::<T>(bytes);
        if read.as_ref() != Ok(&value) {
            self.differences.push(format!("{label}: {read:?} is read from the bytes of {value:?}"));
        }
    }

    fn end(mut self) {
        let untold = self.bytes.keys().filter(|&label| !self.compared.contains(label));
        self.differences.extend(untold.map(|label| format!("{label}: no value in Rust")));
        assert!(self.differences.is_empty(), "{}", self.differences.join("\n"));
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}

#[test]
fn both_languages_write_the_same_bytes() {
    let mut golden = Golden::read();
    numbers(&mut golden);
    texts_and_tags(&mut golden);
    tuples(&mut golden);
    collections(&mut golden);
    integers(&mut golden);
    times(&mut golden);
    types_of_ones_own(&mut golden);
    golden.end();
}

#[test]
fn slices_that_borrow_have_the_same_bytes() {
    let golden = Golden::read();
    let read = |label| golden.bytes[label].as_slice();
    assert_eq!(encoded(&Cow::Borrowed(&[0.0, -1.5, f64::INFINITY][..])), read("vector/f64"));
    assert_eq!(from_bytes(read("vector/f64")), Ok(Cow::Borrowed(&[0.0, -1.5, f64::INFINITY][..])));
    assert_eq!(from_bytes(read("vector/empty")), Ok(Cow::<[f64]>::Borrowed(&[])));
    assert_eq!(from_bytes(read("list/u16")), Ok(Cow::Borrowed(&[1_u16, 2, 65535][..])));
    assert_eq!(from_bytes(read("bytes/four")), Ok(Cow::Borrowed(&[0_u8, 0xff, 0x80, 0x7f][..])));
    assert_eq!(from_bytes(read("list/text")), Ok(Cow::Borrowed(&["", "ä", "bc"][..])));
}

fn numbers(golden: &mut Golden) {
    golden.is("u8/0", 0_u8);
    golden.is("u8/max", u8::MAX);
    golden.is("u16/0", 0_u16);
    golden.is("u16/max", u16::MAX);
    golden.is("u32/0", 0_u32);
    golden.is("u32/max", u32::MAX);
    golden.is("u64/0", 0_u64);
    golden.is("u64/order", 0x0102_0304_0506_0708_u64);
    golden.is("u64/max", u64::MAX);
    golden.is("i8/min", i8::MIN);
    golden.is("i8/-1", -1_i8);
    golden.is("i8/max", i8::MAX);
    golden.is("i16/min", i16::MIN);
    golden.is("i16/-1", -1_i16);
    golden.is("i16/max", i16::MAX);
    golden.is("i32/min", i32::MIN);
    golden.is("i32/-1", -1_i32);
    golden.is("i32/max", i32::MAX);
    golden.is("i64/min", i64::MIN);
    golden.is("i64/-1", -1_i64);
    golden.is("i64/max", i64::MAX);
    golden.is("usize/max", usize::MAX);
    golden.is("isize/min", isize::MIN);
    golden.is("u128/0", 0_u128);
    golden.is("u128/order", 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10_u128);
    golden.is("u128/max", u128::MAX);
    golden.is("i128/min", i128::MIN);
    golden.is("i128/-1", -1_i128);
    golden.is("i128/0", 0_i128);
    golden.is("i128/max", i128::MAX);
    golden.is("f32/0", 0_f32);
    golden.is("f32/-1.5", -1.5_f32);
    golden.is("f32/inf", f32::INFINITY);
    golden.is("f32/smallest", f32::from_bits(1));
    golden.is("f64/0", 0_f64);
    golden.is("f64/-1.5", -1.5_f64);
    golden.is("f64/inf", f64::INFINITY);
    golden.is("f64/smallest", f64::from_bits(1));
}

fn texts_and_tags(golden: &mut Golden) {
    golden.is("char/A", 'A');
    golden.is("char/umlaut", 'ü');
    golden.is("char/before-surrogates", '\u{d7ff}');
    golden.is("char/after-surrogates", '\u{e000}');
    golden.is("char/max", char::MAX);
    golden.is("text/empty", String::new());
    golden.is("text/nul", "a\0b".to_string());
    golden.is("text/mixed", "ümläut😀".to_string());
    golden.is("bytes/empty", Vec::<u8>::new());
    golden.is("bytes/four", vec![0_u8, 0xff, 0x80, 0x7f]);
    golden.is("bytes/four", [0_u8, 0xff, 0x80, 0x7f]);
    golden.is("bool/false", false);
    golden.is("bool/true", true);
    golden.is("unit", ());
    golden.is("option/none", None::<u32>);
    golden.is("option/some", Some(7_u32));
    golden.is("option/some-none", Some(None::<u8>));
    golden.is("result/ok", Ok::<u32, String>(7));
    golden.is("result/err", Err::<u32, String>("no".into()));
}

fn tuples(golden: &mut Golden) {
    let (a, b, c, d, e, f, g) = (1_u8, 2_u16, 3_u32, 4_u64, -5_i8, -6_i16, -7_i32);
    golden.is("tuple/2", (a, b));
    golden.is("tuple/3", (a, "two".to_string(), true));
    golden.is("tuple/4", (a, b, c, d));
    golden.is("tuple/5", (a, b, c, d, e));
    golden.is("tuple/6", (a, b, c, d, e, f));
    golden.is("tuple/7", (a, b, c, d, e, f, g));
}

fn collections(golden: &mut Golden) {
    golden.is("list/empty", Vec::<u16>::new());
    golden.is("list/u16", vec![1_u16, 2, 65535]);
    golden.is("list/u16", [1_u16, 2, 65535]);
    golden.is("list/text", ["", "ä", "bc"].map(String::from).to_vec());
    golden.is("list/list", vec![vec![], vec![true, false]]);
    golden.is("nonempty/three", (1_u8, vec![2_u8, 3]));
    golden.is("map/empty", BTreeMap::<String, u32>::new());
    golden.is("map/empty", HashMap::<String, u32>::new());
    let three = [("a", 1), ("b", 2), ("ä", 3)].map(|(key, value)| (key.to_string(), value));
    golden.is("map/three", BTreeMap::<String, u32>::from(three.clone()));
    golden.is("map/three", HashMap::<String, u32>::from(three));
    golden.is("set/empty", BTreeSet::<u32>::new());
    golden.is("set/empty", HashSet::<u32>::new());
    golden.is("set/three", BTreeSet::<u32>::from([65536, 1, 256]));
    golden.is("set/three", HashSet::<u32>::from([65536, 1, 256]));
    golden.is("vector/empty", Vec::<f64>::new());
    golden.is("vector/f64", vec![0.0, -1.5, f64::INFINITY]);
}

fn integers(golden: &mut Golden) {
    let two_to = |exponent| BigInt::from(2).pow(exponent);
    golden.is("integer/0", BigInt::ZERO);
    golden.is("integer/-1", BigInt::from(-1));
    golden.is("integer/2^63-1", two_to(63) - 1);
    golden.is("integer/2^63", two_to(63));
    golden.is("integer/-2^63", -two_to(63));
    golden.is("integer/-2^63-1", -two_to(63) - 1);
    golden.is("integer/2^64", two_to(64));
    golden.is("integer/-2^64", -two_to(64));
    golden.is("integer/10^40", BigInt::from(10).pow(40));
    golden.is("integer/-10^40", -BigInt::from(10).pow(40));
    let two_to = |exponent| BigUint::from(2_u8).pow(exponent);
    golden.is("natural/0", BigUint::ZERO);
    golden.is("natural/2^63-1", two_to(63) - 1_u8);
    golden.is("natural/2^63", two_to(63));
    golden.is("natural/2^64-1", two_to(64) - 1_u8);
    golden.is("natural/2^64", two_to(64));
    golden.is("natural/10^40", BigUint::from(10_u8).pow(40));
}

fn times(golden: &mut Golden) {
    const DAY: u64 = 86_400;
    golden.is("time/1970", UNIX_EPOCH);
    // 20,778 days is 56 years, of which 14 are leap years, and 324 days.
    golden.is("time/2026", UNIX_EPOCH + Duration::new(20_778 * DAY + DAY / 2, 123_456_789));
    golden.is("time/1900", UNIX_EPOCH - Duration::from_secs(25_567 * DAY));
    golden.is("time/0001", UNIX_EPOCH - Duration::from_secs(719_162 * DAY));
    golden.is("duration/0", Duration::ZERO);
    golden.is("duration/1.5s", Duration::from_millis(1500));
    golden.is("duration/10^9s", Duration::from_secs(1_000_000_000));
}

fn types_of_ones_own(golden: &mut Golden) {
    let point = |x, y| Point { x, y };
    let person = |name: &str, age, nicknames: &[&str], home, height| Person {
        name: name.into(),
        age,
        nicknames: nicknames.iter().map(|&name| name.into()).collect(),
        home,
        height: Metres(height),
    };
    golden.is("record/full", person("Ada", 36, &["A", "ä"], Some(point(-1, 2)), 1.65));
    golden.is("record/empty", person("", 0, &[], None, 0.0));
    golden.is("newtype/metres", Metres(2.5));
    golden.is("enum/unit", Shape::Empty);
    golden.is("enum/newtype", Shape::Circle(7));
    golden.is("enum/tuple", Shape::Line(point(1, -1), point(2, -2)));
    golden.is("enum/record", Shape::Box { width: 5, height: 6 });
    golden.is("enum/text", Shape::Label("ä".into()));
    golden.is("single/unit", Only::Only);
    golden.is("single/fields", Single::Single(7, true));
    let node = |left, number, right| Tree::Node(Box::new(left), number, Box::new(right));
    golden.is("tree/leaf", Tree::Leaf);
    golden.is("tree/three", node(node(Tree::Leaf, 1, Tree::Leaf), 2, node(Tree::Leaf, 3, Tree::Leaf)));
    golden.is("page/u16", Page { items: vec![1_u16, 2], next: Some(3) });
    golden.is("page/text", Page { items: vec!["one".to_string(), "two".into()], next: None });
    golden.is("flags/u8", Modes::READ | Modes::RUN);
    golden.is("flags/u32", Rights::VISIT | Rights::OWN);
}
