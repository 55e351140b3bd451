//! Functions of Rust's that Haskell calls.

use crate::context::Context;
use crate::engine::{self, Handler};
use crate::failure::Failure;
use crate::reference::{self, Thing};
use crate::schema::{Type, Types};
use crate::stats::{Alive, COUNTERS};
use crate::wire::{Data, Decode, Decoder, Encode, Encoder, WireError, from_bytes};
use std::marker::PhantomData;
use std::sync::Arc;

/// The method by which Haskell calls all closures: its request is a reference, and the closure's argument.
pub(crate) const APPLY: &str = "rs-in-hs.apply";

/// A function that Haskell may call, as a `RustFunction A B`, from any of its threads, and several at once.
///
/// A method returns it, by itself or in other data. It runs where a method would: on a worker, or on the calling thread
/// where Haskell calls it directly; a panic in it is an exception of the caller. Haskell lets go of it by `closeRust`, by
/// garbage collection, and by the end of `withRust`; it is dropped once, on a thread of the runtime, when nobody runs it any
/// more.
///
/// ```
/// use rs_in_hs_runtime::closure::Closure;
///
/// fn doubled(offset: f64) -> Closure<f64, f64> {
///     Closure::new(move |x| 2.0 * x + offset)
/// }
/// # doubled(1.0);
/// ```
pub struct Closure<A, B> {
    shape: Arc<Shape>,
    of: PhantomData<fn(A) -> B>,
}

type Run = dyn Fn(&Context, &[u8], &mut Encoder) -> Result<(), Failure> + Send + Sync;

/// A closure without its types.
pub struct Shape {
    run: Box<Run>,
    _alive: Alive,
}

impl<A, B> Closure<A, B>
where
    A: for<'de> Decode<'de> + 'static,
    B: Encode + 'static,
{
    /// Makes the function one that Haskell can call.
    pub fn new(function: impl Fn(A) -> B + Send + Sync + 'static) -> Self {
        Self::with_context(move |_, argument| function(argument))
    }

    /// The same of a function that asks whether its caller still waits: see [`Context`].
    pub fn with_context(function: impl Fn(&Context, A) -> B + Send + Sync + 'static) -> Self {
        let run = move |context: &Context, request: &[u8], to: &mut Encoder| {
            let argument = from_bytes(request).map_err(|error| error.of_request(APPLY))?;
            let answer = function(context, argument);
            engine::write(APPLY, to, |to| answer.encode_last(to))
        };
        Closure {
            shape: Arc::new(Shape { run: Box::new(run), _alive: Alive::new(&COUNTERS.closures) }),
            of: PhantomData,
        }
    }
}

impl<A, B> Clone for Closure<A, B> {
    fn clone(&self) -> Self {
        Closure { shape: self.shape.clone(), of: PhantomData }
    }
}

impl<A: Data, B: Data> Data for Closure<A, B> {
    const MIN_SIZE: usize = size_of::<u64>();

    fn describe(types: &mut Types) -> Type {
        Type::Closure(Box::new(A::describe(types)), Box::new(B::describe(types)))
    }
}

impl<A: Data, B: Data> Encode for Closure<A, B> {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        to.refer(Thing::Closure(self.shape.clone()))
    }
}

/// A closure goes to Haskell only: that it is in a request is refused when the engine starts. This is there for `#[data]`,
/// which implements both directions.
impl<A: Data, B: Data> Decode<'_> for Closure<A, B> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
        Err(WireError::Value { at: from.at(), what: "to be received: a closure goes to Haskell only" })
    }
}

/// The handler that calls them.
pub(crate) fn apply() -> Handler {
    Handler::now(|context, request, to| {
        let mut from = Decoder::new(request);
        let shape = reference::read(&mut from, "a closure", |thing| match thing {
            Thing::Closure(shape) => Some(shape),
            _ => None,
        });
        (shape.map_err(|error| error.of_request(APPLY))?.run)(context, &request[from.at()..], to)
    })
}
