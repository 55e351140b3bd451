//! What a service is made of: its methods and their types, as both sides have to know them.
//!
//! The attributes `#[rs_in_hs::service]` and `#[rs_in_hs::data]` write functions that describe themselves here. The
//! generator turns a schema into a Haskell module, which carries it as [`text`] without the docs; when the program
//! starts, the [`difference`] between the two sides is told.

pub mod difference;
pub mod haskell;
pub mod text;

use std::fmt;

/// A service: what a Haskell module is generated from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// The trait's name.
    pub name: String,
    /// The trait's docs, in lines.
    pub docs: String,
    /// In the order of the source.
    pub methods: Vec<Method>,
    /// What the methods' types are made of.
    pub types: Types,
}

/// A method of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// The function's name.
    pub name: String,
    /// Its docs.
    pub docs: String,
    /// Whether it is answered.
    pub is_cast: bool,
    /// Its arguments, which all have names.
    pub arguments: Vec<Field>,
    /// The type of the answer; unit for a cast.
    pub answer: Type,
}

/// A field or an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// `None` in a tuple struct or variant.
    pub name: Option<String>,
    /// Its docs.
    pub docs: String,
    /// Its type.
    pub of: Type,
}

/// A type as both sides know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// One without parts.
    Primitive(Primitive),
    /// `Option`, `Maybe`.
    Option(Box<Type>),
    /// A sequence of any length. Of bytes it is [`Primitive::Bytes`].
    List(Box<Type>),
    /// A sequence, list or bytes, of a fixed length.
    Array(Box<Type>, usize),
    /// A set, in ascending order.
    Set(Box<Type>),
    /// A map, in ascending order of its keys.
    Map(Box<Type>, Box<Type>),
    /// The value and the error.
    Result(Box<Type>, Box<Type>),
    /// Two to seven parts.
    Tuple(Vec<Type>),
    /// One of [`Types`], by its name.
    Named(String),
}

macro_rules! primitives {
    ($($(#[$docs:meta])* $name:ident $rust:literal $haskell:literal),* $(,)?) => {
        /// A type without parts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Primitive {
            $($(#[$docs])* $name,)*
        }

        impl Primitive {
            const ALL: &[Primitive] = &[$(Primitive::$name),*];

            /// Its name in Rust, and in a schema's text.
            pub fn rust(self) -> &'static str {
                match self {
                    $(Primitive::$name => $rust,)*
                }
            }

            /// Its name in Haskell.
            pub fn haskell(self) -> &'static str {
                match self {
                    $(Primitive::$name => $haskell,)*
                }
            }
        }
    };
}

primitives! {
    Unit "()" "()",
    Bool "bool" "Bool",
    Char "char" "Char",
    U8 "u8" "Word8",
    U16 "u16" "Word16",
    U32 "u32" "Word32",
    U64 "u64" "Word64",
    U128 "u128" "Word128",
    Usize "usize" "Word",
    I8 "i8" "Int8",
    I16 "i16" "Int16",
    I32 "i32" "Int32",
    I64 "i64" "Int64",
    I128 "i128" "Int128",
    Isize "isize" "Int",
    F32 "f32" "Float",
    F64 "f64" "Double",
    Text "String" "Text",
    Bytes "Vec<u8>" "ByteString",
    Time "SystemTime" "UTCTime",
    Duration "Duration" "NominalDiffTime",
    Integer "BigInt" "Integer",
    Natural "BigUint" "Natural",
}

impl Primitive {
    /// The one of this name in a schema's text.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|primitive| primitive.rust() == name)
    }

    /// Whether it is a number of a fixed size that Haskell keeps in vectors.
    pub fn is_packed(self) -> bool {
        use Primitive::*;
        matches!(self, U16 | U32 | U64 | Usize | I8 | I16 | I32 | I64 | Isize | F32 | F64)
    }
}

/// A struct, an enum or a set of flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The type's name, in one word with those of its parameters.
    pub name: String,
    /// Its docs.
    pub docs: String,
    /// Whether it implements `Error`. Then its message follows its fields on the wire.
    pub is_error: bool,
    /// What it consists of.
    pub shape: Shape,
}

/// What a definition consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Fields, one after the other.
    Struct(Vec<Field>),
    /// A tag, and the fields of that variant. One of a single variant has no tag.
    Enum(Vec<Variant>),
    /// The number that has the bits, and the names of some of them.
    Flags(Primitive, Vec<Flag>),
}

/// One variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Its docs.
    pub docs: String,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// A named flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its name.
    pub name: String,
    /// Its bits.
    pub bits: u128,
}

