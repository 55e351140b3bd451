//! Numbers, truth values and characters.

use super::{Data, Decode, Decoder, Encode, Encoder, WireError};
use crate::schema::{Primitive, Type, Types};
use std::borrow::Cow;

macro_rules! numbers {
    ($($number:ident $primitive:ident),* $(,)?) => {
        $(impl Data for $number {
            const MIN_SIZE: usize = size_of::<$number>();

            fn describe(_: &mut Types) -> Type {
                Type::Primitive(Primitive::$primitive)
            }
        }

        impl Encode for $number {
            #[inline]
            fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
                to.put(&self.to_le_bytes());
                Ok(())
            }

            fn encode_slice(values: &[Self], to: &mut Encoder) -> Result<(), WireError> {
                to.put(bytemuck::cast_slice(values));
                Ok(())
            }

            fn encode_last_vec(values: Vec<Self>, to: &mut Encoder) -> Result<(), WireError> {
                // Haskell has no vectors of wider ones.
                if size_of::<$number>() <= 8 {
                    to.put_last(values);
                    return Ok(());
                }
                to.put_len(values.len());
                Self::encode_slice(&values, to)
            }
        }

        impl<'de> Decode<'de> for $number {
            #[inline]
            fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
                Ok($number::from_le_bytes(from.array()?))
            }

            fn decode_vec(count: usize, from: &mut Decoder<'de>) -> Result<Vec<Self>, WireError> {
                // `count` was compared with what is left, so the product is no more than that: nor does the
                // memory exceed the message, which was allocated, so this may abort where there is none.
                Ok(bytemuck::pod_collect_to_vec(from.take(count * size_of::<$number>())?))
            }

            fn decode_cow(count: usize, from: &mut Decoder<'de>) -> Result<Cow<'de, [Self]>, WireError> {
                let bytes = from.take(count * size_of::<$number>())?;
                // Any bytes are numbers, and there are enough: only their address can be wrong.
                Ok(match bytemuck::try_cast_slice(bytes) {
                    Ok(aligned) => Cow::Borrowed(aligned),
                    Err(_) => Cow::Owned(bytemuck::pod_collect_to_vec(bytes)),
                })
            }
        })*
    };
}

numbers! {
    u8 U8, u16 U16, u32 U32, u64 U64, u128 U128,
    i8 I8, i16 I16, i32 I32, i64 I64, i128 I128,
    f32 F32, f64 F64,
}

/// Numbers that are as wide as the machine's addresses travel in 64 bits.
macro_rules! sizes {
    ($($number:ident as $wide:ident: $primitive:ident),* $(,)?) => {
        $(impl Data for $number {
            const MIN_SIZE: usize = 8;

            fn describe(_: &mut Types) -> Type {
                Type::Primitive(Primitive::$primitive)
            }
        }

        impl Encode for $number {
            #[inline]
            fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
                (*self as $wide).encode(to)
            }
        }

        impl Decode<'_> for $number {
            #[inline]
            fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
                let at = from.at();
                let what = concat!("a number that fits into ", stringify!($number));
                $number::try_from($wide::decode(from)?).map_err(|_| WireError::Value { at, what })
            }
        })*
    };
}

sizes! { usize as u64: Usize, isize as i64: Isize }

impl Data for bool {
    const MIN_SIZE: usize = 1;

    fn describe(_: &mut Types) -> Type {
        Type::Primitive(Primitive::Bool)
    }
}

impl Encode for bool {
    #[inline]
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        to.put_tag(u8::from(*self));
        Ok(())
    }
}

impl Decode<'_> for bool {
    #[inline]
    fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
        Ok(from.tag("bool", 2)? == 1)
    }
}

impl Data for char {
    const MIN_SIZE: usize = 4;

    fn describe(_: &mut Types) -> Type {
        Type::Primitive(Primitive::Char)
    }
}

impl Encode for char {
    #[inline]
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        u32::from(*self).encode(to)
    }
}

impl Decode<'_> for char {
    #[inline]
    fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
        let at = from.at();
        char::from_u32(u32::decode(from)?).ok_or(WireError::Value { at, what: "a character" })
    }
}
