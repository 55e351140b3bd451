//! What a service is made of: its methods and their types, as both sides have to know them.
//!
//! The attributes `#[rs_in_hs::service]` and `#[rs_in_hs::data]` write functions that describe themselves here. The
//! generator turns a schema into a Haskell module, which carries it as [`text`] without the docs; when the program
//! starts, the [`difference`] between the two sides is told.

pub mod difference;
pub mod haskell;
mod reference;
pub mod text;

pub use reference::{Opaque, opaque};

use std::collections::HashMap;
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
    /// Whether it is short and never waits, by its author's word. That decides nothing of a message's bytes, so it is no
    /// part of a hash.
    pub is_nonblocking: bool,
    /// Its arguments, which all have names.
    pub arguments: Vec<Field>,
    /// The type of the answer; unit for a cast, and a stream for one that is subscribed to.
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
    /// A reference to a value in Rust whose type is one of [`Types`] too, and opaque.
    Object(String),
    /// A function in Rust, for Haskell to call: what it takes and what it gives.
    Closure(Box<Type>, Box<Type>),
    /// A function in Haskell, for Rust to call: what it takes and what it gives.
    Callback(Box<Type>, Box<Type>),
    /// Events, one after the other: only as the answer of a method.
    Stream(Box<Type>),
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

/// A struct, an enum, a set of flags, or the type of an object.
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

impl Definition {
    /// All fields that it has anywhere.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        let (alone, of_variants) = match &self.shape {
            Shape::Struct(fields) => (fields.as_slice(), [].as_slice()),
            Shape::Enum(variants) => ([].as_slice(), variants.as_slice()),
            Shape::Flags(..) | Shape::Opaque => ([].as_slice(), [].as_slice()),
        };
        alone.iter().chain(of_variants.iter().flat_map(|variant: &Variant| &variant.fields))
    }
}

impl Type {
    /// The names of the definitions in it.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Type::Primitive(_) => Vec::new(),
            Type::Option(inner)
            | Type::List(inner)
            | Type::Array(inner, _)
            | Type::Set(inner)
            | Type::Stream(inner) => inner.names(),
            Type::Map(one, other)
            | Type::Result(one, other)
            | Type::Closure(one, other)
            | Type::Callback(one, other) => [one.names(), other.names()].concat(),
            Type::Tuple(parts) => parts.iter().flat_map(Type::names).collect(),
            Type::Named(name) | Type::Object(name) => vec![name],
        }
    }
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
    /// What Haskell holds references to, and does not look into.
    Opaque,
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
    definitions: Vec<Defined>,
    /// Where each name is among them.
    places: HashMap<String, usize>,
    /// Other Rust types of a name that is defined, which were compared, or are.
    others: Vec<(String, Origin)>,
    clashes: Vec<String>,
}

#[derive(Clone, Debug)]
struct Defined {
    origin: Origin,
    /// `None` while the type's parts are described, which may lead back to it.
    definition: Option<Definition>,
}

/// What Rust type a definition is of: the name that Rust gives it, and where it was defined. Two versions of a crate have
/// types of the same name, and so have two blocks.
type Origin = (&'static str, &'static str);

/// Of definitions alone: what Rust types they are of is known on one side only.
impl PartialEq for Types {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Types {}

impl Types {
    /// Adds the definition of `T`, which stands at this place in the source, unless it is there, and refers to it by its
    /// name.
    pub fn define<T: ?Sized>(
        &mut self,
        place: &'static str,
        name: String,
        build: impl FnOnce(&mut Types) -> Definition,
    ) -> Type {
        let origin = (std::any::type_name::<T>(), place);
        match self.places.get(&name) {
            Some(&at) if self.definitions[at].origin == origin => {}
            Some(&at) => self.compare(at, &name, origin, build),
            None => {
                if Primitive::named(&name).is_some() {
                    self.clashes.push(format!("{} is called like a type that Rust brings: rename it", origin.0));
                }
                let at = self.push(name.clone(), Defined { origin, definition: None });
                let definition = build(self);
                self.definitions[at].definition = Some(definition);
            }
        }
        Type::Named(name)
    }

    /// Two Rust types of one name are fine if they are one type in Haskell, like a page of `&str` and one of `String`.
    fn compare(&mut self, at: usize, name: &str, origin: Origin, build: impl FnOnce(&mut Types) -> Definition) {
        let known = (name.to_owned(), origin);
        if self.others.contains(&known) {
            return;
        }
        self.others.push(known);
        let other = build(self);
        let first = &self.definitions[at];
        if first.definition.as_ref() != Some(&other) {
            let ((one, there), (two, here)) = (first.origin, origin);
            let places = if one == two { format!(" ({there} and {here})") } else { String::new() };
            self.clashes.push(format!("{one} and {two}{places} would both be {name} in Haskell: rename one of them"));
        }
    }

    /// Adds a definition that was read.
    pub(crate) fn add(&mut self, definition: Definition) {
        self.push(definition.name.clone(), Defined { origin: ("", ""), definition: Some(definition) });
    }

    fn push(&mut self, name: String, defined: Defined) -> usize {
        let at = self.definitions.len();
        self.definitions.push(defined);
        self.places.insert(name, at);
        at
    }

    /// All definitions.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.definitions.iter().filter_map(|defined| defined.definition.as_ref())
    }

    /// The definition of this name.
    pub fn get(&self, name: &str) -> Option<&Definition> {
        self.places.get(name).and_then(|&at| self.definitions[at].definition.as_ref())
    }

    /// Types of one name.
    pub fn clashes(&self) -> &[String] {
        &self.clashes
    }
}

/// The name of a generic type at these parameters, in one word: `Page<Hit>` is `PageHit`. What is no letter in a
/// parameter, like the minus of a constant, is spelled.
pub fn name_at(generic: &str, parameters: &[String]) -> String {
    let spelled = parameters.iter().flat_map(|parameter| parameter.chars()).map(|c| match c {
        '-' => "Minus".into(),
        c if c == '_' || c.is_alphanumeric() => c.to_string(),
        c => format!("U{:X}", u32::from(c)),
    });
    spelled.fold(generic.to_owned(), |name, letters| name + &letters)
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
        Type::Object(name) => format!("Object{}", haskell::upper_camel(name)),
        Type::Closure(takes, gives) => format!("RustFunction{}{}", in_one_word(takes), in_one_word(gives)),
        Type::Callback(takes, gives) => format!("Function{}{}", in_one_word(takes), in_one_word(gives)),
        Type::Stream(event) => format!("Stream{}", in_one_word(event)),
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
            Type::Object(name) => write!(to, "Object<{name}>"),
            Type::Closure(takes, gives) => write!(to, "Closure<{takes}, {gives}>"),
            Type::Callback(takes, gives) => write!(to, "Callback<{takes}, {gives}>"),
            Type::Stream(event) => write!(to, "Stream<{event}>"),
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
