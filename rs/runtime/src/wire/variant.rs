//! `Option` and `Result`: a tag, and what goes with it.

use super::stack::frame;
use super::{Data, Decode, Decoder, Encode, Encoder, WireError};
use crate::schema::{Type, Types};

impl<T: Data> Data for Option<T> {
    const MIN_SIZE: usize = 1;

    fn describe(types: &mut Types) -> Type {
        Type::Option(Box::new(T::describe(types)))
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        to.put_tag(u8::from(self.is_some()));
        self.as_ref().map_or(Ok(()), |value| value.encode(to))
    }

    fn encode_last(self, to: &mut Encoder) -> Result<(), WireError> {
        to.put_tag(u8::from(self.is_some()));
        self.map_or(Ok(()), |value| value.encode_last(to))
    }
}

impl<'de, T: Decode<'de>> Decode<'de> for Option<T> {
    const STACK: usize = frame(size_of::<Self>(), &[]).saturating_add(T::STACK);

    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        match from.tag("Option", 2)? {
            0 => Ok(None),
            _ => T::decode(from).map(Some),
        }
    }
}

impl<T: Data, E: Data> Data for Result<T, E> {
    const MIN_SIZE: usize = 1;

    fn describe(types: &mut Types) -> Type {
        Type::Result(Box::new(T::describe(types)), Box::new(E::describe(types)))
    }
}

/// Haskell's `Either` has `Left`, the error, first.
impl<T: Encode, E: Encode> Encode for Result<T, E> {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        to.put_tag(u8::from(self.is_ok()));
        match self {
            Ok(value) => value.encode(to),
            Err(error) => error.encode(to),
        }
    }

    fn encode_last(self, to: &mut Encoder) -> Result<(), WireError> {
        to.put_tag(u8::from(self.is_ok()));
        match self {
            Ok(value) => value.encode_last(to),
            Err(error) => error.encode_last(to),
        }
    }
}

impl<'de, T: Decode<'de>, E: Decode<'de>> Decode<'de> for Result<T, E> {
    const STACK: usize = frame(size_of::<Self>(), &[]).saturating_add(T::STACK).saturating_add(E::STACK);

    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        match from.tag("Result", 2)? {
            0 => E::decode(from).map(Err),
            _ => T::decode(from).map(Ok),
        }
    }
}
