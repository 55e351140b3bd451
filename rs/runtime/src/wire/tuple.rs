//! Unit and tuples: the parts one after the other, with nothing between.

use super::stack::frame;
use super::{Data, Decode, Decoder, Encode, Encoder, WireError};
use crate::schema::{Primitive, Type, Types};

impl Data for () {
    const MIN_SIZE: usize = 0;

    fn describe(_: &mut Types) -> Type {
        Type::Primitive(Primitive::Unit)
    }
}

impl Encode for () {
    fn encode(&self, _: &mut Encoder) -> Result<(), WireError> {
        Ok(())
    }
}

impl Decode<'_> for () {
    fn decode(_: &mut Decoder<'_>) -> Result<Self, WireError> {
        Ok(())
    }
}

macro_rules! tuples {
    ($(($($part:ident $at:tt),*))*) => {
        $(impl<$($part: Data),*> Data for ($($part,)*) {
            const MIN_SIZE: usize = 0 $(+ $part::MIN_SIZE)*;

            fn describe(types: &mut Types) -> Type {
                Type::Tuple(vec![$($part::describe(types)),*])
            }
        }

        impl<$($part: Encode),*> Encode for ($($part,)*) {
            fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
                $(self.$at.encode(to)?;)*
                Ok(())
            }
        }

        impl<'de, $($part: Decode<'de>),*> Decode<'de> for ($($part,)*) {
            const STACK: usize = frame(size_of::<Self>(), &[$(size_of::<$part>()),*]) $(.saturating_add($part::STACK))*;

            fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
                Ok(($($part::decode(from)?,)*))
            }
        })*
    };
}

tuples! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
}
