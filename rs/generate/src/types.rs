//! Data types, with their instances.

use crate::GenerateError;
use crate::haddock::comment;
use crate::scope::Scope;
use rs_in_hs_runtime::schema::haskell::{constant_camel, lower_camel, taken, upper_camel, written};
use rs_in_hs_runtime::schema::{Definition, Field, Primitive, Shape, Type, Types};

/// A type in Haskell's syntax, its names in scope.
pub fn type_in(scope: &Scope, of: &Type) -> String {
    written(of, false, &|name| scope.type_name(name))
}

/// The same as the argument of another type.
pub fn argument_in(scope: &Scope, of: &Type) -> String {
    written(of, true, &|name| scope.type_name(name))
}

/// The same as what a function takes.
pub fn taken_in(scope: &Scope, of: &Type) -> String {
    taken(of, &|name| scope.type_name(name))
}

/// A definition as Haskell sees it.
pub struct DataType<'a> {
    definition: &'a Definition,
    name: String,
    body: Body,
    /// Means nothing outside of a message, so that it cannot be stored.
    carries_references: bool,
    /// Can be neither compared nor shown.
    has_functions: bool,
}

enum Body {
    Constructors(Vec<Constructor>),
    /// The number, and the constants with their names in Rust.
    Flags(Primitive, Vec<(String, String, u128)>),
    /// It only says which objects are meant.
    Opaque,
}

struct Constructor {
    name: String,
    docs: String,
    fields: Vec<Slot>,
    is_record: bool,
}

struct Slot {
    name: Option<String>,
    docs: String,
    of: Type,
    /// Whether all constructors have this field.
    is_shared: bool,
}

impl<'a> DataType<'a> {
    /// `types`: where the definitions are that it leads to.
    pub fn new(definition: &'a Definition, types: &Types) -> Self {
        let name = upper_camel(&definition.name);
        // A field that not every constructor has belongs to one, as others do.
        let message = definition.is_error.then(|| if is_all_records(&definition.shape) { name.as_str() } else { "" });
        let constructor =
            |constructor: String, docs: &str, fields: &[Field]| Constructor::new(message, constructor, docs, fields);
        let body = match &definition.shape {
            Shape::Struct(fields) => Body::Constructors(vec![constructor(name.clone(), "", fields)]),
            Shape::Enum(variants) => Body::Constructors(
                variants
                    .iter()
                    .map(|variant| {
                        constructor(format!("{name}{}", upper_camel(&variant.name)), &variant.docs, &variant.fields)
                    })
                    .collect(),
            ),
            Shape::Flags(bits, flags) => {
                let constant = |flag: &str| format!("{}{}", lower_camel(&name), constant_camel(flag));
                Body::Flags(
                    *bits,
                    flags.iter().map(|flag| (constant(&flag.name), flag.name.clone(), flag.bits)).collect(),
                )
            }
            Shape::Opaque => Body::Opaque,
        };
        let carries_references = definition.fields().any(|field| types.carries_references(&field.of));
        let has_functions = definition.fields().any(|field| types.has_functions(&field.of));
        DataType { definition, name, body, carries_references, has_functions }
    }

    pub fn define(&self, scope: &mut Scope) -> Result<(), GenerateError> {
        let rust = &self.definition.name;
        scope.define_type(&self.name, format!("the type {rust}"))?;
        match &self.body {
            Body::Constructors(constructors) => {
                for constructor in constructors {
                    scope.define_constructor(&constructor.name, format!("the constructor of {rust}"))?;
                    for field in constructor.fields.iter().filter(|field| !field.is_shared) {
                        if let Some(name) = &field.name {
                            scope.define_value(name, format!("a field of {rust}"))?;
                        }
                    }
                }
                if constructors.iter().flat_map(|constructor| &constructor.fields).any(|field| field.is_shared) {
                    scope.define_value(&display_field(&self.name), format!("the message of {rust}"))?;
                }
            }
            Body::Flags(_, constants) => {
                scope.define_constructor(&self.name, format!("the constructor of {rust}"))?;
                for (name, flag, _) in constants {
                    scope.define_value(name, format!("the flag {rust}::{flag}"))?;
                }
            }
            Body::Opaque => {}
        }
        Ok(())
    }

