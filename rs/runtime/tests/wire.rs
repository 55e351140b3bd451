//! The bytes of messages: what `store` writes in Haskell, what is refused, and what hostile bytes cannot do.
#![cfg(not(loom))]

use allocation_counter::measure;
use proptest::prelude::*;
use proptest::sample::Index;
use rs_in_hs_runtime::wire::{WireError, from_bytes, to_bytes};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::ByteBuf;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Metres(f64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: i32,
    y: i32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Empty,
    Circle(u16),
    Line(Point, Point),
    Box { width: u8, height: u8 },
}

/// One of everything that can be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    id: u64,
    delta: i16,
    ratio: f64,
    sure: bool,
    initial: char,
    name: String,
    bytes: ByteBuf,
    tags: Vec<Option<u32>>,
    shape: Shape,
    end: Result<Point, String>,
    unit: Unit,
    within: Option<Box<Record>>,
}

/// The value has these bytes, and the bytes this value.
#[track_caller]
fn meets<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T, bytes: &[u8]) {
    assert_eq!(to_bytes(&value, bytes.len()).as_deref(), Ok(bytes), "{value:?}");
    assert_eq!(from_bytes::<T>(bytes), Ok(value));
}

fn encoded<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    to_bytes(value, usize::MAX).unwrap()
}

// The bytes.

