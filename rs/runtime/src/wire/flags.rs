//! Types of the crate `bitflags`: their bits. `rs_in_hs::flags!` writes the traits by these functions.

use super::{Decode, Decoder, Encode, Encoder, WireError};
use crate::schema::{Definition, Flag, Shape, Type, Types};
use bitflags::Flags;

/// A definition from what the type says of itself: its flags' names and bits.
pub fn describe_flags<T: Flags>(place: &'static str, name: &str, docs: &[&str], types: &mut Types) -> Type
where
    T::Bits: super::Data + Into<u128>,
{
    types.define::<T>(place, name.into(), |types| {
        let Type::Primitive(bits) = <T::Bits as super::Data>::describe(types) else {
            unreachable!("bits are a number");
        };
        let flags = T::FLAGS
            .iter()
            // An unnamed flag is bitflags' way to say which unknown bits are fine.
            .filter(|flag| !flag.name().is_empty())
            .map(|flag| Flag { name: flag.name().into(), bits: flag.value().bits().into() })
            .collect();
        let docs: Vec<_> = docs.iter().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
        Definition {
            name: name.into(),
            docs: docs.join("\n").trim_end().into(),
            is_error: false,
            shape: Shape::Flags(bits, flags),
        }
    })
}

/// Writes the bits.
pub fn encode_flags<T: Flags>(flags: &T, to: &mut Encoder) -> Result<(), WireError>
where
    T::Bits: Encode,
{
    flags.bits().encode(to)
}

/// Reads the bits, and refuses those that no flag has.
pub fn decode_flags<'de, T: Flags>(from: &mut Decoder<'de>) -> Result<T, WireError>
where
    T::Bits: Decode<'de>,
{
    let at = from.at();
    let bits = T::Bits::decode(from)?;
    T::from_bits(bits).ok_or(WireError::Value { at, what: "a set of the flags there are" })
}
