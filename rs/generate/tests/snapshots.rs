//! Each schema in `snapshots` has the module beside it that is generated from it.
//!
//! `UPDATE_SNAPSHOTS=1` writes the modules. Whoever does that has GHC compile them, with `-Wall -Wcompat -Werror` and the
//! package `rs-in-hs`; `./just lint` looks at them too.

use rs_in_hs_generate::generate;
use rs_in_hs_runtime::schema::text::parse;
use std::fs;
use std::path::{Path, PathBuf};

fn snapshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

#[test]
fn each_schema_has_the_module_that_is_generated() {
    for file in ["Shapes", "Docs", "Names", "References"] {
        let schema = snapshots().join(file).with_extension("schema");
        let services = parse(&fs::read_to_string(schema).expect("a schema")).expect("a schema");
        let modules = generate(&services, "").expect("a module");
        assert_eq!(modules, generate(&services, "").expect("a module"), "the same each time");
        for module in modules {
            let path = snapshots().join(module.path());
            if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
                fs::write(&path, &module.source).expect("the file can be written");
            }
            let expected = fs::read_to_string(&path).unwrap_or_default();
            assert!(module.source == expected, "{}: UPDATE_SNAPSHOTS=1 writes what is generated now", path.display());
        }
    }
}
