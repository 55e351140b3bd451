//! Bytes to values.
//!
//! Every length is compared with what is left of the message before anything is allocated for it: a sequence never has
//! more elements than the message has bytes left, so memory is bounded by that number times the size of an element.

use super::{A_MAP, MAX_DEPTH, WireError};
use serde::de::value::U32Deserializer;
use serde::de::{self, Deserialize, DeserializeSeed, IntoDeserializer, Visitor};

/// Decodes a value that takes up all of `bytes`. `&str` and `&[u8]` in it borrow from there.
pub fn from_bytes<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, WireError> {
    let mut decoder = Decoder { rest: bytes, size: bytes.len(), depth: 0 };
    let value = T::deserialize(&mut decoder)?;
    match decoder.rest.len() {
        0 => Ok(value),
        left => Err(WireError::LeftOver { left }),
    }
}

struct Decoder<'de> {
    rest: &'de [u8],
    size: usize,
    depth: usize,
}

impl<'de> Decoder<'de> {
    fn at(&self) -> usize {
        self.size - self.rest.len()
    }

    fn short(&self, wanted: u64) -> WireError {
        WireError::Short { at: self.at(), wanted, left: self.rest.len() }
    }

    fn take(&mut self, len: usize) -> Result<&'de [u8], WireError> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(self.short(len as u64))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(self.short(N as u64))?;
        self.rest = rest;
        Ok(*taken)
    }

    /// A count of bytes, or of elements that take at least a byte each: never more than what is left.
    fn len(&mut self) -> Result<usize, WireError> {
        let wanted = u64::from_le_bytes(self.array()?);
        match usize::try_from(wanted) {
            Ok(len) if len <= self.rest.len() => Ok(len),
            _ => Err(self.short(wanted)),
        }
    }

    fn sized_bytes(&mut self) -> Result<&'de [u8], WireError> {
        let len = self.len()?;
        self.take(len)
    }

    fn str(&mut self) -> Result<&'de str, WireError> {
        let start = self.at() + 8;
        std::str::from_utf8(self.sized_bytes()?)
            .map_err(|error| WireError::Text { at: start + error.valid_up_to(), what: "UTF-8" })
    }

    fn nested<R>(&mut self, inner: impl FnOnce(&mut Self) -> Result<R, WireError>) -> Result<R, WireError> {
        if self.depth == MAX_DEPTH {
            return Err(WireError::TooDeep);
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn tag(&mut self, what: &'static str, variants: u8) -> Result<u8, WireError> {
        let at = self.at();
        let [found] = self.array()?;
        if found < variants { Ok(found) } else { Err(WireError::Tag { at, what, found }) }
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident: $type:ty),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
            visitor.$visit(<$type>::from_le_bytes(self.array()?))
        })*
    };
}

impl<'de> de::Deserializer<'de> for &mut Decoder<'de> {
    type Error = WireError;

    numbers! {
        deserialize_i8 visit_i8: i8, deserialize_i16 visit_i16: i16,
        deserialize_i32 visit_i32: i32, deserialize_i64 visit_i64: i64,
        deserialize_u8 visit_u8: u8, deserialize_u16 visit_u16: u16,
        deserialize_u32 visit_u32: u32, deserialize_u64 visit_u64: u64,
        deserialize_f32 visit_f32: f32, deserialize_f64 visit_f64: f64,
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, WireError> {
        Err(WireError::Unsupported("a value that has to say its own type (as serde's `untagged` and `flatten` need)"))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        visitor.visit_bool(self.tag("Bool", 2)? == 1)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        let at = self.at();
        let code = u32::from_le_bytes(self.array()?);
        visitor.visit_char(char::from_u32(code).ok_or(WireError::Text { at, what: "a character" })?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        visitor.visit_borrowed_str(self.str()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        visitor.visit_borrowed_bytes(self.sized_bytes()?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        match self.tag("Maybe", 2)? {
            0 => visitor.visit_none(),
            _ => self.nested(|decoder| visitor.visit_some(decoder)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, WireError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.nested(|decoder| visitor.visit_newtype_struct(decoder))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        let left = self.len()?;
        self.nested(|decoder| visitor.visit_seq(Elements { decoder, left }))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, WireError> {
        self.nested(|decoder| visitor.visit_seq(Elements { decoder, left: len }))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, WireError> {
        Err(WireError::Unsupported(A_MAP))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.deserialize_tuple(fields.len(), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        let count =
            u8::try_from(variants.len()).map_err(|_| WireError::Unsupported("an enum of more than 255 variants"))?;
        if count == 1 {
            // store writes no tag for it, serde's encoders cannot know that there is but one.
            return Err(WireError::Unsupported("an enum of a single variant"));
        }
        let tag = self.tag(name, count)?;
        // See `put_tag`: Left, the error, comes first.
        let index = if name == "Result" && variants == ["Ok", "Err"] { 1 - tag } else { tag };
        self.nested(|decoder| visitor.visit_enum(Variant { decoder, index: u32::from(index) }))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, WireError> {
        Err(WireError::Unsupported("a name of a field or variant"))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

struct Elements<'a, 'de> {
    decoder: &'a mut Decoder<'de>,
    left: usize,
}

impl<'de> de::SeqAccess<'de> for Elements<'_, 'de> {
    type Error = WireError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, WireError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.decoder).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

struct Variant<'a, 'de> {
    decoder: &'a mut Decoder<'de>,
    index: u32,
}

impl<'de> de::EnumAccess<'de> for Variant<'_, 'de> {
    type Error = WireError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), WireError> {
        let index: U32Deserializer<WireError> = self.index.into_deserializer();
        Ok((seed.deserialize(index)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, 'de> {
    type Error = WireError;

    fn unit_variant(self) -> Result<(), WireError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, WireError> {
        seed.deserialize(self.decoder)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, WireError> {
        de::Deserializer::deserialize_tuple(self.decoder, len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        de::Deserializer::deserialize_tuple(self.decoder, fields.len(), visitor)
    }
}
