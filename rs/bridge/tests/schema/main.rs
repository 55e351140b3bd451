//! Schemas: as text, as hashes, and compared.
#![allow(missing_docs)]

mod arbitrary;
mod clash;
mod difference;
mod everything;
mod hash;
mod references;
mod text;

#[path = "../../../../hs/mirror/engine/src/lib.rs"]
mod mirror;

#[allow(dead_code)]
#[path = "../../../../examples/search/engine/src/service.rs"]
mod search;

use rs_in_hs::Service;
use rs_in_hs::schema;

/// What the attributes tell of a service.
fn described<S: Service + ?Sized>() -> schema::Service {
    S::describe()
}
