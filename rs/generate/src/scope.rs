//! The names in a module: those that it defines, and those that it imports.

use crate::{GenerateError, prelude};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// Names in one module. What the Prelude does not have comes from one module of rs-in-hs, by its name; where the module
/// defines the same name itself, by that name and a qualifier.
#[derive(Default)]
pub struct Scope {
    service: String,
    types: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
    imports: RefCell<BTreeSet<&'static str>>,
    is_qualified: Cell<bool>,
}

/// Haskell's words that are no names, or not with an extension.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "case", "class", "data", "default", "deriving", "do", "else", "forall", "foreign", "if", "import", "in", "infix",
    "infixl", "infixr", "instance", "let", "mdo", "module", "newtype", "of", "pattern", "proc", "rec", "static", "then",
    "type", "where",
];

/// Classes and types that are imported with what belongs to them: types, and functions.
const WITH_PARTS: &[(&str, &[&str], &[&str])] = &[
    ("Call", &["Response"], &["callMethod"]),
    ("Cast", &[], &["castMethod"]),
    ("Exception", &[], &["displayException", "fromException", "toException"]),
    ("OnWire", &[], &["OnWire"]),
    ("Service", &[], &["Service", "serviceHash", "serviceName", "serviceSchema"]),
];

/// Functions that may be imported.
const IMPORTABLE: &[&str] = &[
    "callRust",
    "callRustDirect",
    "callRustTimeout",
    "carrying",
    "castRust",
    "nonblocking",
    "serviceMethod",
    "tryCastRust",
    "unpack",
    "withRustStream",
];

impl Scope {
    pub fn new(service: &str) -> Self {
        Scope { service: service.into(), ..Scope::default() }
    }

    /// The module will define a type.
    pub fn define_type(&mut self, name: &str, of: String) -> Result<(), GenerateError> {
        self.check_type(name, &of)?;
        define(&self.service, &mut self.types, name, of)
    }

    /// The module will define a constructor.
    pub fn define_constructor(&mut self, name: &str, of: String) -> Result<(), GenerateError> {
        self.check_type(name, &of)?;
        define(&self.service, &mut self.values, name, of)
    }

    /// The module will define a function or a field.
    pub fn define_value(&mut self, name: &str, of: String) -> Result<(), GenerateError> {
        self.check(name, |first| first.is_alphabetic() && !first.is_uppercase(), &of)?;
        define(&self.service, &mut self.values, name, of)
    }

    /// Whether a name can be that of a type, or of a module.
    pub fn check_type(&self, name: &str, of: &str) -> Result<(), GenerateError> {
        self.check(name, char::is_uppercase, of)
    }

    fn check(&self, name: &str, begins: fn(char) -> bool, of: &str) -> Result<(), GenerateError> {
        if name.starts_with(begins) && name.chars().all(|c| c == '\'' || c.is_alphanumeric()) {
            return Ok(());
        }
        Err(GenerateError::Name { service: self.service.clone(), name: name.into(), of: of.into() })
    }

    /// An imported type or class.
    pub fn type_name(&self, name: &'static str) -> String {
        self.import(name, self.is_qualified_type(name))
    }

    /// An imported function.
    pub fn value(&self, name: &'static str) -> String {
        self.import(name, self.values.contains_key(name))
    }

    /// A field or constructor of an imported type.
    pub fn part(&self, of: &str, name: &str) -> String {
        if self.is_qualified_type(of) { format!("Rust.{name}") } else { name.into() }
    }

    /// Whether the module defines the same name, or one that comes with it.
    fn is_qualified_type(&self, name: &str) -> bool {
        let mut parts = WITH_PARTS.iter().filter(|(of, ..)| *of == name);
        self.types.contains_key(name)
            || parts.any(|(_, types, values)| {
                types.iter().any(|name| self.types.contains_key(*name))
                    || values.iter().any(|name| self.values.contains_key(*name))
            })
    }

    fn import(&self, name: &'static str, is_taken: bool) -> String {
        if is_taken {
            self.is_qualified.set(true);
            return format!("Rust.{name}");
        }
        if !prelude::TYPES.contains(&name) && name != "(.)" {
            self.imports.borrow_mut().insert(name);
        }
        name.into()
    }

    /// What the module defines and the Prelude has.
    pub fn hidden(&self) -> Vec<&str> {
        let types = self.types.keys().filter(|name| prelude::TYPES.contains(&name.as_str()));
        let values = self.values.keys().filter(|name| prelude::VALUES.contains(&name.as_str()));
        let hidden: BTreeSet<&str> = types.chain(values).map(String::as_str).collect();
        hidden.into_iter().collect()
    }

    /// Names for arguments, which hide no other, and are different.
    pub fn locals<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut locals: Vec<String> = Vec::new();
        for name in names {
            let mut name = match name.starts_with(char::is_alphabetic) {
                true => word(name),
                false => format!("value{name}"),
            };
            while self.is_known(&name) || locals.contains(&name) {
                name.push('\'');
            }
            locals.push(name);
        }
        locals
    }

    fn is_known(&self, name: &str) -> bool {
        let parts = WITH_PARTS.iter().flat_map(|(.., values)| *values);
        let mut imported = IMPORTABLE.iter().chain(prelude::VALUES).chain(parts);
        self.values.contains_key(name) || imported.any(|known| *known == name)
    }

    /// What was asked for and is imported by its name, as it stands in an import list.
    pub fn imports(&self) -> Vec<String> {
        let with_parts = |name: &str| match WITH_PARTS.iter().any(|(of, ..)| *of == name) {
            true => format!("{name} (..)"),
            false => name.into(),
        };
        self.imports.borrow().iter().map(|name| with_parts(name)).collect()
    }

    /// Whether something was asked for that is imported with a qualifier.
    pub fn is_qualified(&self) -> bool {
        self.is_qualified.get()
    }
}

fn define(service: &str, names: &mut BTreeMap<String, String>, name: &str, of: String) -> Result<(), GenerateError> {
    match names.insert(name.into(), of.clone()) {
        None => Ok(()),
        Some(before) => {
            Err(GenerateError::Clash { service: service.into(), name: name.into(), one: before, other: of })
        }
    }
}

/// A name that is no keyword.
pub fn word(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("{name}'") } else { name.into() }
}
