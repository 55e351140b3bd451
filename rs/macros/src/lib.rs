//! The attributes of the crate `rs-in-hs`, which re-exports them and is where they are documented for users.
#![forbid(unsafe_code)]

mod attribute;
mod data;
mod object;
mod service;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Makes a trait a service: its methods can be called from Haskell.
///
/// ```text
/// /// Finds lines in documents.
/// #[rs_in_hs::service]
/// pub trait Search {
///     /// Adds a document, replacing the one at the same path.
///     fn add(&self, document: Document) -> DocumentStats;
///     /// The lines that match.
///     fn find(&self, context: &Context, query: Query) -> Result<Vec<Hit>, PatternError>;
///     /// Drops a document. Nobody waits for it.
///     #[cast]
///     fn forget(&self, path: String);
/// }
/// ```
///
/// Methods take `&self`; workers call them from several threads, so the trait is `Send + Sync + 'static`. Arguments may
/// borrow from the message (`&str`, `&[u8]`, structs with one lifetime). An argument of type `&Context` is no part of
/// the message: through it a method asks whether its caller is still there, and until when. A method that answers later
/// takes a `CallToken<Answer>` as an argument, and returns nothing.
///
/// `#[nonblocking]` on a method is a promise: it is through within microseconds and waits for nothing. Haskell may then
/// call it directly without leaving its capability. One that breaks the promise holds up the garbage collector, and with
/// it every Haskell thread, but nothing worse.
///
/// `#[stream]` on a method says that it is subscribed to. It takes an `Events<T>`, which it keeps or gives to whoever has
/// something to tell, and returns nothing; `&Context` may stand beside it. Its subscriber begins to read when it has
/// returned, so it must not wait for room itself: another thread sends, or `Events::feed`.
///
/// ```text
/// /// The changes below a folder, as they happen.
/// #[stream]
/// fn changes(&self, folder: &str, events: Events<Change>);
/// ```
///
/// Implement the trait, and hand an `Arc<dyn Trait>` to `export!`.
#[proc_macro_attribute]
pub fn service(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::ItemTrait);
    attribute::none(arguments.into(), "service")
        .and_then(|()| service::expand(item.clone()))
        .unwrap_or_else(|error| attribute::refuse(error, service::plain(item)))
        .into()
}

/// Makes a struct or an enum a type that goes over the wire, if its parts do.
///
/// Generic types go at each parameter that is used, and each such type has a name of its own in Haskell: `Page<Hit>` is
/// `PageHit`. A type that implements `std::error::Error` is an exception in Haskell, with the message that its `Display`
/// gives; if it is generic, its definition has to state the bounds with which it implements it.
#[proc_macro_attribute]
pub fn data(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    attribute::none(arguments.into(), "data")
        .and_then(|()| data::expand(&item))
        .unwrap_or_else(|error| attribute::refuse(error, data::pretend(&item)))
        .into()
}

/// Makes a struct or an enum the type of objects that Haskell holds, without looking into them.
///
/// ```text
/// /// A voice of the synthesizer.
/// #[rs_in_hs::object]
/// pub struct Voice {
///     phase: AtomicU32,
/// }
/// ```
///
/// The type stays as it is, and its values stay in Rust: methods answer with an `Object<Voice>`, or with a `Local<Voice>`
/// if it must not leave its thread, and take such references as arguments. In Haskell they are an `Object Voice`, where
/// `Voice` is a type without values that has the docs. It has no parameters.
#[proc_macro_attribute]
pub fn object(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    attribute::none(arguments.into(), "object")
        .and_then(|()| object::expand(&item))
        .unwrap_or_else(|error| attribute::refuse(error, &item))
        .into()
}
