//! Schemas as text, a line for each item, as it is embedded in Haskell modules and read by the generator:
//!
//! ```text
//! /// Searches documents.
//! service Search
//! call find(query: Query) -> Result<Vec<Hit>, PatternError>
//! cast forget(path: String)
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
//! ```

use super::{Definition, Field, Flag, Method, Primitive, Service, Shape, Type, Types, Variant};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use thiserror::Error;

/// Services with their docs, in the order of their source; or, in a line that begins with [`REFUSED`], why they cannot
/// be generated from.
pub fn all(services: &[Service]) -> String {
    match services.iter().flat_map(|service| service.types.clashes()).next() {
        Some(clash) => format!("{REFUSED}{clash}\n"),
        None => services.iter().map(documented).collect(),
    }
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
    match of {
        Type::Primitive(_) => {}
        Type::Option(inner) | Type::List(inner) | Type::Array(inner, _) | Type::Set(inner) => {
            reach(inner, types, names);
        }
        Type::Map(one, other) | Type::Result(one, other) => {
            reach(one, types, names);
            reach(other, types, names);
        }
        Type::Tuple(parts) => parts.iter().for_each(|part| reach(part, types, names)),
        Type::Named(name) => match types.get(name) {
            Some(definition) if !names.contains(name.as_str()) => {
                names.insert(name);
                match &definition.shape {
                    Shape::Struct(of) => of.iter().for_each(|field| reach(&field.of, types, names)),
                    Shape::Enum(variants) => variants
                        .iter()
                        .flat_map(|variant| &variant.fields)
                        .for_each(|field| reach(&field.of, types, names)),
                    Shape::Flags(..) => {}
                }
            }
            _ => {}
        },
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
        if self.with_docs {
            docs.lines().for_each(|line| self.line(format_args!("/// {line}")));
        }
    }

    fn method(&mut self, method: &Method) {
        self.docs(&method.docs);
        let arguments: Vec<_> =
            method.arguments.iter().map(|field| format!("{}: {}", label(field), field.of)).collect();
        let arguments = arguments.join(", ");
        match method.is_cast {
            true => self.line(format_args!("cast {}({arguments})", method.name)),
            false => self.line(format_args!("call {}({arguments}) -> {}", method.name, method.answer)),
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

/// A text that is no schema: a line of it, and the number of that line.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {number} of the schema is not understood: {line}")]
pub struct ParseError {
    number: usize,
    line: String,
}

/// Reads what this module writes: any number of services, one after the other.
pub fn parse(text: &str) -> Result<Vec<Service>, ParseError> {
    let mut reader = Reader { lines: text.lines().map(str::trim_start).enumerate().collect(), at: 0 };
    let mut services = Vec::new();
    while reader.at < reader.lines.len() {
        services.push(reader.service().ok_or_else(|| reader.error())?);
    }
    Ok(services)
}

/// Every function gives `None` where it does not find what it is named after, at a line that is then the culprit.
struct Reader<'a> {
    lines: Vec<(usize, &'a str)>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn error(&self) -> ParseError {
        let (number, line) = self.lines.get(self.at).copied().unwrap_or((self.lines.len(), "its end"));
        ParseError { number: number + 1, line: line.into() }
    }

    fn peek(&self) -> Option<&'a str> {
        self.lines.get(self.at).map(|(_, line)| *line)
    }

    fn docs(&mut self) -> String {
        let mut docs: Vec<&str> = Vec::new();
        while let Some(line) = self.peek().and_then(|line| line.strip_prefix("///")) {
            docs.push(line.strip_prefix(' ').unwrap_or(line));
            self.at += 1;
        }
        docs.join("\n")
    }

    fn service(&mut self) -> Option<Service> {
        let docs = self.docs();
        let name = name(self.peek()?.strip_prefix("service ")?)?;
        self.at += 1;
        let mut service = Service { name, docs, ..Service::default() };
        loop {
            let start = self.at;
            let docs = self.docs();
            match self.peek() {
                Some(line) if !line.starts_with("service ") => match line.split_once('(') {
                    Some((head, rest)) if head.starts_with("call ") || head.starts_with("cast ") => {
                        service.methods.push(method(head, rest, docs)?);
                        self.at += 1;
                    }
                    _ => service.types.add(self.definition(docs)?),
                },
                _ => {
                    self.at = start;
                    return Some(service);
                }
            }
        }
    }

    fn definition(&mut self, docs: String) -> Option<Definition> {
        let line = self.peek()?;
        let (line, has_parts) = line.strip_suffix(" {").map_or((line, false), |line| (line, true));
        let (is_error, line) = line.strip_prefix("error ").map_or((false, line), |rest| (true, rest));
        let (kind, rest) = line.split_once(' ')?;
        let (label, bits) = rest.split_once(": ").map_or((rest, None), |(label, bits)| (label, Some(bits)));
        let name = name(label)?;
        let bits = bits.map(|bits| Primitive::named(bits).ok_or(()));
        let shape = match (kind, bits, has_parts) {
            ("struct", None, false) => {
                self.at += 1;
                Shape::Struct(Vec::new())
            }
            ("struct", None, true) => Shape::Struct(self.parts(Self::field)?),
            ("enum", None, true) => Shape::Enum(self.parts(Self::variant)?),
            ("flags", Some(Ok(bits)), true) => Shape::Flags(bits, self.parts(|reader, _| reader.flag())?),
            _ => return None,
        };
        Some(Definition { name, docs, is_error, shape })
    }

    /// The line that opens a block, the items in it, with their docs, and the line that ends it.
    fn parts<T>(&mut self, mut item: impl FnMut(&mut Self, String) -> Option<T>) -> Option<Vec<T>> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            let docs = self.docs();
            if self.peek()? == "}" {
                self.at += 1;
                return Some(items);
            }
            items.push(item(self, docs)?);
        }
    }

    fn field(&mut self, docs: String) -> Option<Field> {
        let field = field(self.peek()?, docs)?;
        self.at += 1;
        Some(field)
    }

    fn variant(&mut self, docs: String) -> Option<Variant> {
        let line = self.peek()?;
        Some(match line.strip_suffix(" {") {
            Some(label) => Variant { name: name(label)?, docs, fields: self.parts(Self::field)? },
            None => {
                self.at += 1;
                Variant { name: name(line)?, docs, fields: Vec::new() }
            }
        })
    }

    fn flag(&mut self) -> Option<Flag> {
        let (name_part, bits) = self.peek()?.split_once(" = ")?;
        let flag = Flag { name: name(name_part)?, bits: bits.parse().ok()? };
        self.at += 1;
        Some(flag)
    }
}

