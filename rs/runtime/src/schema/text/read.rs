//! Schemas from text.

use crate::schema::{Definition, Field, Flag, Method, Primitive, Service, Shape, Type, Variant};
use thiserror::Error;

/// A text that is no schema: a line of it, and the number of that line.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {number} of the schema is not understood: {line}")]
pub struct ParseError {
    number: usize,
    line: String,
}

/// Reads what the module [`text`](super) writes: any number of services, one after the other.
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
                    Some((head, rest)) if ["call ", "cast ", NONBLOCKING].iter().any(|kind| head.starts_with(kind)) => {
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
            ("object", None, false) if !is_error => {
                self.at += 1;
                Shape::Opaque
            }
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
    let fits = !text.is_empty() && !text.contains(ends_name);
    fits.then(|| text.to_owned())
}

/// What of the syntax can stand beside a name. Rust knows which of all other characters make one.
fn ends_name(c: char) -> bool {
    c.is_whitespace() || "()[]<>{},;:=".contains(c)
}

/// What stands before the calls that are.
const NONBLOCKING: &str = "nonblocking ";

fn method(head: &str, rest: &str, docs: String) -> Option<Method> {
    let (is_nonblocking, head) = head.strip_prefix(NONBLOCKING).map_or((false, head), |rest| (true, rest));
    let (kind, name_part) = head.split_once(' ')?;
    let is_cast = match kind {
        "call" => false,
        "cast" if !is_nonblocking => true,
        _ => return None,
    };
    let mut at = Cursor::new(rest);
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
    at.is_at_end().then_some(())?;
    Some(Method { name: name(name_part)?, docs, is_cast, is_nonblocking, arguments, answer })
}

fn field(line: &str, docs: String) -> Option<Field> {
    let mut at = Cursor::new(line);
    let field = at.field(docs)?;
    at.is_at_end().then_some(field)
}

/// How deep types may lie in one another, which are read by recursion: much deeper than one would write.
const MAX_DEPTH: usize = 64;

/// What is left of a line.
struct Cursor<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Cursor<'a> {
    fn new(rest: &'a str) -> Self {
        Cursor { rest, depth: 0 }
    }

    fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn eat(&mut self, expected: &str) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> &'a str {
        let end = self.rest.find(ends_name).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn field(&mut self, docs: String) -> Option<Field> {
        let label = name(self.word())?;
        self.eat(": ").then_some(())?;
        Some(Field { name: (label != "_").then_some(label), docs, of: self.of()? })
    }

    fn of(&mut self) -> Option<Type> {
        (self.depth < MAX_DEPTH).then_some(())?;
        self.depth += 1;
        let of = self.shallow();
        self.depth -= 1;
        of
    }

    fn shallow(&mut self) -> Option<Type> {
        if self.eat("()") {
            return Some(Type::Primitive(Primitive::Unit));
        }
        if self.eat("(") {
            return self.parts(")").filter(|parts| parts.len() > 1).map(Type::Tuple);
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
            ("Object", of, None) => match *of {
                Type::Named(name) => Type::Object(name),
                _ => return None,
            },
            ("Closure", takes, Some(gives)) => Type::Closure(takes, gives),
            ("Callback", takes, Some(gives)) => Type::Callback(takes, gives),
            ("Stream", event, None) => Type::Stream(event),
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
