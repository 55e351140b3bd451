//! What `#[data]` can stand on, and the bytes that it gives.

use crate::encoded;
use crate::types::*;
use rs_in_hs::data;
use rs_in_hs::wire::{Data, Decode, Encode, WireError, from_bytes, to_bytes};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug, Display};
use std::sync::Arc;

/// The value has these bytes, and the bytes this value.
#[track_caller]
fn meets<T: Encode + for<'de> Decode<'de> + PartialEq + Debug>(value: T, bytes: &[u8]) {
    assert_eq!(to_bytes(&value, bytes.len()).as_deref(), Ok(bytes), "{value:?}");
    assert_eq!(from_bytes::<T>(bytes), Ok(value));
}

#[test]
fn a_struct_is_its_fields() {
    #[data]
    #[derive(Debug, PartialEq)]
    struct Unit;
    #[data]
    #[derive(Debug, PartialEq)]
    struct Braces {}
    #[data]
    #[derive(Debug, PartialEq)]
    struct Parentheses();
    #[data]
    #[derive(Debug, PartialEq)]
    struct Pair(u16, Unit, u8);
    meets(Unit, &[]);
    meets(Braces {}, &[]);
    meets(Parentheses(), &[]);
    meets(Metres(1.0), &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    meets(Pair(0x0102, Unit, 3), &[2, 1, 3]);
    meets(Point { x: 1, y: -1 }, &[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
}

#[test]
fn the_tag_of_a_variant_is_its_place() {
    #[data]
    #[derive(Debug, PartialEq)]
    enum Level {
        Low = 10,
        High = 5,
    }
    meets(Level::Low, &[0]);
    meets(Level::High, &[1]);
    meets(Single::Single(7, true), &[7, 0, 1]);
    meets(vec![Single::Single(7, true); 2], &[2, 0, 0, 0, 0, 0, 0, 0, 7, 0, 1, 7, 0, 1]);
}

#[test]
fn an_enum_has_up_to_255_variants() {
    #[rustfmt::skip]
    #[data]
    #[derive(Debug, PartialEq)]
    enum Wide {
        V0, V1, V2, V3, V4, V5, V6, V7, V8, V9, V10, V11, V12, V13, V14, V15, V16, V17, V18, V19, V20, V21,
        V22, V23, V24, V25, V26, V27, V28, V29, V30, V31, V32, V33, V34, V35, V36, V37, V38, V39, V40, V41,
        V42, V43, V44, V45, V46, V47, V48, V49, V50, V51, V52, V53, V54, V55, V56, V57, V58, V59, V60, V61,
        V62, V63, V64, V65, V66, V67, V68, V69, V70, V71, V72, V73, V74, V75, V76, V77, V78, V79, V80, V81,
        V82, V83, V84, V85, V86, V87, V88, V89, V90, V91, V92, V93, V94, V95, V96, V97, V98, V99, V100,
        V101, V102, V103, V104, V105, V106, V107, V108, V109, V110, V111, V112, V113, V114, V115, V116,
        V117, V118, V119, V120, V121, V122, V123, V124, V125, V126, V127, V128, V129, V130, V131, V132,
        V133, V134, V135, V136, V137, V138, V139, V140, V141, V142, V143, V144, V145, V146, V147, V148,
        V149, V150, V151, V152, V153, V154, V155, V156, V157, V158, V159, V160, V161, V162, V163, V164,
        V165, V166, V167, V168, V169, V170, V171, V172, V173, V174, V175, V176, V177, V178, V179, V180,
        V181, V182, V183, V184, V185, V186, V187, V188, V189, V190, V191, V192, V193, V194, V195, V196,
        V197, V198, V199, V200, V201, V202, V203, V204, V205, V206, V207, V208, V209, V210, V211, V212,
        V213, V214, V215, V216, V217, V218, V219, V220, V221, V222, V223, V224, V225, V226, V227, V228,
        V229, V230, V231, V232, V233, V234, V235, V236, V237, V238, V239, V240, V241, V242, V243, V244,
        V245, V246, V247, V248, V249, V250, V251, V252, V253, V254,
    }
    meets(Wide::V0, &[0]);
    meets(Wide::V254, &[254]);
    for tag in 0..=254 {
        assert_eq!(encoded(&from_bytes::<Wide>(&[tag]).unwrap()), [tag]);
    }
    assert_eq!(from_bytes::<Wide>(&[255]), Err(WireError::Tag { at: 0, what: "Wide", found: 255 }));
}

/// std's `Result` has the error first. Of an enum that has its name, nothing is known.
#[test]
fn names_of_the_prelude_can_be_used() {
    #[data]
    #[derive(Debug, PartialEq)]
    enum Result {
        Ok(u8),
        Err(String),
    }
    #[data]
    #[derive(Debug, PartialEq)]
    struct Vec(Option);
    #[data]
    #[derive(Debug, PartialEq)]
    enum Option {
        Some,
        None,
    }
    meets(Result::Ok(7), &[0, 7]);
    meets(Result::Err(String::new()), &[1, 0, 0, 0, 0, 0, 0, 0, 0]);
    meets(Vec(Option::Some), &[0]);
    meets(Vec(Option::None), &[1]);
}

#[test]
fn names_can_be_any() {
    #[data]
    #[derive(Debug, PartialEq)]
    #[allow(non_camel_case_types)]
    enum r#match {
        r#fn,
        r#struct { r#type: u8, to: u8, from: u8, value: u8, types: u8, field0: u8 },
    }
    meets(r#match::r#fn, &[0]);
    meets(r#match::r#struct { r#type: 1, to: 2, from: 3, value: 4, types: 5, field0: 6 }, &[1, 1, 2, 3, 4, 5, 6]);
    assert_eq!(from_bytes::<r#match>(&[2]), Err(WireError::Tag { at: 0, what: "match", found: 2 }));
}

#[test]
fn a_type_can_have_parameters() {
    #[data]
    #[derive(Debug, PartialEq)]
    struct Grid<T, const WIDTH: usize, const HEIGHT: usize>([[T; WIDTH]; HEIGHT]);
    #[data]
    #[derive(Debug, PartialEq)]
    enum Either<L, R = L> {
        Left(L),
        Right { right: R },
    }
    #[data]
    #[derive(Debug, PartialEq)]
    struct Sorted<T: Clone>
    where
        T: Ord,
    {
        set: BTreeSet<T>,
    }
    let lengths = [2, 0, 0, 0, 0, 0, 0, 0];
    meets(Grid([[1_u8, 2]; 2]), &[&lengths[..], &lengths, &[1, 2], &lengths, &[1, 2]].concat());
    meets(Either::<u8>::Right { right: 7 }, &[1, 7]);
    meets(Either::<Either<u8, ()>, bool>::Left(Either::Right { right: () }), &[0, 1]);
    meets(Sorted { set: [2_u8, 1].into() }, &[&lengths[..], &[1, 2]].concat());
}

#[test]
fn a_type_can_contain_itself() {
    #[data]
    #[derive(Debug, PartialEq)]
    struct Folder {
        files: u8,
        folders: Vec<Folder>,
        parent: Option<Arc<Folder>>,
    }
    let folder = |files, folders| Folder { files, folders, parent: None };
    let (none, two) = ([0; 8], [2, 0, 0, 0, 0, 0, 0, 0]);
    let leaf = |files| [&[files][..], &none, &[0]].concat();
    meets(folder(1, vec![folder(2, vec![]), folder(3, vec![])]), &[&[1][..], &two, &leaf(2), &leaf(3), &[0]].concat());
    meets(
        Folder { parent: Some(folder(7, vec![]).into()), ..folder(1, vec![]) },
        &[&[1][..], &none, &[1], &leaf(7)].concat(),
    );
}

/// All kinds of what borrows, and of what does not show on the wire.
#[data]
#[derive(Debug, PartialEq)]
struct Borrowing<'a, T> {
    text: &'a str,
    bytes: &'a [u8],
    either: Cow<'a, str>,
    keys: BTreeMap<&'a str, Option<Cow<'a, [u8]>>>,
    inner: Inner<'a>,
    generic: T,
}

#[data]
#[derive(Debug, PartialEq)]
enum Inner<'message> {
    Line(&'message str),
    Nothing,
}

#[test]
fn texts_and_bytes_are_borrowed_from_the_message() {
    let value = Borrowing {
        text: "text",
        bytes: b"bytes",
        either: "either".into(),
        keys: [("key", Some(b"value"[..].into()))].into(),
        inner: Inner::Line("line"),
        generic: "generic",
    };
    let message = encoded(&value);
    let read: Borrowing<&str> = from_bytes(&message).unwrap();
    assert_eq!(read, value);
    assert!(matches!(&read.either, Cow::Borrowed(_)) && matches!(&read.keys["key"], Some(Cow::Borrowed(_))));
    let Inner::Line(line) = read.inner else { unreachable!("it equals the value") };
    let parts = [read.text, &read.either, read.keys.keys().next().unwrap(), line, read.generic].map(str::as_bytes);
    for part in parts.into_iter().chain([read.bytes, read.keys["key"].as_ref().unwrap()]) {
        let (message, part) = (message.as_ptr_range(), part.as_ptr_range());
        assert!(message.start <= part.start && part.end <= message.end, "a copy");
    }
    assert_eq!(encoded(&Inner::Nothing), [1]);
}

#[test]
fn pointers_are_what_they_point_to() {
    let text = encoded("text");
    assert_eq!(encoded(&Box::new("text")), text);
    assert_eq!(encoded(&Arc::<str>::from("text")), text);
    assert_eq!(encoded(&Cow::<str>::Owned("text".into())), text);
    assert_eq!(encoded(&Box::<[u8]>::from(*b"text")), text);
    meets(Box::new(Arc::new(String::from("text"))), &text);
    meets(Cow::<str>::Owned("text".into()).into_owned(), &text);
}

#[test]
fn an_error_has_its_message_after_its_fields() {
    let line = Refusal::Line { line: 7, what: "no".into() };
    let fields = [&[1, 7, 0, 0, 0][..], &encoded("no")].concat();
    meets(Refusal::NoPath, &[&[0][..], &encoded("no such path")].concat());
    meets(line.clone(), &[&fields[..], &encoded("line 7: no")].concat());
    // What the message is, is nothing to Rust, as long as it is one.
    assert_eq!(from_bytes(&[&fields[..], &encoded("anything")].concat()), Ok(line));
    assert_eq!(from_bytes::<Refusal>(&fields), Err(WireError::Short { at: 15, wanted: 8, left: 0 }));
    let no_text = [&fields[..], &encoded(&vec![0xff_u8])].concat();
    assert_eq!(from_bytes::<Refusal>(&no_text), Err(WireError::Value { at: 23, what: "UTF-8" }));
}

#[test]
fn structs_and_generic_types_can_be_errors() {
    #[data]
    #[derive(Debug, PartialEq, thiserror::Error)]
    #[error("closed")]
    struct Closed;
    #[data]
    #[derive(Debug, PartialEq, thiserror::Error)]
    #[error("not {0}")]
    struct Not<T: Debug + Display>(T);
    #[data]
    #[derive(Debug, PartialEq, thiserror::Error)]
    #[error("because of it")]
    struct Because {
        source: Closed,
    }
    let closed = encoded("closed");
    meets(Closed, &closed);
    meets(Err::<u8, _>(Closed), &[&[0], &closed[..]].concat());
    meets(Not(7_u8), &[&[7], &encoded("not 7")[..]].concat());
    meets(Because { source: Closed }, &[&closed[..], &encoded("because of it")].concat());
    // The message is what one of them takes at least.
    meets(vec![Closed], &[&[1, 0, 0, 0, 0, 0, 0, 0], &closed[..]].concat());
    assert_eq!((Closed::MIN_SIZE, Because::MIN_SIZE, Refusal::MIN_SIZE), (8, 16, 9));
}

/// `Display` alone makes no error.
#[test]
fn what_is_not_an_error_has_no_message() {
    #[data]
    #[derive(Debug, PartialEq)]
    struct Shown(u8);
    impl Display for Shown {
        fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
            to.write_str("shown")
        }
    }
    meets(Shown(7), &[7]);
}
