//! A mistake in a type is told once, not again by what uses the type.

use rs_in_hs::{data, service};
use std::sync::Arc;

#[data]
pub struct Query<'a, 'b> {
    pub pattern: &'a str,
    pub path: &'b str,
}

#[data]
pub enum Found {
    #[cfg(unix)]
    Somewhere(u64),
    Nowhere,
}

#[data]
pub struct Page {
    pub found: Vec<Found>,
}

#[service]
pub trait Search {
    fn find(&self, query: Query) -> Page;
}

struct Index;

impl Search for Index {
    fn find(&self, _: Query) -> Page {
        Page { found: Vec::new() }
    }
}

fn engine() -> Arc<dyn Search> {
    Arc::new(Index)
}

rs_in_hs::export!(engine);

fn main() {}
