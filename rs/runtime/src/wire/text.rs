//! Texts and bytes, and what is borrowed or owned.

use super::collection::has_size;
use super::{Data, Decode, Decoder, Encode, Encoder, WireError};
use crate::schema::{Primitive, Type, Types};
use std::borrow::Cow;

impl Data for str {
    const MIN_SIZE: usize = 8;

    fn describe(_: &mut Types) -> Type {
        Type::Primitive(Primitive::Text)
    }
}

impl Encode for str {
    #[inline]
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        self.as_bytes().encode(to)
    }
}

impl Data for String {
    const MIN_SIZE: usize = 8;

    fn describe(types: &mut Types) -> Type {
        str::describe(types)
    }
}

impl Encode for String {
    #[inline]
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        self.as_str().encode(to)
    }

    fn encode_last(self, to: &mut Encoder) -> Result<(), WireError> {
        to.put_last(self.into_bytes());
        Ok(())
    }
}

impl Decode<'_> for String {
    #[inline]
    fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
        <&str>::decode(from).map(str::to_owned)
    }
}

impl<'de> Decode<'de> for &'de str {
    #[inline]
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        let start = from.at() + 8;
        str::from_utf8(from.sized_bytes()?)
            .map_err(|error| WireError::Value { at: start + error.valid_up_to(), what: "UTF-8" })
    }
}

impl<'de> Decode<'de> for &'de [u8] {
    #[inline]
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        from.sized_bytes()
    }
}

impl<T: ToOwned + Data + ?Sized> Data for Cow<'_, T> {
    const MIN_SIZE: usize = T::MIN_SIZE;

    fn describe(types: &mut Types) -> Type {
        T::describe(types)
    }
}

impl<T: ToOwned + Encode + ?Sized> Encode for Cow<'_, T> {
    #[inline]
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        self.as_ref().encode(to)
    }
}

impl<'de> Decode<'de> for Cow<'de, str> {
    #[inline]
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        <&str>::decode(from).map(Cow::Borrowed)
    }
}

/// Borrowed from the message if the elements are numbers that lie there as they do in memory; otherwise owned.
impl<'de, T: Decode<'de> + Clone> Decode<'de> for Cow<'de, [T]> {
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        let count = from.count(const { has_size::<T>() })?;
        from.behind(T::STACK, |from| T::decode_cow(count, from))
    }
}
