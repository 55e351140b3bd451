//! Types that several services of one engine use.

use rs_in_hs_generate::{Module, generate};
use rs_in_hs_runtime::schema::text::parse;

fn modules(schema: &str, prefix: &str) -> Vec<Module> {
    generate(&parse(schema).expect("a schema"), prefix).expect("modules")
}

fn defines(module: &Module, name: &str) -> bool {
    ["data", "newtype"].iter().any(|keyword| module.source.contains(&format!("\n{keyword} {name} =")))
}

const ITEM: &str = "struct Item {\n  code: String\n}\n";

#[test]
fn a_type_of_two_services_is_one_in_a_module_of_its_own() {
    let schema = format!(
        "service Stock\ncall take(item: Item) -> Box\n{ITEM}struct Box {{\n  item: Item\n}}\n\
         service Orders\ncall order(item: Item) -> ()\n{ITEM}"
    );
    let modules = modules(&schema, "Shop");
    let names: Vec<_> = modules.iter().map(|module| module.name.as_str()).collect();
    assert_eq!(names, ["Shop.Stock", "Shop.Orders", "Shop.Types"]);
    assert_eq!([0, 1, 2].map(|at| defines(&modules[at], "Item")), [false, false, true]);
    assert_eq!([0, 1, 2].map(|at| defines(&modules[at], "Box")), [true, false, false]);
    for module in &modules[..2] {
        assert!(module.source.contains("import Shop.Types\n  ( Item (..),\n  )\n"), "it is imported");
        assert!(module.source.contains("    -- * Types\n    Item (..),\n"), "and handed on");
    }
}

#[test]
fn types_that_only_have_one_name_stay_apart() {
    let schema = "service A\ncall f(of: Page) -> ()\nstruct Page {\n  item: Item\n}\nstruct Item {\n  code: String\n}\n\
                  service B\ncall f(of: Page) -> ()\nstruct Page {\n  item: Item\n}\nstruct Item {\n  code: u64\n}\n";
    let modules = modules(schema, "");
    assert_eq!(modules.len(), 2, "a page is not shared if its items are not");
    assert!(modules.iter().all(|module| defines(module, "Page") && defines(module, "Item")));
}

#[test]
fn a_type_with_references_is_shared_with_the_object_that_it_leads_to() {
    let types = "struct Track {\n  voice: Object<Voice>\n}\nobject Voice\n";
    let schema = format!(
        "service A\ncall f(of: Track) -> ()\n{types}service B\ncall f(of: Vec<Track>, by: Callback<u8, u8>) -> ()\n{types}"
    );
    let modules = modules(&schema, "");
    let shared = &modules[2].source;
    assert!(defines(&modules[2], "Track") && shared.contains("\ndata Voice\n"), "{shared}");
    for module in &modules[..2] {
        assert!(module.source.contains("import Types\n  ( Track (..),\n    Voice,\n  )\n"), "{}", module.source);
        assert!(module.source.contains("callMethod _ = carrying ("), "{}", module.source);
    }
    assert!(modules[0].source.contains("deriving stock (Eq, Show)"), "an object can be compared and shown");
    assert!(!modules[1].source.contains("deriving stock (Eq, Show"), "a function cannot");
}

#[test]
fn two_modules_of_one_name_are_refused() {
    let told = |schema: &str| generate(&parse(schema).expect("a schema"), "").expect_err("it is refused").to_string();
    let method = "call f() -> ()\n";
    assert_eq!(
        told(&format!("service A\n{method}service A\n{method}")),
        "two modules would be called A: rename a service"
    );
    assert_eq!(
        told(&format!("service Types\ncall f(of: Item) -> ()\n{ITEM}service B\ncall f(of: Item) -> ()\n{ITEM}")),
        "two modules would be called Types: rename a service"
    );
}