fn name(text: &str) -> Option<String> {
    let fits = !text.is_empty() && text.chars().all(|c| c == '_' || c.is_alphanumeric());
    fits.then(|| text.to_owned())
}

fn method(head: &str, rest: &str, docs: String) -> Option<Method> {
    let (kind, name_part) = head.split_once(' ')?;
    let is_cast = kind == "cast";
    let mut at = Cursor(rest);
    let mut arguments = Vec::new();
    while !at.eat(")") {
        if !arguments.is_empty() && !at.eat(", ") {
            return None;
        }
        arguments.push(at.field(String::new())?);
    }
    let answer = if is_cast {
        Type::Primitive(Primitive::Unit)
    } else if at.eat(" -> ") {
        at.of()?
    } else {
        return None;
    };
    at.0.is_empty().then_some(())?;
    Some(Method { name: name(name_part)?, docs, is_cast, arguments, answer })
}

fn field(line: &str, docs: String) -> Option<Field> {
    let mut at = Cursor(line);
    let field = at.field(docs)?;
    at.0.is_empty().then_some(field)
}

/// What is left of a line.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn eat(&mut self, expected: &str) -> bool {
        match self.0.strip_prefix(expected) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> &'a str {
        let end = self.0.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word
    }

    fn field(&mut self, docs: String) -> Option<Field> {
        let label = name(self.word())?;
        self.eat(": ").then_some(())?;
        Some(Field { name: (label != "_").then_some(label), docs, of: self.of()? })
    }

    fn of(&mut self) -> Option<Type> {
        if self.eat("()") {
            return Some(Type::Primitive(Primitive::Unit));
        }
        if self.eat("(") {
            return self.parts(")").map(Type::Tuple);
        }
        if self.eat("[") {
            let element = self.of()?;
            self.eat("; ").then_some(())?;
            let len = self.word().parse().ok()?;
            return self.eat("]").then(|| Type::Array(Box::new(list(element)), len));
        }
        let word = self.word();
        if !self.eat("<") {
            return match Primitive::named(word) {
                Some(primitive) => Some(Type::Primitive(primitive)),
                None => name(word).map(Type::Named),
            };
        }
        let mut parts = self.parts(">")?.into_iter().map(Box::new);
        let of = match (word, parts.next()?, parts.next()) {
            ("Option", inner, None) => Type::Option(inner),
            ("Vec", element, None) => list(*element),
            ("Set", element, None) => Type::Set(element),
            ("Map", key, Some(value)) => Type::Map(key, value),
            ("Result", value, Some(error)) => Type::Result(value, error),
            _ => return None,
        };
        parts.next().is_none().then_some(of)
    }

    fn parts(&mut self, end: &str) -> Option<Vec<Type>> {
        let mut parts = vec![self.of()?];
        while !self.eat(end) {
            self.eat(", ").then_some(())?;
            parts.push(self.of()?);
        }
        Some(parts)
    }
}

fn list(element: Type) -> Type {
    match element {
        Type::Primitive(Primitive::U8) => Type::Primitive(Primitive::Bytes),
        element => Type::List(Box::new(element)),
    }
}