    /// What of it is exported.
    pub fn exports(&self) -> Vec<String> {
        let with_parts = format!("{} (..)", self.name);
        match &self.body {
            Body::Flags(_, constants) => {
                [with_parts].into_iter().chain(constants.iter().map(|(name, ..)| name.clone())).collect()
            }
            Body::Constructors(_) => vec![with_parts],
            Body::Opaque => vec![self.name.clone()],
        }
    }

    /// Whether instances of the number are taken over.
    pub fn is_flags(&self) -> bool {
        matches!(self.body, Body::Flags(..))
    }

    /// Whether it has instances.
    pub fn is_derived(&self) -> bool {
        !matches!(self.body, Body::Opaque)
    }

    /// Whether one of them is `Store`.
    pub fn is_stored(&self) -> bool {
        self.is_derived() && !self.carries_references
    }

    pub fn write(&self, scope: &Scope) -> String {
        match &self.body {
            Body::Constructors(constructors) => {
                let mut text = match constructors.as_slice() {
                    [only] => self.write_one(scope, only),
                    several => self.write_several(scope, several),
                };
                let is_enumeration = constructors.iter().all(|constructor| constructor.fields.is_empty());
                let stock: &[_] = match is_enumeration && constructors.len() > 1 {
                    _ if self.has_functions => &["Generic"],
                    true => &["Eq", "Ord", "Show", "Enum", "Bounded", "Generic"],
                    false => &["Eq", "Ord", "Show", "Generic"],
                };
                text += &self.deriving(scope, stock, "anyclass", &["Wire"]);
                // An exception has to be shown.
                if self.definition.is_error && !self.has_functions {
                    text += &self.write_exception(scope, constructors);
                }
                text
            }
            Body::Flags(bits, constants) => self.write_flags(scope, *bits, constants),
            Body::Opaque => format!("{}data {}\n", comment(&self.definition.docs, 0), self.name),
        }
    }

    /// The clauses of the type: stock classes, others by a strategy, and `Store`.
    fn deriving(&self, scope: &Scope, stock: &[&'static str], strategy: &str, others: &[&'static str]) -> String {
        let list = |classes: &[&'static str]| {
            classes.iter().map(|class| scope.type_name(class)).collect::<Vec<_>>().join(", ")
        };
        let mut text = format!("  deriving stock ({})\n  deriving {strategy} ({})\n", list(stock), list(others));
        if self.is_stored() {
            let (store, on_wire) = (scope.type_name("Store"), scope.type_name("OnWire"));
            text += &format!("  deriving ({store}) via ({on_wire} {})\n", self.name);
        }
        text
    }

    /// A type of one constructor, which begins on the type's line, and whose docs are the type's.
    fn write_one(&self, scope: &Scope, only: &Constructor) -> String {
        let docs: Vec<_> = [&self.definition.docs, &only.docs].into_iter().filter(|docs| !docs.is_empty()).collect();
        let docs = docs.into_iter().map(String::as_str).collect::<Vec<_>>().join("\n\n");
        let (keyword, strict) = if only.fields.len() == 1 { ("newtype", "") } else { ("data", "!") };
        format!("{}{keyword} {} = {}", comment(&docs, 0), self.name, only.write(scope, strict, 2))
    }

    fn write_several(&self, scope: &Scope, constructors: &[Constructor]) -> String {
        let mut text = format!("{}data {}\n", comment(&self.definition.docs, 0), self.name);
        for (at, constructor) in constructors.iter().enumerate() {
            let docs = comment(&constructor.docs, 4);
            text += if at == 0 { "  = " } else { "  | " };
            text += docs.trim_start();
            text += if docs.is_empty() { "" } else { "    " };
            text += &constructor.write(scope, "!", 6);
        }
        text
    }

    fn write_flags(&self, scope: &Scope, bits: Primitive, constants: &[(String, String, u128)]) -> String {
        let docs = comment(&self.definition.docs, 0);
        let mut text = format!("{docs}newtype {0} = {0} {1}\n", self.name, scope.type_name(bits.haskell()));
        let shared = ["Eq", "Ord", "Bits", "Wire"];
        text += &self.deriving(scope, &["Show", "Generic"], "newtype", &shared);
        for (name, flag, bits) in constants {
            text += &format!("\n-- | The flag @{flag}@.\n{name} :: {}\n{name} = {0} {bits}\n", self.name);
        }
        text
    }

