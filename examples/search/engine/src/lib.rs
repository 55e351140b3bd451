//! The engine of the example `search`: documents are added, found in by regular expression, and forgotten.
//!
//! [`message`] has what goes over the wire, [`store`] what is done with it. The names of the methods, and the Haskell
//! types that meet these, are in `src/Search.hs` of the package.

pub mod message;
pub mod store;

use rs_in_hs::Engine;
use std::sync::Arc;
use store::Store;

/// The methods, around a store that is empty at first.
pub fn engine() -> Engine {
    let store = Arc::new(Store::default());
    let (adds, finds, forgets) = (store.clone(), store.clone(), store);
    Engine::new()
        .call("search.add", move |_, document| adds.add(document))
        .call("search.find", move |context, query| finds.find(&query, context.max_msg_len(), || context.is_cancelled()))
        .cast("search.forget", move |_, place| forgets.forget(place))
}

rs_in_hs::export!(engine);
