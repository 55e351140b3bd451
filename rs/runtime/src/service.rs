//! Services: traits whose methods a Haskell program calls.
//!
//! The attribute `#[rs_in_hs::service]` implements [`Service`] for `dyn` of the trait that it is put on, by means of
//! the functions at the end of this module.

use crate::channel::Options;
use crate::context::Context;
use crate::engine::Engine;
#[doc(hidden)]
pub use crate::engine::{Handler, write as answer};
use crate::failure::Failure;
use crate::schema;
#[doc(hidden)]
pub use crate::stream::Subscription;
use crate::token::CallToken;
use crate::wire::{Data, Decode, Decoder, Encode, Encoder, WireError};
use std::marker::PhantomData;
use std::sync::Arc;

/// A trait with the attribute `#[rs_in_hs::service]`, as `dyn Trait`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "not a service",
    note = "return `Arc<dyn Trait>`, where the trait has the attribute `#[rs_in_hs::service]`"
)]
pub trait Service: Send + Sync + 'static {
    /// Its methods and their types.
    fn describe() -> schema::Service;

    /// Handlers that call the methods of this object.
    fn engine(self: Arc<Self>) -> Engine;
}

/// What a function given to `export!` may return: an [`Engine`], an `Arc` or `Box` of a service, or a tuple of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an engine nor a service",
    label = "neither an engine nor a service",
    note = "return `Arc<dyn Trait>` where the trait has the attribute `#[rs_in_hs::service]`, a tuple of several, or an `Engine`"
)]
pub trait Export {
    /// The services in it.
    fn describe() -> Vec<schema::Service>;

    /// Its methods.
    fn engine(self) -> Engine;
}

impl Export for Engine {
    fn describe() -> Vec<schema::Service> {
        Vec::new()
    }

    fn engine(self) -> Engine {
        self
    }
}

impl<S: Service + ?Sized> Export for Arc<S> {
    fn describe() -> Vec<schema::Service> {
        vec![S::describe()]
    }

    fn engine(self) -> Engine {
        S::engine(self)
    }
}

impl<S: Service + ?Sized> Export for Box<S> {
    fn describe() -> Vec<schema::Service> {
        vec![S::describe()]
    }

    fn engine(self) -> Engine {
        S::engine(Arc::from(self))
    }
}

macro_rules! tuples {
    ($(($($part:ident $at:tt),*))*) => {
        $(impl<$($part: Export),*> Export for ($($part,)*) {
            fn describe() -> Vec<schema::Service> {
                [$($part::describe()),*].concat()
            }

            fn engine(self) -> Engine {
                Engine::new()$(.merge(self.$at.engine()))*
            }
        })*
    };
}

tuples! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
}

/// What a function that is given to `export!` brings. Both in one place: a mistake in its type is told once.
#[doc(hidden)]
pub struct Exported {
    describe: fn() -> Vec<schema::Service>,
    engine: Box<dyn FnOnce() -> Engine>,
}

impl Exported {
    /// Does not call the function yet.
    pub fn by<E: Export + 'static>(make: fn() -> E) -> Self {
        Exported { describe: E::describe, engine: Box::new(move || make().engine()) }
    }

    /// The services of all.
    pub fn services(all: impl IntoIterator<Item = Self>) -> Vec<schema::Service> {
        all.into_iter().flat_map(|one| (one.describe)()).collect()
    }

    /// The methods of all.
    pub fn engine(all: impl IntoIterator<Item = Self>) -> Engine {
        all.into_iter().fold(Engine::new(), |engine, one| engine.merge((one.engine)()))
    }
}

/// The arguments of a request, which a handler reads one after the other.
#[doc(hidden)]
pub struct Arguments<'de> {
    method: &'static str,
    from: Decoder<'de>,
}

impl<'de> Arguments<'de> {
    /// Those in the request to this method.
    pub fn new(method: &'static str, request: &'de [u8]) -> Self {
        Arguments { method, from: Decoder::new(request) }
    }

    /// The next one, by its type's `decode`.
    pub fn next<T>(&mut self, name: &str, decode: fn(&mut Decoder<'de>) -> Result<T, WireError>) -> Result<T, Failure> {
        decode(&mut self.from).map_err(|error| error.of_request_at(self.method, format!("argument {name}: ")))
    }

    /// Sees to it that there are no more.
    pub fn end(self) -> Result<(), Failure> {
        self.from.end().map_err(|error| error.of_request(self.method))
    }

    /// What stands before the arguments of a stream: what its subscriber asks for.
    pub fn subscription(&mut self, context: &Context) -> Result<Subscription, Failure> {
        let options = Options::decode(&mut self.from);
        let options = options.map_err(|error| error.of_request_at(self.method, "the stream's options: ".into()))?;
        Subscription::new(self.method, options, context).ok_or(Failure::ShuttingDown)
    }
}

/// The right to answer, at the type of the answer.
#[doc(hidden)]
pub fn token<A>(place: &mut Option<crate::token::RawToken>) -> Result<CallToken<A>, Failure> {
    // A worker puts a token there and nobody else is handed the place.
    place.take().map(CallToken::from).ok_or(Failure::ShuttingDown)
}

/// The message of a type's values, which follows their fields on the wire where the type implements `Error`.
///
/// The attribute does not know whether it does. But where it does, these are found before those of [`NoError`]. No other
/// trait has names like theirs.
#[doc(hidden)]
pub struct Message<T>(PhantomData<T>);

impl<T: std::error::Error> Message<T> {
    pub const RS_IN_HS_IS_ERROR: bool = true;

    pub fn rs_in_hs_encode(of: &T, to: &mut Encoder) -> Result<(), WireError> {
        of.to_string().encode(to)
    }
}

/// See [`Message`].
#[doc(hidden)]
pub trait NoError {
    const RS_IN_HS_IS_ERROR: bool = false;

    type Of;

    fn rs_in_hs_encode(_: &Self::Of, _: &mut Encoder) -> Result<(), WireError> {
        Ok(())
    }
}

impl<T> NoError for Message<T> {
    type Of = T;
}

/// The fewest bytes of a type's message.
#[doc(hidden)]
pub const fn message_size<T: Data>() -> usize {
    if T::IS_ERROR { str::MIN_SIZE } else { 0 }
}

/// Leaves a type's message out, which Rust makes anew.
#[doc(hidden)]
pub fn skip_message<T: Data>(from: &mut Decoder<'_>) -> Result<(), WireError> {
    if T::IS_ERROR {
        <&str>::decode(from)?;
    }
    Ok(())
}