    fn write_exception(&self, scope: &Scope, constructors: &[Constructor]) -> String {
        let exception = scope.type_name("Exception");
        let unpack = scope.value("unpack");
        let mut text = format!("\ninstance {exception} {} where\n", self.name);
        if let [only] = constructors
            && only.is_record
        {
            let (compose, field) = (".", display_field(&self.name));
            scope.value("(.)");
            return text + &format!("  displayException = {unpack} {compose} {field}\n");
        }
        let locals = scope.locals(["failure", "message"]);
        let [failure, message] = [&locals[0], &locals[1]];
        text += &format!("  displayException {failure} = case {failure} of\n");
        for constructor in constructors {
            let holes = "_ ".repeat(constructor.fields.len() - 1);
            text += &format!("    {} {holes}{message} -> {unpack} {message}\n", constructor.name);
        }
        text
    }
}

/// Whether every constructor has only fields with names, or none.
fn is_all_records(shape: &Shape) -> bool {
    let named = |fields: &[Field]| fields.iter().all(|field| field.name.is_some());
    match shape {
        Shape::Struct(fields) => named(fields),
        Shape::Enum(variants) => variants.iter().all(|variant| named(&variant.fields)),
        Shape::Flags(..) | Shape::Opaque => false,
    }
}

/// The field that holds the message of an error.
fn display_field(of: &str) -> String {
    format!("{}Display", lower_camel(of))
}

impl Constructor {
    /// `message`: of an error, the type whose constructors share the field of its message; empty if they do not.
    fn new(message: Option<&str>, name: String, docs: &str, fields: &[Field]) -> Self {
        let prefix = lower_camel(&name);
        let is_record = fields.iter().all(|field| field.name.is_some()) && (message.is_some() || !fields.is_empty());
        let mut fields: Vec<_> = fields
            .iter()
            .map(|field| Slot {
                name: field.name.as_ref().map(|field| format!("{prefix}{}", upper_camel(field))),
                docs: field.docs.clone(),
                of: field.of.clone(),
                is_shared: false,
            })
            .collect();
        let mut docs = docs.to_owned();
        if !is_record {
            // A constructor's fields have no place for docs that every formatter leaves alone.
            for (at, field) in fields.iter_mut().enumerate().filter(|(_, field)| !field.docs.is_empty()) {
                let gap = if docs.is_empty() { "" } else { "\n\n" };
                docs += &format!("{gap}Field {}: {}", at + 1, std::mem::take(&mut field.docs));
            }
        }
        if let Some(of) = message {
            fields.push(Slot {
                name: is_record.then(|| display_field(if of.is_empty() { &name } else { of })),
                docs: "What it says of itself in Rust.".into(),
                of: Type::Primitive(Primitive::Text),
                is_shared: !of.is_empty(),
            });
        }
        Constructor { name, docs, fields, is_record }
    }

    /// From behind the `=` or `|` to the end of the line; fields are `indent` away from the margin.
    fn write(&self, scope: &Scope, strict: &str, indent: usize) -> String {
        let mut text = self.name.clone();
        if !self.is_record {
            self.fields.iter().for_each(|field| text += &format!(" {strict}{}", argument_in(scope, &field.of)));
            return text + "\n";
        }
        let margin = " ".repeat(indent);
        for (at, field) in self.fields.iter().enumerate() {
            let docs = comment(&field.docs, indent + 2);
            let name = field.name.as_deref().unwrap_or("_");
            // Without a mark of strictness a type needs no parentheses.
            let of = if strict.is_empty() { type_in(scope, &field.of) } else { argument_in(scope, &field.of) };
            text += &if at == 0 { format!("\n{margin}{{ ") } else { format!(",\n{margin}  ") };
            if !docs.is_empty() {
                text += &format!("{}{margin}  ", docs.trim_start());
            }
            text += &format!("{name} :: {strict}{of}");
        }
        format!("{text}\n{margin}}}\n")
    }
}
