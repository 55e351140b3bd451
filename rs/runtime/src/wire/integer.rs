//! Integers of any size.
//!
//! Small ones, that fit into 64 bits with a sign, are a tag 0 and these; others a tag for their sign (1, 2), a length
//! in bytes, and 64-bit limbs, the lowest first. A number has one encoding only.

use super::{Decode, Decoder, Encode, Encoder, WireError};

pub(super) const NO_INTEGER: &str = "an integer in its shortest form";

/// An integer as it is on the wire.
pub(super) enum Integer<'de> {
    Small(i64),
    /// Whether it is negative, and the limbs of its absolute value in little-endian bytes.
    Large(bool, &'de [u8]),
}

impl<'de> Integer<'de> {
    pub(super) fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        let tag = from.tag("Integer", 3)?;
        if tag == 0 {
            return i64::decode(from).map(Integer::Small);
        }
        let at = from.at();
        let negative = tag == 2;
        let limbs = from.sized_bytes()?;
        let (last, others) = limbs.as_chunks::<8>().0.split_last().ok_or(WireError::Value { at, what: NO_INTEGER })?;
        let top = u64::from_le_bytes(*last);
        // The largest absolute value of the short form.
        let short = i64::MAX as u64 + u64::from(negative);
        let shortest = top != 0 && !(others.is_empty() && top <= short);
        if limbs.len() % 8 == 0 && shortest {
            Ok(Integer::Large(negative, limbs))
        } else {
            Err(WireError::Value { at, what: NO_INTEGER })
        }
    }
}

/// Writes an integer from its sign and the bytes of its absolute value, the lowest first.
#[cfg(feature = "num-bigint")]
fn put_large(to: &mut Encoder, negative: bool, magnitude: &[u8]) {
    to.put_tag(if negative { 2 } else { 1 });
    let len = magnitude.len().next_multiple_of(8);
    to.put_len(len);
    to.put(magnitude);
    to.put(&[0; 7][..len - magnitude.len()]);
}

/// Writes an integer of up to 128 bits, as times are.
pub(super) fn encode_i128(number: i128, to: &mut Encoder) -> Result<(), WireError> {
    if let Ok(small) = i64::try_from(number) {
        to.put_tag(0);
        return small.encode(to);
    }
    let magnitude = number.unsigned_abs().to_le_bytes();
    let limbs = if magnitude[8..] == [0; 8] { &magnitude[..8] } else { &magnitude[..] };
    to.put_tag(if number < 0 { 2 } else { 1 });
    limbs.encode(to)
}

/// Reads an integer that is at least 0 and fits into 128 bits.
pub(super) fn decode_u128(from: &mut Decoder<'_>) -> Result<Option<u128>, WireError> {
    Ok(match Integer::decode(from)? {
        Integer::Small(small) => u128::try_from(small).ok(),
        Integer::Large(false, limbs) if limbs.len() <= 16 => {
            let mut bytes = [0; 16];
            bytes[..limbs.len()].copy_from_slice(limbs);
            Some(u128::from_le_bytes(bytes))
        }
        Integer::Large(..) => None,
    })
}

#[cfg(feature = "num-bigint")]
mod big {
    use super::super::{Data, Decode, Decoder, Encode, Encoder, WireError};
    use super::{Integer, put_large};
    use crate::schema::{Primitive, Type, Types};
    use num_bigint::{BigInt, BigUint, Sign};

    impl Data for BigInt {
        const MIN_SIZE: usize = 9;

        fn describe(_: &mut Types) -> Type {
            Type::Primitive(Primitive::Integer)
        }
    }

    impl Encode for BigInt {
        fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
            match i64::try_from(self) {
                Ok(small) => {
                    to.put_tag(0);
                    small.encode(to)?;
                }
                Err(_) => {
                    let (sign, magnitude) = self.to_bytes_le();
                    put_large(to, sign == Sign::Minus, &magnitude);
                }
            }
            Ok(())
        }
    }

    impl Decode<'_> for BigInt {
        fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
            Ok(match Integer::decode(from)? {
                Integer::Small(small) => small.into(),
                Integer::Large(negative, limbs) => {
                    BigInt::from_bytes_le(if negative { Sign::Minus } else { Sign::Plus }, limbs)
                }
            })
        }
    }

    impl Data for BigUint {
        const MIN_SIZE: usize = 9;

        fn describe(_: &mut Types) -> Type {
            Type::Primitive(Primitive::Natural)
        }
    }

    impl Encode for BigUint {
        fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
            match i64::try_from(self) {
                Ok(small) => {
                    to.put_tag(0);
                    small.encode(to)?;
                }
                Err(_) => put_large(to, false, &self.to_bytes_le()),
            }
            Ok(())
        }
    }

    impl Decode<'_> for BigUint {
        fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
            let at = from.at();
            let decoded = match Integer::decode(from)? {
                Integer::Small(small) => u64::try_from(small).ok().map(BigUint::from),
                Integer::Large(false, limbs) => Some(BigUint::from_bytes_le(limbs)),
                Integer::Large(true, _) => None,
            };
            decoded.ok_or(WireError::Value { at, what: "an integer of at least 0" })
        }
    }
}
