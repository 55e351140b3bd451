//! Values to bytes.

use super::{A_MAP, MAX_DEPTH, WireError};
use serde::ser::{self, Serialize};

/// Encodes a value into at most `limit` bytes.
///
/// Beyond the limit nothing is stored, only counted, so the error can name the size that would have been needed.
pub fn to_bytes<T: Serialize + ?Sized>(value: &T, limit: usize) -> Result<Vec<u8>, WireError> {
    let mut encoder = Encoder { bytes: Vec::new(), size: 0, limit, depth: 0 };
    value.serialize(&mut encoder)?;
    if encoder.size > limit {
        return Err(WireError::TooLarge { size: encoder.size, limit });
    }
    Ok(encoder.bytes)
}

struct Encoder {
    bytes: Vec<u8>,
    size: usize,
    limit: usize,
    depth: usize,
}

impl Encoder {
    /// One level down, until the value that begins here ends.
    fn enter(&mut self) -> Result<(), WireError> {
        if self.depth == MAX_DEPTH {
            return Err(WireError::TooDeep);
        }
        self.depth += 1;
        Ok(())
    }

    /// A value in another one.
    fn inner<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WireError> {
        self.enter()?;
        value.serialize(&mut *self)?;
        self.depth -= 1;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) {
        self.size = self.size.saturating_add(bytes.len());
        if self.size <= self.limit {
            self.bytes.extend_from_slice(bytes);
        } else {
            // Too large to be sent: from here on it is only counted.
            self.bytes = Vec::new();
        }
    }

    fn put_len(&mut self, len: usize) {
        self.put(&(len as u64).to_le_bytes());
    }

    fn put_tag(&mut self, name: &'static str, index: u32, variant: &'static str) -> Result<(), WireError> {
        // serde numbers the variants of std's Result `Ok`, `Err`; Haskell's Either has Left, the error, first.
        let index = match (name, index, variant) {
            ("Result", 0, "Ok") => 1,
            ("Result", 1, "Err") => 0,
            _ => index,
        };
        let tag = u8::try_from(index).ok().filter(|&tag| tag < 255);
        self.put(&[tag.ok_or(WireError::Unsupported("an enum of more than 255 variants"))?]);
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty),* $(,)?) => {
        $(fn $method(self, value: $type) -> Result<(), WireError> {
            self.put(&value.to_le_bytes());
            Ok(())
        })*
    };
}

impl<'a> ser::Serializer for &'a mut Encoder {
    type Ok = ();
    type Error = WireError;
    type SerializeSeq = Fields<'a>;
    type SerializeTuple = Fields<'a>;
    type SerializeTupleStruct = Fields<'a>;
    type SerializeTupleVariant = Fields<'a>;
    type SerializeMap = ser::Impossible<(), WireError>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    numbers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64,
    }

    fn serialize_bool(self, value: bool) -> Result<(), WireError> {
        self.serialize_u8(u8::from(value))
    }

    fn serialize_char(self, value: char) -> Result<(), WireError> {
        self.serialize_u32(u32::from(value))
    }

    fn serialize_str(self, value: &str) -> Result<(), WireError> {
        self.serialize_bytes(value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), WireError> {
        self.put_len(value.len());
        self.put(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), WireError> {
        self.serialize_u8(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), WireError> {
        self.put(&[1]);
        self.inner(value)
    }

    fn serialize_unit(self) -> Result<(), WireError> {
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), WireError> {
        Ok(())
    }

    fn serialize_unit_variant(self, name: &'static str, index: u32, variant: &'static str) -> Result<(), WireError> {
        self.put_tag(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<(), WireError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), WireError> {
        self.put_tag(name, index, variant)?;
        self.inner(value)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Fields<'a>, WireError> {
        let len = len.ok_or(WireError::Unsupported("a sequence of unknown length"))?;
        self.put_len(len);
        Fields::begin(self)
    }

    fn serialize_tuple(self, _len: usize) -> Result<Fields<'a>, WireError> {
        Fields::begin(self)
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Fields<'a>, WireError> {
        Fields::begin(self)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Fields<'a>, WireError> {
        self.put_tag(name, index, variant)?;
        Fields::begin(self)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap, WireError> {
        Err(WireError::Unsupported(A_MAP))
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Fields<'a>, WireError> {
        Fields::begin(self)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Fields<'a>, WireError> {
        self.put_tag(name, index, variant)?;
        Fields::begin(self)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The parts of a compound value: one after the other, with nothing between.
struct Fields<'a>(&'a mut Encoder);

impl<'a> Fields<'a> {
    fn begin(encoder: &'a mut Encoder) -> Result<Self, WireError> {
        encoder.enter()?;
        Ok(Fields(encoder))
    }

    fn finish(self) -> Result<(), WireError> {
        self.0.depth -= 1;
        Ok(())
    }
}

macro_rules! unnamed {
    ($($compound:ident $method:ident),* $(,)?) => {
        $(impl ser::$compound for Fields<'_> {
            type Ok = ();
            type Error = WireError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WireError> {
                value.serialize(&mut *self.0)
            }

            fn end(self) -> Result<(), WireError> {
                self.finish()
            }
        })*
    };
}

unnamed! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

macro_rules! named {
    ($($compound:ident),* $(,)?) => {
        $(impl ser::$compound for Fields<'_> {
            type Ok = ();
            type Error = WireError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                _name: &'static str,
                value: &T,
            ) -> Result<(), WireError> {
                value.serialize(&mut *self.0)
            }

            fn skip_field(&mut self, _name: &'static str) -> Result<(), WireError> {
                Err(WireError::Unsupported("a skipped field"))
            }

            fn end(self) -> Result<(), WireError> {
                self.finish()
            }
        })*
    };
}

named! { SerializeStruct, SerializeStructVariant }
