//! A service with whatever a schema can have that the others do not.
#![allow(dead_code)]

use rs_in_hs::{CallToken, Context, data, service};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use thiserror::Error;

/// Docs with an empty line,
///
///   indented ones, "quotes", `code`, a \ and {braces}.
///
/// struct Like {
///   this: u8
/// }
#[service]
pub trait Everything {
    /// call like(a: method) -> ()
    fn r#match(&self, r#type: r#struct, r#where: (u8, r#struct)) -> Unit;

    fn without_docs(&self);

    #[cast]
    /// After the attribute.
    fn tell(&self, context: &Context, text: &str, bytes: &[u8], borrowed: Borrowed<'_>);

    fn nested(&self, of: Pair<Vec<Option<Unit>>, Page<Pair<u8, String>>>) -> Page<Page<[Choice; 3]>>;

    fn later(&self, token: CallToken<Result<BTreeMap<String, BTreeSet<i8>>, Failure>>);

    fn recursive(&self, tree: Tree) -> Option<Forest>;

    /// One page for both, since they are one in Haskell.
    fn borrowed_page(&self, page: Page<&str>) -> Page<String>;

    fn boxed(&self, page: Page<Box<Cow<'_, str>>>, shared: Arc<Unit>) -> &str;

    fn by_default(&self) -> Cow<'_, str> {
        "a method may have a body".into()
    }

    fn fixed(&self, digest: Digest<4>) -> Digest<32>;

    #[nonblocking]
    fn at_once(&self) -> u64;

    fn permits(&self, value: HashMap<char, Permits>) -> Ünïcode;
}

/// A name that is a word of Rust.
#[allow(non_camel_case_types)]
#[data]
pub struct r#struct {
    /// So is this.
    pub r#enum: u8,
}

#[data]
pub struct Unit;

#[data]
pub struct EmptyTuple();

#[data]
pub struct EmptyBraces {}

#[data]
pub struct Borrowed<'a> {
    pub text: &'a str,
    pub bytes: Cow<'a, [u8]>,
    pub empties: (EmptyTuple, EmptyBraces),
}

#[data]
pub struct Pair<A, B>(
    /// The first.
    pub A,
    /// The second.
    ///
    /// With more to say.
    pub B,
);

#[data]
pub struct Page<T> {
    pub items: Vec<T>,
}

#[data]
pub enum Choice {
    /// Nothing.
    None,
    Some(
        /// In it.
        u8,
    ),
    Named {
        #[doc = "Not from a comment."]
        r#fn: (),
    },
    EmptyParentheses(),
    EmptyBraces {},
}

#[data]
pub struct Tree {
    pub forest: Option<Box<Forest>>,
}

#[data]
pub struct Forest {
    pub trees: Vec<Tree>,
}

#[data]
pub struct Digest<const N: usize>(pub [u8; N]);

/// What goes wrong.
#[data]
#[derive(Debug, Error)]
pub enum Failure {
    #[error("nothing is there")]
    Missing,
    #[error("{0}")]
    Other(String),
}

#[data]
pub struct Ünïcode {
    pub größe: u8,
    pub नमस्ते: u16,
}

bitflags::bitflags! {
    #[derive(Clone, Copy)]
    pub struct Permits: u16 {
        const READ = 1;
        const WRITE = 1 << 15;
        const BOTH = 1 | 1 << 15;
    }
}

rs_in_hs::flags! {
    /// What is allowed.
    ///
    Permits
}
