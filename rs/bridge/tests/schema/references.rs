//! Objects, functions and streams: what carries them, and which way they go.

use rs_in_hs::schema::difference::differences;
use rs_in_hs::schema::text::{all, canonical, parse};
use rs_in_hs::schema::{Service, Type, Types, opaque};
use rs_in_hs::{Engine, Opaque};

fn service(lines: &str) -> Service {
    parse(&format!("service S\n{lines}")).expect("a schema").remove(0)
}

/// What is told of a service with these lines.
fn told(lines: &str) -> Vec<String> {
    service(lines).clashes()
}

struct Voice;

impl Opaque for Voice {
    const NAME: &'static str = "Voice";
    const DOCS: &'static str = "It sounds.";
    const PLACE: &'static str = "here";
}

mod other {
    pub struct Voice;

    impl super::Opaque for Voice {
        const NAME: &'static str = "Voice";
        const DOCS: &'static str = "It sounds otherwise.";
        const PLACE: &'static str = "there";
    }
}

#[test]
fn an_object_is_defined_once_with_its_docs() {
    let mut types = Types::default();
    assert_eq!(opaque::<Voice>(&mut types), Type::Object("Voice".into()));
    assert_eq!(opaque::<Voice>(&mut types), Type::Object("Voice".into()));
    let service = Service { name: "S".into(), types, ..Service::default() };
    assert_eq!(all(&[service]), "service S\n/// It sounds.\nobject Voice\n");
}

#[test]
fn two_objects_of_one_name_are_refused() {
    let mut types = Types::default();
    opaque::<Voice>(&mut types);
    opaque::<other::Voice>(&mut types);
    assert_eq!(
        types.clashes(),
        ["schema::references::Voice and schema::references::other::Voice would both be Voice in Haskell: \
          rename one of them"]
    );
}

#[test]
fn each_is_read_as_it_was_written() {
    let lines = "call changes(folder: String) -> Stream<Change>\n\
                 call open(path: String) -> Result<Object<Index>, String>\n\
                 call serve(decider: Decider) -> Closure<Object<Index>, Option<Change>>\n\
                 struct Change {\n  at: u64\n}\n\
                 struct Decider {\n  decide: Callback<Change, Result<(), String>>\n}\n\
                 /// A tree.\nobject Index\n";
    let service = service(lines);
    assert_eq!(all(std::slice::from_ref(&service)), format!("service S\n{lines}"));
    assert_eq!(canonical(&service), format!("service S\n{}", lines.replace("/// A tree.\n", "")));
    for line in ["call f() -> Object<u8>", "call f() -> Object<Vec<A>>", "call f() -> Stream<u8, u8>", "error object A"]
    {
        assert!(parse(&format!("service S\n{line}\nobject A\n")).is_err(), "{line}");
    }
}

#[test]
fn a_change_is_told_and_makes_another_hash() {
    let with = |answer: &str, kind: &str| service(&format!("call f(a: Object<A>) -> {answer}\n{kind} A\n"));
    let told = |one: &Service, other: &Service| {
        assert_ne!(one.hash(), other.hash());
        assert_ne!(one.method_id(&one.methods[0]), other.method_id(&other.methods[0]));
        differences(one, other)
    };
    let stream = with("Stream<u8>", "object");
    assert_eq!(told(&stream, &with("u8", "object")), ["f, answer: Rust Stream<u8>, Haskell Word8"]);
    assert_eq!(told(&with("u8", "object"), &stream), ["f, answer: Rust u8, Haskell Stream Word8"]);
    assert_eq!(
        told(&with("Closure<(), u8>", "object"), &with("Object<A>", "object")),
        ["f, answer: Rust Closure<(), u8>, Haskell Object A"]
    );
    assert_eq!(told(&stream, &with("Stream<u8>", "struct")), ["f, argument a, A: Rust an object, Haskell a struct"]);
}

