//! Services that have no Haskell module, and what is told of them.

use rs_in_hs_generate::generate;
use rs_in_hs_runtime::schema::text::parse;

/// What is told of a service with these methods and definitions.
fn told(schema: &str) -> String {
    told_with("", &format!("service Search\n{schema}"))
}

fn told_with(prefix: &str, schema: &str) -> String {
    match generate(&parse(schema).expect("a schema"), prefix) {
        Ok(modules) => format!("{} modules", modules.len()),
        Err(error) => error.to_string(),
    }
}

const FIELD: &str = "call find(a: A) -> ()\nstruct A {\n  b: B\n}\n";

#[test]
fn methods_that_haskell_cannot_tell_apart_are_refused() {
    assert_eq!(
        told("call find() -> ()\ncall find_timeout() -> ()\n"),
        "Search: in Haskell, a variant of the method find and the method find_timeout would both be called findTimeout: \
         rename one of them in Rust"
    );
    assert_eq!(
        told("cast find()\ncall try_find() -> ()\n"),
        "Search: in Haskell, a variant of the method find and the method try_find would both be called tryFind: \
         rename one of them in Rust"
    );
    assert_eq!(
        told("nonblocking call find() -> ()\ncall find_direct() -> ()\n"),
        "Search: in Haskell, a variant of the method find and the method find_direct would both be called findDirect: \
         rename one of them in Rust"
    );
    assert_eq!(told("call find() -> ()\ncall find_direct() -> ()\n"), "1 modules");
    assert_eq!(
        told("call changes() -> Stream<u8>\ncast with_changes()\n"),
        "Search: in Haskell, the method changes and the method with_changes would both be called withChanges: \
         rename one of them in Rust"
    );
    assert_eq!(told("call find() -> Stream<u8>\ncall findTimeout() -> Stream<u8>\n"), "1 modules");
    assert_eq!(
        told("call find_all() -> ()\ncall findAll() -> ()\n"),
        "Search: in Haskell, the method find_all and the method findAll would both be called findAll: \
         rename one of them in Rust"
    );
    assert_eq!(
        told("call search_service() -> ()\n"),
        "Search: in Haskell, the service itself and the method search_service would both be called searchService: \
         rename one of them in Rust"
    );
}

#[test]
fn types_that_haskell_cannot_tell_apart_are_refused() {
    assert_eq!(
        told("call find(of: FindRequest) -> ()\nstruct FindRequest\n"),
        "Search: in Haskell, the type FindRequest and the request to find would both be called FindRequest: \
         rename one of them in Rust"
    );
    assert_eq!(
        told("call find(of: a_b) -> AB\nstruct a_b\nstruct AB\n"),
        "Search: in Haskell, the type a_b and the type AB would both be called AB: rename one of them in Rust"
    );
    assert_eq!(
        told("call find(of: Object<ab>) -> Ab\nobject ab\nstruct Ab\n"),
        "Search: in Haskell, the type ab and the type Ab would both be called Ab: rename one of them in Rust"
    );
}

#[test]
fn constructors_fields_and_flags_that_haskell_cannot_tell_apart_are_refused() {
    assert_eq!(
        told("call find() -> A\nenum A {\n  B\n  C\n}\ncall get() -> AB\nstruct AB\n"),
        "Search: in Haskell, the constructor of A and the constructor of AB would both be called AB: \
         rename one of them in Rust"
    );
    assert_eq!(
        told(&format!("{FIELD}struct B {{\n  c: u8\n  _c: u8\n}}\n")),
        "Search: in Haskell, a field of B and a field of B would both be called bC: rename one of them in Rust"
    );
    assert_eq!(
        told("call a_b() -> A\nstruct A {\n  b: u8\n}\n"),
        "Search: in Haskell, a field of A and the method a_b would both be called aB: rename one of them in Rust"
    );
    assert_eq!(
        told("call find() -> Mode\nflags Mode: u8 {\n  READ_ONLY = 1\n  ReadOnly = 2\n}\n"),
        "Search: in Haskell, the flag Mode::READ_ONLY and the flag Mode::ReadOnly would both be called modeReadOnly: \
         rename one of them in Rust"
    );
    assert_eq!(
        told("call find() -> Result<(), A>\nerror struct A {\n  display: u8\n}\n"),
        "Search: in Haskell, a field of A and the message of A would both be called aDisplay: rename one of them in Rust"
    );
}

#[test]
fn functions_that_go_the_wrong_way_are_refused() {
    assert_eq!(
        told("call find() -> Result<Callback<u8, u8>, ()>\n"),
        "Search.find, answer: a Callback is a function of Haskell's, so Rust cannot send one there: send a Closure"
    );
}

#[test]
fn names_that_haskell_cannot_have_are_refused() {
    let message = |of: &str, name: &str| {
        format!(
            "Search: in Haskell, {of} would be called {name:?}, which cannot be a name there: types begin with a \
             capital, functions with another letter; rename it in Rust"
        )
    };
    assert_eq!(told("call find() -> 文\nstruct 文\n"), message("the type 文", "文"));
    assert_eq!(told("call find() -> _3D\nstruct _3D\n"), message("the type _3D", "3d"));
    assert_eq!(told("call _3d() -> ()\n"), message("the method _3d", "3d"));
    assert_eq!(told("call 文() -> ()\n"), message("the request to 文", "文Request"));
    assert_eq!(told("call __() -> ()\n"), message("the method __", ""));
    assert_eq!(told_with("", "service 文\ncall find() -> ()\n"), message("the module", "文").replace("Search", "文"));
}

#[test]
fn a_prefix_that_begins_no_module_is_refused() {
    let schema = "service Search\ncall find() -> ()\n";
    for prefix in ["my", "My..Engine", "My.engine", "1", "My-Engine", "My Engine", ".My", "文"] {
        assert_eq!(
            told_with(prefix, schema),
            format!(
                "{prefix} cannot begin the name of a Haskell module: write words that begin with capitals, with dots between"
            )
        );
    }
    for prefix in ["", "My", "My.", "My.Engine", "My.Engine2", "Über"] {
        assert_eq!(told_with(prefix, schema), "1 modules");
    }
}

#[test]
fn an_engine_without_services_is_refused() {
    assert_eq!(
        told_with("", ""),
        "the engine has no services: give `export!` a function that returns `Arc<dyn Trait>`, where the trait has #[rs_in_hs::service]"
    );
}
