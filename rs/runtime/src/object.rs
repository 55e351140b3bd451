//! Objects of Rust's that Haskell holds.

use crate::reference::{self, Opaque, Thing};
use crate::schema::{self, Type, Types};
use crate::stats::{Alive, COUNTERS};
use crate::wire::{Data, Decode, Decoder, Encode, Encoder, WireError};
use std::any::Any;
use std::fmt::{self, Debug, Formatter};
use std::ops::Deref;
use std::sync::Arc;

/// A value that Haskell may hold, as an opaque reference of type `Object T`, and pass back.
///
/// A method returns one, or takes one, by value. Cloning it is cheap, and gives the same object. It lives until neither
/// Rust nor Haskell has it any more. Haskell lets go by `closeRust`, by garbage collection, and by the end of `withRust`;
/// if that was the last of it, it is dropped on a thread of the runtime that is there for this.
///
/// Methods are called by several threads at once, and so is the object used: `T` is `Send` and `Sync`. One that is not
/// goes into a [`Local`](crate::local::Local).
///
/// ```
/// use rs_in_hs_runtime::object::Object;
/// # struct Voice(u32);
/// # impl rs_in_hs_runtime::reference::Opaque for Voice {
/// #     const NAME: &'static str = "Voice"; const DOCS: &'static str = ""; const PLACE: &'static str = "";
/// # }
///
/// fn open(pitch: u32) -> Object<Voice> {
///     Object::new(Voice(pitch))
/// }
///
/// fn pitch(voice: Object<Voice>) -> u32 {
///     voice.0
/// }
/// # assert_eq!(pitch(open(440)), 440);
/// ```
pub struct Object<T>(Arc<Inner<T>>);

/// What several threads may use at once: `Send` and `Sync`, by a name at which the compiler can tell the way out.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an `Object`: methods use it on several threads at once",
    label = "not `Send` and `Sync`",
    note = "return a `Local<{Self}>`, which stays on a thread of its type",
    note = "or make it `Send` and `Sync`: by a `Mutex` in place of a `Cell`, an `Arc` in place of an `Rc`"
)]
#[doc(hidden)]
pub trait Concurrent: Send + Sync {}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + ?Sized> Concurrent for T {}

struct Inner<T> {
    value: T,
    /// Dropped after the value.
    _alive: Alive,
}

impl<T: Opaque + Concurrent> Object<T> {
    /// Makes the value an object.
    pub fn new(value: T) -> Self {
        Object(Arc::new(Inner { value, _alive: Alive::new(&COUNTERS.objects) }))
    }
}

impl<T> Clone for Object<T> {
    fn clone(&self) -> Self {
        Object(self.0.clone())
    }
}

impl<T> Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: Debug> Debug for Object<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

impl<T: Opaque + Concurrent> Data for Object<T> {
    const MIN_SIZE: usize = size_of::<u64>();

    fn describe(types: &mut Types) -> Type {
        schema::opaque::<T>(types)
    }
}

impl<T: Opaque + Concurrent> Encode for Object<T> {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        to.refer(Thing::Object(self.0.clone()))
    }
}

impl<T: Opaque + Concurrent> Decode<'_> for Object<T> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
        decode_object(from, T::NAME).map(Object)
    }
}

/// The object of this type that is referred to.
pub(crate) fn decode_object<I: Any + Send + Sync>(
    from: &mut Decoder<'_>,
    what: &'static str,
) -> Result<Arc<I>, WireError> {
    reference::read(from, what, |thing| match thing {
        Thing::Object(object) => object.downcast().ok(),
        _ => None,
    })
}