#[test]
fn what_lies_in_data_is_found_wherever_it_is() {
    let service = service(
        "call f(tree: Tree) -> ()\n\
         struct Tree {\n  _: Vec<Tree>\n  _: Leaf\n}\n\
         enum Leaf {\n  Bare\n  Full {\n    _: (u8, Result<u8, Option<Object<Voice>>>)\n  }\n}\n\
         object Voice\n\
         struct Log {\n  write: Callback<String, ()>\n  next: Option<Log>\n}\n\
         struct Plain {\n  _: Map<String, Plain>\n}\n",
    );
    let is = |name: &str| {
        let of = Type::List(Box::new(Type::Named(name.into())));
        (service.types.carries_references(&of), service.types.has_functions(&of))
    };
    assert_eq!(
        [is("Tree"), is("Log"), is("Plain"), is("Unknown")],
        [(true, false), (true, true), (false, false), (false, false)]
    );
    // What a function takes is not in the function.
    let log = Box::new(Type::Named("Log".into()));
    let closure = Type::Closure(log.clone(), log);
    assert!(service.types.carries_references(&closure) && !service.types.has_functions(&closure));
}

#[test]
fn references_go_where_they_can() {
    let lines = "call keep(voice: Object<Voice>, others: Vec<Object<Voice>>) -> Option<Object<Voice>>\n\
                 call decide(by: Option<Callback<Closure<u8, u8>, Callback<Object<Voice>, ()>>>) -> ()\n\
                 call decider() -> Result<Closure<Callback<u8, u8>, Closure<u8, Object<Voice>>>, String>\n\
                 call changes(log: Callback<String, ()>) -> Stream<Closure<Log, Object<Voice>>>\n\
                 cast log(to: Log)\n\
                 object Voice\n\
                 struct Log {\n  write: Callback<String, ()>\n}\n";
    assert_eq!(told(lines), [""; 0]);
}

#[test]
fn functions_and_streams_that_go_the_wrong_way_are_refused() {
    let callback = "a Callback is a function of Haskell's, so Rust cannot send one there: send a Closure";
    let closure = "a Closure is a function of Rust's, so Haskell cannot send one there: take a Callback";
    let stream = "a stream is all that a method answers: give it a method of its own, with #[stream]";
    assert_eq!(told("call f() -> Option<Callback<u8, u8>>\n"), [format!("S.f, answer: {callback}")]);
    assert_eq!(told("cast f(by: Vec<Closure<u8, u8>>)\n"), [format!("S.f, argument by: {closure}")]);
    assert_eq!(told("call f(of: Stream<u8>) -> ()\n"), [format!("S.f, argument of: {stream}")]);
    assert_eq!(told("call f() -> Option<Stream<u8>>\n"), [format!("S.f, answer: {stream}")]);
    assert_eq!(told("call f() -> Stream<Stream<u8>>\n"), [format!("S.f, event: {stream}")]);
    assert_eq!(
        told(
            "call f(a: Callback<Callback<u8, u8>, Closure<u8, u8>>) -> Closure<Closure<u8, u8>, Callback<u8, u8>>\n\
             call g() -> Stream<(u8, Callback<u8, u8>)>\n"
        ),
        [
            format!("S.f, argument a, its argument: {callback}"),
            format!("S.f, argument a, its answer: {closure}"),
            format!("S.f, answer, its argument: {closure}"),
            format!("S.f, answer, its answer: {callback}"),
            format!("S.g, event: {callback}"),
        ]
    );
}

#[test]
fn a_wrong_way_through_data_is_told_where_it_is_met_first() {
    let lines = "call first(log: Log) -> Vec<Log>\n\
                 call second() -> Log\n\
                 struct Log {\n  next: Option<Log>\n  level: Level\n}\n\
                 enum Level {\n  None\n  By {\n    _: u8\n    _: Callback<u8, bool>\n  }\n}\n";
    let callback = "a Callback is a function of Haskell's, so Rust cannot send one there: send a Closure";
    assert_eq!(told(lines), [format!("S.first, answer, field level, variant By, field 2: {callback}")]);
    assert_eq!(all(&[service(lines)]), format!("refused: {}\n", told(lines)[0]));
    let refused = Engine::new().serve(&service(lines), []).validated().err().expect("it is refused");
    assert_eq!(refused.to_string(), told(lines)[0]);
}
