//! What the attributes tell of mistakes, as a user sees it: each file in `mistakes` has its errors beside it.
//!
//! `TRYBUILD=overwrite cargo test -p rs-in-hs --test mistakes` writes them anew. Part of the text is rustc's, so the
//! test belongs to the toolchain of CI.

#[test]
fn each_mistake_is_told_where_it_is_with_the_way_out() {
    trybuild::TestCases::new().compile_fail("tests/mistakes/*.rs");
}
