//! Schemas become text and back.

use crate::{described, everything::Everything, mirror::Mirror, search::Search};
use proptest::prelude::*;
use rs_in_hs::schema::text::{self, all, canonical, parse};
use rs_in_hs::schema::{Service, Shape};

fn services() -> [Service; 3] {
    [described::<dyn Everything>(), described::<dyn Mirror>(), described::<dyn Search>()]
}

#[test]
fn a_service_is_read_as_it_was_written() {
    for service in services() {
        let text = all(std::slice::from_ref(&service));
        assert!(parse(&text) == Ok(vec![service]), "{text}");
    }
}

#[test]
fn nonblocking_calls_are_written_and_read() {
    let service = described::<dyn Everything>();
    let is_nonblocking = |name| service.method(name).map(|method| method.is_nonblocking);
    assert_eq!([is_nonblocking("at_once"), is_nonblocking("match")], [Some(true), Some(false)]);
    let text = all(std::slice::from_ref(&service));
    assert!(text.contains("\nnonblocking call at_once() -> u64\n"), "{text}");
    let text = "service Search\n/// All.\nnonblocking call count(of: u8) -> u64\ncall find() -> ()\n";
    let read = parse(text).expect("a schema");
    assert!(read[0].methods[0].is_nonblocking && !read[0].methods[1].is_nonblocking);
    assert_eq!(all(&read), text);
}

#[test]
fn several_services_stand_one_after_the_other() {
    let services = services();
    assert!(parse(&all(&services)).as_deref() == Ok(&services[..]));
    assert_eq!(parse(""), Ok(Vec::new()));
}

#[test]
fn the_canonical_text_is_read_as_a_service_of_the_same_hash() {
    for service in services() {
        let read = parse(&canonical(&service)).expect("a schema");
        assert_eq!(read[0].hash(), service.hash());
        assert_eq!(canonical(&read[0]), canonical(&service));
        for method in &service.methods {
            let other = read[0].method(&method.name).expect("all methods are there");
            assert_eq!(read[0].method_id(other), service.method_id(method), "{}", method.name);
        }
    }
}

#[test]
fn docs_are_the_lines_of_the_source() {
    let service = described::<dyn Everything>();
    let expected = "Docs with an empty line,\n\n  indented ones, \"quotes\", `code`, a \\ and {braces}.\n\n\
        struct Like {\n  this: u8\n}";
    assert_eq!(service.docs, expected);
    let docs = |name| service.method(name).map(|method| method.docs.as_str());
    assert_eq!(docs("match"), Some("call like(a: method) -> ()"));
    assert_eq!(docs("tell"), Some("After the attribute."));
    assert_eq!(docs("nested"), Some(""));
    assert_eq!(service.types.get("Permits").map(|of| of.docs.as_str()), Some("What is allowed."));
    let Some(Shape::Enum(variants)) = service.types.get("Choice").map(|of| &of.shape) else { panic!("an enum") };
    assert_eq!(variants[0].docs, "Nothing.");
    assert_eq!(variants[1].fields[0].docs, "In it.");
    assert_eq!(variants[2].fields[0].docs, "Not from a comment.");
}

#[test]
fn names_are_those_of_haskell_where_generics_meet_types() {
    let service = described::<dyn Everything>();
    let names: Vec<_> = service.types.iter().map(|definition| definition.name.as_str()).collect();
    let expected = [
        "struct",
        "Unit",
        "Borrowed",
        "EmptyTuple",
        "EmptyBraces",
        "PairWord8Text",
        "PagePairWord8Text",
        "PairListMaybeUnitPagePairWord8Text",
        "Choice",
        "PageListChoice3",
        "PagePageListChoice3",
        "Failure",
        "Tree",
        "Forest",
        "PageText",
        "Digest4",
        "Digest32",
        "Permits",
        "Ünïcode",
    ];
    assert_eq!(names, expected);
}

#[test]
fn what_is_no_schema_is_told_with_its_line() {
    let told = |text: &str| parse(text).expect_err("no schema").to_string();
    assert_eq!(told("server Search"), "line 1 of the schema is not understood: server Search");
    assert_eq!(
        told("service Search\ncall find(what: Vec<u8>, ) -> ()\n"),
        "line 2 of the schema is not understood: call find(what: Vec<u8>, ) -> ()"
    );
    assert_eq!(
        told("service Search\nstruct Hit {\n  line u64\n}\n"),
        "line 3 of the schema is not understood: line u64"
    );
    assert_eq!(told("service Search\nstruct Hit {\n"), "line 3 of the schema is not understood: its end");
    for line in ["nonblocking cast forget()", "nonblocking nonblocking call count() -> u8", "nonblocking find() -> u8"]
    {
        let text = format!("service Search\n{line}\n");
        assert_eq!(told(&text), format!("line 2 of the schema is not understood: {line}"));
    }
    assert_eq!(
        told("service Search\nflags Mode: Mode {\n}"),
        "line 2 of the schema is not understood: flags Mode: Mode {"
    );
}

#[test]
fn types_that_are_nested_without_end_are_refused() {
    for (open, close) in [("Option<", ">"), ("(", ")"), ("[", "; 1]"), ("Map<u8, ", ">"), ("Callback<u8, ", ">")] {
        let depth = 1_000_000;
        let text = format!("service S\ncall m() -> {}u8{}", open.repeat(depth), close.repeat(depth));
        assert!(parse(&text).is_err());
        let text = format!("service S\ncall m() -> {}u16{}", open.repeat(50), close.repeat(50));
        assert_eq!(parse(&text).is_ok(), open != "(", "a tuple of one part is none");
    }
}

/// What the syntax is made of, so that mutations come across the reader's ways.
const PIECES: &[&str] = &[
    "\n",
    " ",
    "///",
    "service ",
    "call ",
    "cast ",
    "nonblocking ",
    "struct ",
    "enum ",
    "error ",
    "flags ",
    "object ",
    " {",
    "}",
    "(",
    ")",
    "<",
    ">",
    "[",
    "]",
    "; ",
    ", ",
    ": ",
    " -> ",
    "_",
    "u8",
    "Vec<",
    "Map<",
    "Object<",
    "Callback<",
    "Stream<",
    "()",
    " = ",
    "340282366920938463463374607431768211456",
    "é",
    "\u{0}",
    "\r",
];

fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..12_usize, prop::option::of(prop::sample::select(PIECES)));
    (0..3_usize, prop::collection::vec(change, 1..6)).prop_map(|(which, changes)| {
        let mut text: Vec<char> = all(&services()[which..=which]).chars().collect();
        for (at, removed, added) in changes {
            let at = at.index(text.len() + 1);
            let end = text.len().min(at + removed);
            text.splice(at..end, added.unwrap_or("").chars());
        }
        text.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn garbage_is_read_or_refused(text in mutated()) {
        read_or_refused(&text)?;
    }

    #[test]
    fn pure_garbage_is_read_or_refused(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        read_or_refused(&format!("service S\n{}", pieces.concat()))?;
    }
}

/// Whatever is read can be hashed; and written and read again, unless it goes the wrong way.
fn read_or_refused(text: &str) -> Result<(), TestCaseError> {
    let Ok(services) = text::parse(text) else { return Ok(()) };
    for service in &services {
        service.hash();
        let _: Vec<_> = service.methods.iter().map(|method| service.method_id(method)).collect();
    }
    let written = all(&services);
    if !written.starts_with(text::REFUSED) {
        prop_assert_eq!(parse(&written), Ok(services));
    }
    Ok(())
}
