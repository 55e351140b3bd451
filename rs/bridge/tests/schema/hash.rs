//! What the hash of a schema depends on, and what the number of a method.

use crate::described;
use rs_in_hs::schema::Service;
use rs_in_hs::schema::text::{canonical, parse};
use std::collections::BTreeSet;

/// The same service, as one might write it anew.
macro_rules! version {
    ($module:ident, $docs:literal, { $($methods:tt)* }, { $($types:item)* }) => {
        mod $module {
            use rs_in_hs::{data, service};

            #[doc = $docs]
            #[service]
            pub trait Search {
                $($methods)*
            }

            $($types)*
        }
    };
}

version!(
    one,
    "Searches.",
    {
        /// Adds.
        fn add(&self, text: String) -> u64;
        fn find(&self, query: Query) -> Result<Vec<Hit>, String>;
        #[cast]
        fn forget(&self, r#where: u64);
    },
    {
        #[data]
        pub struct Query {
            /// What is searched.
            pub pattern: String,
            pub limit: Option<u64>,
        }

        #[data]
        pub struct Hit(pub u64, pub Kind);

        #[data]
        pub enum Kind {
            Exact,
            Near,
        }
    }
);

version!(
    other,
    "Searches documents.\n\nIn other words.",
    {
        #[cast]
        fn forget(&self, context: &rs_in_hs::Context, r#where: u64);
        /// Finds.
        #[nonblocking]
        fn find(&self, query: Query<'_>) -> std::result::Result<Box<[Hit]>, &'static str>;
        fn add(&self, text: &str, token: rs_in_hs::CallToken<u64>);
    },
    {
        /// How.
        #[data]
        pub enum Kind {
            /** Just so. */
            Exact,
            Near,
        }

        #[cfg(all())]
        #[data]
        pub struct Hit(#[doc = "The line."] pub u64, pub std::sync::Arc<Kind>);

        #[data]
        pub struct Query<'a> {
            pub pattern: std::borrow::Cow<'a, str>,
            pub limit: Option<u64>,
        }
    }
);

#[test]
fn docs_layout_order_and_ways_to_hold_a_value_make_no_difference() {
    let (one, other) = (described::<dyn one::Search>(), described::<dyn other::Search>());
    assert_eq!(one.docs, "Searches.");
    assert_eq!(other.docs, "Searches documents.\n\nIn other words.");
    assert_eq!(one.hash(), other.hash());
    assert_eq!(ids(&one), ids(&other));
}

#[test]
fn the_hash_stays_what_it_was() {
    // It stands in modules that users have committed.
    assert_eq!(described::<dyn one::Search>().hash(), 27_063_297_079_976_513_735_433_255_341_969_813_507);
    assert_eq!(read(BASE).hash(), 295_585_625_005_360_120_746_007_733_148_770_376_819);
}

/// One of everything that a hash depends on.
const BASE: &str = "service Base
call call(one: u8, other: u16) -> Option<Record>
cast cast(sum: Sum)
call text(value: (String, [u32; 3], [u8; 3])) -> Map<String, Set<char>>
call far() -> Result<Mode, Failure>
struct Record {
  first: Vec<u8>
  second: bool
  third: Pair
}
struct Pair {
  _: i8
  _: f32
}
enum Sum {
  Left {
    inner: ()
  }
  Right
}
error struct Failure {
  at: u64
}
flags Mode: u8 {
  READ = 1
  WRITE = 2
}
";

/// Changes of the base, each of which someone at the other side would notice.
const CHANGES: &[(&str, &str)] = &[
    // Names.
    ("service Base", "service Other"),
    ("call call(", "call called("),
    ("one: u8", "first: u8"),
    ("  first: Vec<u8>", "  initial: Vec<u8>"),
    ("  Right", "  Wrong"),
    ("  READ", "  READS"),
    ("Record", "Entry"),
    // Types.
    ("one: u8", "one: i8"),
    ("other: u16", "other: u64"),
    ("Option<Record>", "Record"),
    ("Option<Record>", "Vec<Record>"),
    ("first: Vec<u8>", "first: String"),
    ("first: Vec<u8>", "first: Vec<u16>"),
    ("[u32; 3]", "[u32; 4]"),
    ("[u32; 3]", "Vec<u32>"),
    ("[u8; 3]", "[u8; 4]"),
    ("(String, [u32; 3], [u8; 3])", "(String, [u8; 3], [u32; 3])"),
    ("Map<String, Set<char>>", "Map<String, Vec<char>>"),
    ("Set<char>", "char"),
    ("Result<Mode, Failure>", "Result<Failure, Mode>"),
    ("_: i8", "_: i16"),
    ("inner: ()", "inner: u8"),
    ("flags Mode: u8", "flags Mode: u16"),
    // Order, and number.
    ("one: u8, other: u16", "other: u16, one: u8"),
    ("  first: Vec<u8>\n  second: bool", "  second: bool\n  first: Vec<u8>"),
    ("  _: i8\n  _: f32", "  _: f32\n  _: i8"),
    ("  Left {\n    inner: ()\n  }\n  Right\n", "  Right\n  Left {\n    inner: ()\n  }\n"),
    ("  READ = 1\n  WRITE = 2", "  WRITE = 2\n  READ = 1"),
    (", other: u16", ""),
    ("  second: bool\n", ""),
    ("  Right\n", ""),
    ("  WRITE = 2\n", ""),
    ("  Right\n", "  Right\n  Both\n"),
    // Kinds.
    ("cast cast(sum: Sum)", "call cast(sum: Sum) -> ()"),
    ("call text(value: (String, [u32; 3], [u8; 3])) -> Map<String, Set<char>>\n", ""),
    ("struct Pair {\n  _: i8\n  _: f32\n}", "enum Pair {\n  Pair {\n    _: i8\n    _: f32\n  }\n}"),
    ("  _: i8\n  _: f32", "  one: i8\n  other: f32"),
    ("  Left {\n    inner: ()\n  }", "  Left {\n    _: ()\n  }"),
    ("error struct Failure", "struct Failure"),
    ("struct Record", "error struct Record"),
    ("flags Mode: u8 {\n  READ = 1\n  WRITE = 2\n}", "struct Mode {\n  _: u8\n}"),
    // Bits.
    ("WRITE = 2", "WRITE = 4"),
];

#[test]
fn each_change_that_matters_makes_another_hash() {
    let mut seen = BTreeSet::from([read(BASE).hash()]);
    for (from, to) in CHANGES {
        assert!(seen.insert(changed(from, to).hash()), "{from} → {to}");
    }
}

#[test]
fn a_method_keeps_its_number_until_its_own_types_change() {
    let methods_with_others = |from, to| {
        let (before, after) = (ids(&read(BASE)), ids(&changed(from, to)));
        before.difference(&after).map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(methods_with_others("one: u8", "one: i8"), ["call"]);
    assert_eq!(methods_with_others("-> Option<Record>", "-> Record"), ["call"]);
    assert_eq!(methods_with_others("_: f32", "_: f64"), ["call"], "by way of the record");
    assert_eq!(methods_with_others("  Right", "  Wrong"), ["cast"]);
    assert_eq!(methods_with_others("cast cast(sum: Sum)", "call cast(sum: Sum) -> ()"), ["cast"]);
    assert_eq!(methods_with_others("Set<char>", "char"), ["text"]);
    assert_eq!(methods_with_others("WRITE = 2", "WRITE = 4"), ["far"]);
    assert_eq!(methods_with_others("error struct Failure", "struct Failure"), ["far"]);
    assert_eq!(methods_with_others("service Base", "service Other"), ["call", "cast", "far", "text"]);
}

/// It is a promise of the engine's, which each call that relies on it asks for anew.
#[test]
fn being_nonblocking_makes_no_difference() {
    let (one, other) = (read(BASE), changed("call call(", "nonblocking call call("));
    assert!(!one.methods[0].is_nonblocking && other.methods[0].is_nonblocking);
    assert_eq!(one.hash(), other.hash());
    assert_eq!(ids(&one), ids(&other));
    assert_eq!(canonical(&one), canonical(&other));
}

fn read(text: &str) -> Service {
    parse(text).expect("a schema").remove(0)
}

fn changed(from: &str, to: &str) -> Service {
    assert!(BASE.contains(from), "{from}");
    read(&BASE.replace(from, to))
}

fn ids(service: &Service) -> BTreeSet<(String, u64)> {
    service.methods.iter().map(|method| (method.name.clone(), service.method_id(method))).collect()
}
