//! Pointers: what they point to, without a trace of them.

use super::{Data, Decode, Decoder, Encode, Encoder, WireError};
use crate::schema::{Type, Types};
use std::sync::Arc;

macro_rules! transparent {
    ($($pointer:ty),* $(,)?) => {
        $(impl<T: Data + ?Sized> Data for $pointer {
            const MIN_SIZE: usize = T::MIN_SIZE;

            fn describe(types: &mut Types) -> Type {
                T::describe(types)
            }
        }

        impl<T: Encode + ?Sized> Encode for $pointer {
            fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
                T::encode(self, to)
            }
        })*
    };
}

transparent! { &T, Box<T>, Arc<T> }

impl<'de, T: Decode<'de>> Decode<'de> for Box<T> {
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        T::decode_boxed(from)
    }
}

impl<'de, T: Decode<'de>> Decode<'de> for Arc<T> {
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        Box::decode(from).map(Arc::from)
    }
}
