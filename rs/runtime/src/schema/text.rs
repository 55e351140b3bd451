//! Schemas as text, a line for each item, as it is embedded in Haskell modules and read by the generator:
//!
//! ```text
//! /// Searches documents.
//! service Search
//! call find(query: Query) -> Result<Vec<Hit>, PatternError>
//! nonblocking call count() -> u64
//! cast forget(path: String)
//! call changes(folder: String) -> Stream<Change>
//! call open(path: String) -> Object<Index>
//! struct Query {
//!   pattern: String
//!   max_hits: u64
//! }
//! enum Added {
//!   Stored {
//!     _: u64
//!   }
//!   NotUtf8
//! }
//! error struct PatternError {
//!   at: u64
//! }
//! flags Mode: u8 {
//!   READ = 1
//! }
//! object Index
//! ```

mod read;

pub use read::{ParseError, parse};

use super::{Definition, Field, Method, Service, Shape, Type, Types, Variant};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Services with their docs, in the order of their source; or, in a line that begins with [`REFUSED`], why they cannot
/// be generated from.
pub fn all(services: &[Service]) -> String {
    match clashes(services).first() {
        Some(clash) => format!("{REFUSED}{clash}\n"),
        None => services.iter().map(documented).collect(),
    }
}

/// Why each service is refused, and services of one name.
fn clashes(services: &[Service]) -> Vec<String> {
    let mut names = BTreeSet::new();
    let twice = services.iter().filter(|service| !names.insert(service.name.as_str()));
    let twice = twice.map(|service| format!("two services are called {}: rename one of them", service.name));
    services.iter().flat_map(Service::clashes).chain(twice).collect()
}

/// See [`all`].
pub const REFUSED: &str = "refused: ";

/// The service with its docs, in the order of its source.
fn documented(service: &Service) -> String {
    let mut to = Writer { with_docs: true, ..Writer::default() };
    to.docs(&service.docs);
    to.line(format_args!("service {}", service.name));
    service.methods.iter().for_each(|method| to.method(method));
    service.types.iter().for_each(|definition| to.definition(definition));
    to.text
}

/// What decides whether two sides agree, in alphabetical order.
pub fn canonical(service: &Service) -> String {
    let mut to = Writer::default();
    to.line(format_args!("service {}", service.name));
    let mut methods: Vec<_> = service.methods.iter().collect();
    methods.sort_by_key(|method| &method.name);
    methods.into_iter().for_each(|method| to.method(method));
    to.definitions(service.types.iter().collect());
    to.text
}

/// What decides the bytes of a method's messages, in alphabetical order.
pub fn signature(service: &Service, method: &Method) -> String {
    let mut to = Writer::default();
    to.line(format_args!("service {}", service.name));
    to.method(method);
    let mut names = BTreeSet::new();
    method.arguments.iter().for_each(|argument| reach(&argument.of, &service.types, &mut names));
    reach(&method.answer, &service.types, &mut names);
    to.definitions(names.iter().filter_map(|name| service.types.get(name)).collect());
    to.text
}

/// The names of all definitions that a type leads to.
fn reach<'a>(of: &'a Type, types: &'a Types, names: &mut BTreeSet<&'a str>) {
    for name in of.names() {
        if let Some(definition) = types.get(name)
            && names.insert(name)
        {
            definition.fields().for_each(|field| reach(&field.of, types, names));
        }
    }
}

#[derive(Default)]
struct Writer {
    text: String,
    with_docs: bool,
    depth: usize,
}

impl Writer {
    fn line(&mut self, line: std::fmt::Arguments) {
        // Writing to a String does not fail.
        let _ = writeln!(self.text, "{:1$}{line}", "", 2 * self.depth);
    }

    /// A line, and in braces, if there is something in them, what belongs to it.
    fn block(&mut self, head: std::fmt::Arguments, is_empty: bool, inner: impl FnOnce(&mut Self)) {
        if is_empty {
            return self.line(head);
        }
        self.line(format_args!("{head} {{"));
        self.depth += 1;
        inner(self);
        self.depth -= 1;
        self.line(format_args!("}}"));
    }

    fn docs(&mut self, docs: &str) {
        if self.with_docs && !docs.is_empty() {
            // Not `lines`, which leaves out an empty one at the end.
            docs.split('\n').for_each(|line| self.line(format_args!("/// {line}")));
        }
    }

    fn method(&mut self, method: &Method) {
        self.docs(&method.docs);
        let arguments: Vec<_> =
            method.arguments.iter().map(|field| format!("{}: {}", label(field), field.of)).collect();
        let arguments = arguments.join(", ");
        let nonblocking = if method.is_nonblocking && self.with_docs { "nonblocking " } else { "" };
        match method.is_cast {
            true => self.line(format_args!("cast {}({arguments})", method.name)),
            false => self.line(format_args!("{nonblocking}call {}({arguments}) -> {}", method.name, method.answer)),
        }
    }

    fn definitions(&mut self, mut definitions: Vec<&Definition>) {
        definitions.sort_by_key(|definition| &definition.name);
        definitions.into_iter().for_each(|definition| self.definition(definition));
    }

    fn definition(&mut self, Definition { name, docs, is_error, shape }: &Definition) {
        self.docs(docs);
        let error = if *is_error { "error " } else { "" };
        match shape {
            Shape::Struct(fields) => {
                self.block(format_args!("{error}struct {name}"), fields.is_empty(), |to| to.fields(fields));
            }
            Shape::Enum(variants) => self.block(format_args!("{error}enum {name}"), false, |to| {
                for Variant { name, docs, fields } in variants {
                    to.docs(docs);
                    to.block(format_args!("{name}"), fields.is_empty(), |to| to.fields(fields));
                }
            }),
            Shape::Flags(bits, flags) => self.block(format_args!("flags {name}: {}", bits.rust()), false, |to| {
                flags.iter().for_each(|flag| to.line(format_args!("{} = {}", flag.name, flag.bits)));
            }),
            Shape::Opaque => self.line(format_args!("object {name}")),
        }
    }

    fn fields(&mut self, fields: &[Field]) {
        for field in fields {
            self.docs(&field.docs);
            self.line(format_args!("{}: {}", label(field), field.of));
        }
    }
}

fn label(field: &Field) -> &str {
    field.name.as_deref().unwrap_or("_")
}