#[test]
fn numbers_are_as_in_memory() {
    meets(0xab_u8, &[0xab]);
    meets(-2_i8, &[0xfe]);
    meets(0x1234_u16, &[0x34, 0x12]);
    meets(-2_i16, &[0xfe, 0xff]);
    meets(0x1234_5678_u32, &[0x78, 0x56, 0x34, 0x12]);
    meets(-2_i32, &[0xfe, 0xff, 0xff, 0xff]);
    meets(0x0102_0304_0506_0708_u64, &[8, 7, 6, 5, 4, 3, 2, 1]);
    meets(-2_i64, &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    meets(1_usize, &[1, 0, 0, 0, 0, 0, 0, 0]);
    meets(-1_isize, &[0xff; 8]);
    meets(1.5_f32, &[0, 0, 0xc0, 0x3f]);
    meets(-2.0_f64, &[0, 0, 0, 0, 0, 0, 0, 0xc0]);
}

#[test]
fn tags_are_one_byte() {
    meets(false, &[0]);
    meets(true, &[1]);
    meets(None::<u16>, &[0]);
    meets(Some(7_u16), &[1, 7, 0]);
    meets(Some(None::<u8>), &[1, 0]);
    meets(Shape::Empty, &[0]);
    meets(Shape::Circle(7), &[1, 7, 0]);
    meets(
        Shape::Line(Point { x: 1, y: 2 }, Point { x: 3, y: 4 }),
        &[2, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0],
    );
    meets(Shape::Box { width: 5, height: 6 }, &[3, 5, 6]);
}

/// A `Result` meets an `Either`, in which the error comes first.
#[test]
fn results_are_eithers() {
    meets(Err::<u8, u16>(7), &[0, 7, 0]);
    meets(Ok::<u8, u16>(7), &[1, 7]);
    meets(vec![Ok::<(), ()>(()), Err(())], &[2, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
}

/// Of std's `Result` only: an enum that an engine calls by that name is an enum like any other.
#[test]
fn an_enum_of_ones_own_named_result_keeps_its_order() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Result {
        Win,
        Loss,
        Draw(u8),
    }
    meets(Result::Win, &[0]);
    meets(Result::Loss, &[1]);
    meets(Result::Draw(7), &[2, 7]);
}

#[test]
fn texts_are_counted_in_bytes() {
    meets(String::new(), &[0; 8]);
    meets("aä€😀".to_string(), b"\x0a\0\0\0\0\0\0\0a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    meets('A', &[0x41, 0, 0, 0]);
    meets('😀', &[0, 0xf6, 1, 0]);
}

#[test]
fn sequences_are_counted() {
    meets(Vec::<u64>::new(), &[0; 8]);
    meets(vec![1_u16, 2], &[2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0]);
    meets(vec![1_u8, 2], &[2, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
    meets(ByteBuf::from([1, 2]), &[2, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
    meets(vec!["ab".to_string()], b"\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0ab");
}

#[test]
fn products_are_their_fields() {
    meets((), &[]);
    meets(Unit, &[]);
    meets(Metres(1.0), &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    meets(Point { x: 1, y: -1 }, &[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    meets((1_u8, 2_u16, 3_u8, 4_u8, 5_u8, 6_u8, 7_u8), &[1, 2, 0, 3, 4, 5, 6, 7]);
    meets([1_u16, 2], &[1, 0, 2, 0]);
}

#[test]
fn texts_and_bytes_are_borrowed_from_the_message() {
    let message = encoded(&("text", serde_bytes::Bytes::new(b"bytes")));
    let (text, bytes): (&str, &[u8]) = from_bytes(&message).unwrap();
    assert_eq!((text, bytes), ("text", &b"bytes"[..]));
    assert!(message.as_ptr_range().contains(&text.as_ptr()) && message.as_ptr_range().contains(&bytes.as_ptr()));
}

/// Where serde_store 0.2.2 writes what `store` writes, so does this module.
#[test]
fn agrees_with_serde_store() {
    #[track_caller]
    fn agree<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) {
        let theirs = serde_store::to_bytes(&value).unwrap();
        assert_eq!(encoded(&value), theirs);
        assert_eq!(from_bytes::<T>(&theirs).unwrap(), value);
        assert_eq!(serde_store::from_bytes::<T>(&theirs).unwrap(), value);
    }
    agree((u8::MAX, u16::MAX, u32::MAX, u64::MAX));
    agree((i8::MIN, i16::MIN, i32::MIN, i64::MIN));
    agree((f32::MIN_POSITIVE, f64::MAX));
    agree((Some(1_u8), None::<u8>));
    agree((1_u8, (2_u16, 3_u32)));
    agree(Point { x: -1, y: 1 });
    agree(Metres(2.5));
    agree(vec![vec![1_i64], vec![], vec![2, 3]]);
    agree(vec![1_u8, 2, 3]);
    agree(ByteBuf::from([1, 2, 3]));
    for shape in [Shape::Empty, Shape::Circle(3), Shape::Box { width: 1, height: 2 }] {
        agree(shape);
    }
    agree(Shape::Line(Point { x: 1, y: 2 }, Point { x: 3, y: 4 }));
}

// What is refused.

/// An enum of so many variants, one of which is sent.
#[derive(Debug, PartialEq)]
struct Many<const VARIANTS: usize>(u32);

impl<const VARIANTS: usize> Serialize for Many<VARIANTS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit_variant("Many", self.0, "")
    }
}

impl<'de, const VARIANTS: usize> Deserialize<'de> for Many<VARIANTS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<const VARIANTS: usize>;
        impl<'de, const VARIANTS: usize> serde::de::Visitor<'de> for Visitor<VARIANTS> {
            type Value = Many<VARIANTS>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
                formatter.write_str("a variant")
            }

            fn visit_enum<A: serde::de::EnumAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
                Ok(Many(access.variant::<u32>()?.0))
            }
        }
        deserializer.deserialize_enum("Many", &[""; VARIANTS], Visitor)
    }
}

fn unsupported<T: Debug>(result: Result<T, WireError>, what: &str) {
    match result {
        Err(WireError::Unsupported(found)) => assert_eq!(found, what),
        other => panic!("{other:?}"),
    }
}

#[test]
fn types_of_which_the_languages_differ_are_refused() {
    unsupported(
        to_bytes(&BTreeMap::from([(1_u8, 2_u8)]), 99),
        "a map (or a struct with `flatten`; send a Vec of pairs)",
    );
    unsupported(
        to_bytes(&HashMap::from([(1_u8, 2_u8)]), 99),
        "a map (or a struct with `flatten`; send a Vec of pairs)",
    );
    unsupported(from_bytes::<BTreeMap<u8, u8>>(&[0; 8]), "a map (or a struct with `flatten`; send a Vec of pairs)");
    for result in [to_bytes(&1_i128, 99), to_bytes(&1_u128, 99)] {
        assert!(matches!(result, Err(WireError::Custom(_))), "{result:?}");
    }
    assert!(matches!(from_bytes::<i128>(&[0; 16]), Err(WireError::Custom(_))));
    assert!(matches!(from_bytes::<u128>(&[0; 16]), Err(WireError::Custom(_))));
}

#[test]
fn enums_have_2_to_255_variants() {
    #[derive(Debug, Deserialize)]
    enum Single {
        #[expect(dead_code, reason = "it cannot be decoded")]
        Only(u8),
    }
    unsupported(from_bytes::<Single>(&[0, 7]), "an enum of a single variant");
    meets(Many::<2>(1), &[1]);
    meets(Many::<255>(254), &[254]);
    let found = from_bytes::<Many<255>>(&[255]).unwrap_err();
    assert_eq!(found, WireError::Tag { at: 0, what: "Many", found: 255 });
    unsupported(from_bytes::<Many<256>>(&[0]), "an enum of more than 255 variants");
    for index in [255, 256, 511, u32::MAX] {
        unsupported(to_bytes(&Many::<256>(index), 99), "an enum of more than 255 variants");
    }
}

#[test]
fn values_without_a_type_of_their_own_are_refused() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        point: Point,
    }
    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "it cannot be decoded")]
    enum Untagged {
        Number(u8),
        Text(String),
    }
    #[derive(Serialize)]
    struct Skipping {
        #[serde(skip_serializing_if = "Option::is_none")]
        perhaps: Option<u8>,
    }
    unsupported(
        to_bytes(&Flat { point: Point { x: 1, y: 2 } }, 99),
        "a map (or a struct with `flatten`; send a Vec of pairs)",
    );
    unsupported(from_bytes::<Flat>(&[0; 8]), "a map (or a struct with `flatten`; send a Vec of pairs)");
    unsupported(
        from_bytes::<Untagged>(&[0; 8]),
        "a value that has to say its own type (as serde's `untagged` and `flatten` need)",
    );
    unsupported(to_bytes(&Skipping { perhaps: None }, 99), "a skipped field");
    assert_eq!(to_bytes(&Skipping { perhaps: Some(1) }, 99), Ok(vec![1, 1]));
}

