//! The committed C header is what cbindgen makes of the boundary's source.

use std::path::Path;

/// With `UPDATE_HEADER` set (`just header`), writes it instead.
#[test]
fn header_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = root.join("include/rs_in_hs.h");
    let mut generated = Vec::new();
    cbindgen::generate(root).expect("cbindgen reads the crate").write(&mut generated);
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::write(&committed, &generated).expect("the header can be written");
    }
    let found = std::fs::read(&committed).unwrap_or_default();
    assert!(found == generated, "{} is stale: run `just header`", committed.display());
}
