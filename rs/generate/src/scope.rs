//! The names in a module: those that it defines, and those that it imports.

use crate::GenerateError;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// Names in one module. All imports come from one module of rs-in-hs, each by its name; where the module defines the
/// same name itself, by that name and a qualifier.
#[derive(Default)]
pub struct Scope {
    service: String,
    types: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
    imports: RefCell<BTreeSet<&'static str>>,
    is_qualified: Cell<bool>,
}

/// Haskell's words that are no names, among those that Rust or its users could write.
const KEYWORDS: &[&str] = &[
    "as",
    "case",
    "class",
    "data",
    "default",
    "deriving",
    "do",
    "else",
    "family",
    "forall",
    "foreign",
    "hiding",
    "if",
    "import",
    "in",
    "infix",
    "infixl",
    "infixr",
    "instance",
    "let",
    "mdo",
    "module",
    "newtype",
    "of",
    "pattern",
    "proc",
    "qualified",
    "rec",
    "role",
    "static",
    "stock",
    "then",
    "type",
    "via",
    "where",
];

impl Scope {
    pub fn new(service: &str) -> Self {
        Scope { service: service.into(), ..Scope::default() }
    }

    /// The module will define a type.
    pub fn define_type(&mut self, name: &str, of: String) -> Result<(), GenerateError> {
        define(&self.service, &mut self.types, name, of)
    }

    /// The module will define a function, a field or a constructor.
    pub fn define_value(&mut self, name: &str, of: String) -> Result<(), GenerateError> {
        define(&self.service, &mut self.values, name, of)
    }

    /// An imported type or class.
    pub fn type_name(&self, name: &'static str) -> String {
        self.import(name, self.types.contains_key(name))
    }

    /// An imported function.
    pub fn value(&self, name: &'static str) -> String {
        self.import(name, self.values.contains_key(name))
    }

    fn import(&self, name: &'static str, is_taken: bool) -> String {
        if is_taken {
            self.is_qualified.set(true);
            return format!("Rust.{name}");
        }
        self.imports.borrow_mut().insert(name);
        name.into()
    }

    /// A name for an argument, which hides no other.
    pub fn local(&self, name: &str) -> String {
        let name = word(name);
        let is_taken = self.values.contains_key(&name) || self.imports.borrow().contains(name.as_str());
        if is_taken { name + "'" } else { name }
    }

    /// What was asked for and is imported by its name.
    pub fn imports(&self) -> Vec<&'static str> {
        self.imports.borrow().iter().copied().collect()
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