#[test]
fn bytes_that_are_no_value_are_refused() {
    assert_eq!(from_bytes::<bool>(&[7]), Err(WireError::Tag { at: 0, what: "Bool", found: 7 }));
    assert_eq!(from_bytes::<(u16, Option<u8>)>(&[0, 0, 2, 0]), Err(WireError::Tag { at: 2, what: "Maybe", found: 2 }));
    assert_eq!(from_bytes::<Shape>(&[4]), Err(WireError::Tag { at: 0, what: "Shape", found: 4 }));
    assert_eq!(from_bytes::<Result<u8, u8>>(&[2, 0]), Err(WireError::Tag { at: 0, what: "Result", found: 2 }));
    for code in [0xd800_u32, 0xdfff, 0x11_0000, u32::MAX] {
        let expected = WireError::Text { at: 0, what: "a character" };
        assert_eq!(from_bytes::<char>(&code.to_le_bytes()), Err(expected));
    }
    let expected = WireError::Text { at: 9, what: "UTF-8" };
    assert_eq!(from_bytes::<String>(b"\x02\0\0\0\0\0\0\0a\xff"), Err(expected));
    assert_eq!(from_bytes::<u8>(&[1, 2, 3]), Err(WireError::LeftOver { left: 2 }));
    assert_eq!(from_bytes::<()>(&[0]), Err(WireError::LeftOver { left: 1 }));
    assert_eq!(from_bytes::<u32>(&[1, 2, 3]), Err(WireError::Short { at: 0, wanted: 4, left: 3 }));
    assert_eq!(from_bytes::<(u8, u16)>(&[1, 2]), Err(WireError::Short { at: 1, wanted: 2, left: 1 }));
    assert_eq!(from_bytes::<String>(&[0; 7]), Err(WireError::Short { at: 0, wanted: 8, left: 7 }));
}

const HOSTILE: [u64; 6] = [9, 1 << 32, 1 << 62, i64::MAX as u64, (1 << 63) + 1, u64::MAX];

/// 16 bytes, of which the first 8 claim that far more follow.
fn hostile(len: u64) -> [u8; 16] {
    let mut message = [1; 16];
    message[..8].copy_from_slice(&len.to_le_bytes());
    message
}

#[test]
fn a_length_is_refused_before_anything_is_allocated() {
    fn refuse<T: DeserializeOwned + Debug>(len: u64) {
        let message = hostile(len);
        let mut result = None;
        let allocated = measure(|| result = Some(from_bytes::<T>(&message)));
        let what = std::any::type_name::<T>();
        assert_eq!(result.unwrap().unwrap_err(), WireError::Short { at: 8, wanted: len, left: 8 }, "{what}");
        assert!(allocated.bytes_total < 1024, "{what}: {allocated:?}");
    }
    for len in HOSTILE {
        refuse::<Vec<u8>>(len);
        refuse::<Vec<u64>>(len);
        refuse::<Vec<Vec<String>>>(len);
        refuse::<Vec<Record>>(len);
        // They take no bytes, and would be made for ever.
        refuse::<Vec<()>>(len);
        refuse::<String>(len);
        refuse::<ByteBuf>(len);
        refuse::<Box<[u8]>>(len);
    }
}

/// Elements that take no bytes cannot be counted by what is left, so a list of them is refused.
#[test]
fn a_list_of_nothings_is_refused() {
    assert_eq!(from_bytes::<Vec<()>>(&[0; 8]), Ok(vec![]));
    assert_eq!(from_bytes::<Vec<()>>(&encoded(&vec![(); 3])), Err(WireError::Short { at: 8, wanted: 3, left: 0 }));
}