/// Definitions, in the order in which they were met.
#[derive(Clone, Debug, Default)]
pub struct Types {
    /// The definition, and the Rust type that it is of. `None` while the type's parts are described, which may lead
    /// back to it.
    definitions: Vec<(String, &'static str, Option<Definition>)>,
    /// Other Rust types of a name that is defined, which were compared, or are.
    others: Vec<(String, &'static str)>,
    clashes: Vec<String>,
}

/// Of definitions alone: what Rust types they are of is known on one side only.
impl PartialEq for Types {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Types {}

impl Types {
    /// Adds the definition of `T`, unless it is there, and refers to it by its name.
    pub fn define<T: ?Sized>(&mut self, name: String, build: impl FnOnce(&mut Types) -> Definition) -> Type {
        let of = std::any::type_name::<T>();
        match self.definitions.iter().position(|(known, ..)| *known == name) {
            Some(at) if self.definitions[at].1 == of => {}
            Some(at) => self.compare(at, of, build),
            None => {
                if Primitive::named(&name).is_some() {
                    self.clashes.push(format!("{of} is called like a type that Rust brings: rename it"));
                }
                let at = self.definitions.len();
                self.definitions.push((name.clone(), of, None));
                let definition = build(self);
                self.definitions[at].2 = Some(definition);
            }
        }
        Type::Named(name)
    }

    /// Two Rust types of one name are fine if they are one type in Haskell, like a page of `&str` and one of `String`.
    fn compare(&mut self, at: usize, of: &'static str, build: impl FnOnce(&mut Types) -> Definition) {
        let name = self.definitions[at].0.clone();
        if self.others.contains(&(name.clone(), of)) {
            return;
        }
        self.others.push((name.clone(), of));
        let other = build(self);
        let (_, known, definition) = &self.definitions[at];
        if definition.as_ref() != Some(&other) {
            self.clashes.push(format!("{known} and {of} would both be {name} in Haskell: rename one of them"));
        }
    }

    /// Adds a definition that was read.
    pub(crate) fn add(&mut self, definition: Definition) {
        self.definitions.push((definition.name.clone(), "", Some(definition)));
    }

    /// All definitions.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.definitions.iter().filter_map(|(.., definition)| definition.as_ref())
    }

    /// The definition of this name.
    pub fn get(&self, name: &str) -> Option<&Definition> {
        self.iter().find(|definition| definition.name == name)
    }

    /// Types of one name.
    pub fn clashes(&self) -> &[String] {
        &self.clashes
    }
}

/// The name of a generic type at these parameters, in one word: `Page<Hit>` is `PageHit`.
pub fn name_at(generic: &str, parameters: &[String]) -> String {
    parameters.iter().fold(generic.to_owned(), |name, parameter| name + parameter)
}

/// A type in one word, for [`name_at`].
pub fn in_one_word(of: &Type) -> String {
    let haskell = haskell::type_name(of);
    match of {
        Type::Primitive(Primitive::Unit) => "Unit".into(),
        Type::List(element) => format!("List{}", in_one_word(element)),
        Type::Array(list, len) => format!("{}{len}", in_one_word(list)),
        Type::Option(inner) => format!("Maybe{}", in_one_word(inner)),
        Type::Set(element) => format!("Set{}", in_one_word(element)),
        Type::Map(key, value) => format!("Map{}{}", in_one_word(key), in_one_word(value)),
        Type::Result(value, error) => format!("Either{}{}", in_one_word(error), in_one_word(value)),
        Type::Tuple(parts) => parts.iter().map(in_one_word).collect(),
        Type::Primitive(_) | Type::Named(_) => haskell,
    }
}

impl Service {
    /// 128 bits that stand for the schema. They depend on names and types alone: docs, the order of methods and of
    /// definitions, and how the source is laid out make no difference.
    pub fn hash(&self) -> u128 {
        fnv_1a_128(text::canonical(self).as_bytes())
    }

    /// The number by which a message says that it is for this method: a hash of all that decides what its bytes mean,
    /// so that a message never gets to a method with other types.
    pub fn method_id(&self, method: &Method) -> u64 {
        crate::method::method_id(&text::signature(self, method))
    }

    /// The method of this name.
    pub fn method(&self, name: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.name == name)
    }
}

/// In the syntax of Rust.
impl fmt::Display for Type {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Primitive(primitive) => to.write_str(primitive.rust()),
            Type::Option(inner) => write!(to, "Option<{inner}>"),
            Type::List(element) => write!(to, "Vec<{element}>"),
            Type::Array(list, len) => match &**list {
                Type::List(element) => write!(to, "[{element}; {len}]"),
                _ => write!(to, "[u8; {len}]"),
            },
            Type::Set(element) => write!(to, "Set<{element}>"),
            Type::Map(key, value) => write!(to, "Map<{key}, {value}>"),
            Type::Result(value, error) => write!(to, "Result<{value}, {error}>"),
            Type::Tuple(parts) => {
                to.write_str("(")?;
                for (at, part) in parts.iter().enumerate() {
                    write!(to, "{}{part}", if at > 0 { ", " } else { "" })?;
                }
                to.write_str(")")
            }
            Type::Named(name) => to.write_str(name),
        }
    }
}

fn fnv_1a_128(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, &byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}

#[cfg(test)]
mod tests {
    use super::fnv_1a_128;

    #[test]
    fn agrees_with_the_published_vectors_of_fnv_1a() {
        assert_eq!(fnv_1a_128(b""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(fnv_1a_128(b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }
}
