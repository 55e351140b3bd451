//! The engine of the example `search`: documents are added, found in by regular expression, and forgotten.
//!
//! [`service`] says what goes over the wire, [`store`] does it. The Haskell module `Search` is generated from them.

pub mod service;
pub mod store;

use service::Search;
use std::sync::Arc;
use store::Store;

/// A store that is empty at first.
pub fn engine() -> Arc<dyn Search> {
    Arc::new(Store::default())
}

rs_in_hs::export!(engine);