#[test]
fn values_nest_512_deep() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Chain {
        End,
        Link(Box<Chain>),
    }
    let message = |links: usize| {
        let mut message = vec![1; links];
        message.push(0);
        message
    };
    let longest = from_bytes::<Chain>(&message(511)).unwrap();
    assert_eq!(encoded(&longest), message(511));
    for links in [512, 600, 1_000_000] {
        assert_eq!(from_bytes::<Chain>(&message(links)), Err(WireError::TooDeep));
    }
    let too_long = (0..600).fold(Chain::End, |chain, _| Chain::Link(Box::new(chain)));
    assert_eq!(to_bytes(&too_long, 4096), Err(WireError::TooDeep));
}

// Limits.

#[test]
fn the_limit_is_of_the_whole_encoding() {
    let value = (1_u64, "text", vec![1_u16; 10]);
    let size = 8 + 8 + 4 + 8 + 20;
    assert_eq!(to_bytes(&value, size).unwrap().len(), size);
    for limit in 0..size {
        let error = to_bytes(&value, limit).unwrap_err();
        assert_eq!(error, WireError::TooLarge { size, limit });
        assert!(error.to_string().contains(&size.to_string()), "{error}");
    }
}

#[test]
fn beyond_the_limit_nothing_is_kept() {
    let large = ByteBuf::from(vec![7; 1 << 20]);
    let many = vec![7_u8; 1 << 20];
    let refuse = |encode: &dyn Fn() -> Result<Vec<u8>, WireError>| {
        let mut result = None;
        let allocated = measure(|| result = Some(encode()));
        assert_eq!(result.unwrap(), Err(WireError::TooLarge { size: 8 + (1 << 20), limit: 100 }));
        // A vector grows by doubling.
        assert!(allocated.bytes_max <= 200, "{allocated:?}");
    };
    refuse(&|| to_bytes(&large, 100));
    refuse(&|| to_bytes(&many, 100));
}

// Any value, and any bytes.

fn record() -> impl Strategy<Value = Record> {
    let shape = prop_oneof![
        Just(Shape::Empty),
        any::<u16>().prop_map(Shape::Circle),
        any::<[i32; 4]>().prop_map(|[a, b, c, d]| Shape::Line(Point { x: a, y: b }, Point { x: c, y: d })),
        any::<(u8, u8)>().prop_map(|(width, height)| Shape::Box { width, height }),
    ];
    let end = prop_oneof![any::<(i32, i32)>().prop_map(|(x, y)| Ok(Point { x, y })), ".*".prop_map(Err),];
    let numbers = any::<(u64, i16, f64, bool, char)>();
    let flat = (numbers, ".*", any::<Vec<u8>>(), any::<Vec<Option<u32>>>(), shape, end).prop_map(
        |((id, delta, ratio, sure, initial), name, bytes, tags, shape, end)| Record {
            id,
            delta,
            ratio,
            sure,
            initial,
            name,
            bytes: ByteBuf::from(bytes),
            tags,
            shape,
            end,
            unit: Unit,
            within: None,
        },
    );
    flat.prop_recursive(3, 4, 1, |inner| {
        (inner.clone(), inner).prop_map(|(outer, inner)| Record { within: Some(Box::new(inner)), ..outer })
    })
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(record in record()) {
        prop_assert_eq!(from_bytes::<Record>(&encoded(&record)), Ok(record));
    }

    #[test]
    fn a_truncated_message_is_refused(record in record(), cut: Index) {
        let message = encoded(&record);
        let end = cut.index(message.len());
        prop_assert!(from_bytes::<Record>(&message[..end]).is_err());
    }

    #[test]
    fn an_extended_message_is_refused(record in record(), more in prop::collection::vec(any::<u8>(), 1..20)) {
        let mut message = encoded(&record);
        message.extend(&more);
        prop_assert_eq!(from_bytes::<Record>(&message), Err(WireError::LeftOver { left: more.len() }));
    }

    /// Each value has one encoding: bytes that are decoded are those that would be encoded.
    #[test]
    fn a_mutated_message_is_refused_or_another_value(record in record(), changes: Vec<(Index, u8)>) {
        let mut message = encoded(&record);
        for (at, byte) in changes {
            let at = at.index(message.len());
            message[at] = byte;
        }
        if let Ok(decoded) = from_bytes::<Record>(&message) {
            prop_assert_eq!(encoded(&decoded), message);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_a_value(message: Vec<u8>) {
        if let Ok(decoded) = from_bytes::<(Shape, Vec<Result<bool, char>>)>(&message) {
            prop_assert_eq!(encoded(&decoded), message);
        }
    }
}
