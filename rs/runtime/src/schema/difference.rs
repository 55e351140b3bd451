//! What two sides of a service do not agree about, in the words of those who use it.

use super::haskell::{lower_camel, type_name};
use super::{Definition, Field, Flag, Method, Service, Shape, Type, Variant};
use std::collections::BTreeSet;
use std::fmt::Display;

/// Every difference between the service of the engine and the one that a Haskell module was generated from, a line
/// each; none if they agree.
///
/// A type is looked at where it is met first, in the order of the engine's methods.
pub fn differences(rust: &Service, haskell: &Service) -> Vec<String> {
    let mut comparison = Comparison { rust, haskell, met: BTreeSet::new(), found: Vec::new() };
    let [ours, theirs] = [rust, haskell]
        .map(|service| service.methods.iter().map(|method| (method.name.clone(), method)).collect::<Vec<_>>());
    for (name, method) in &ours {
        let path = camel(name, &theirs);
        match haskell.method(name) {
            Some(other) => comparison.methods(&path, method, other),
            None => comparison.found.push(format!("{path}: only Rust has this method")),
        }
    }
    for (name, _) in theirs.iter().filter(|(name, _)| rust.method(name).is_none()) {
        comparison.found.push(format!("{}: only Haskell has this method", camel(name, &ours)));
    }
    comparison.found
}

/// A name as Haskell has it; or as it is, if the other side has another one that would look the same.
fn camel<T>(name: &str, others: &[(String, T)]) -> String {
    let camel = lower_camel(name);
    let is_ambiguous = others.iter().any(|(other, _)| other != name && lower_camel(other) == camel);
    if is_ambiguous { name.into() } else { camel }
}

fn as_it_is<T>(name: &str, _: &[(String, T)]) -> String {
    name.into()
}

struct Comparison<'a> {
    rust: &'a Service,
    haskell: &'a Service,
    met: BTreeSet<&'a str>,
    found: Vec<String>,
}

impl<'a> Comparison<'a> {
    fn tell(&mut self, path: &str, rust: impl Display, haskell: impl Display) {
        self.found.push(format!("{path}: Rust {rust}, Haskell {haskell}"));
    }

    fn methods(&mut self, path: &str, rust: &'a Method, haskell: &'a Method) {
        let kind = |method: &Method| if method.is_cast { "cast" } else { "call" };
        if rust.is_cast != haskell.is_cast {
            self.tell(path, kind(rust), kind(haskell));
        }
        self.fields(path, "argument", &rust.arguments, &haskell.arguments);
        if rust.is_cast == haskell.is_cast {
            self.types(&format!("{path}, answer"), &rust.answer, &haskell.answer);
        }
    }

    fn types(&mut self, path: &str, rust: &'a Type, haskell: &'a Type) {
        if rust != haskell {
            return match (rust, haskell) {
                // Of the same type in Haskell.
                (Type::Array(..), _) | (_, Type::Array(..)) => {
                    self.tell(path, rust, format_args!("{} as of Rust's {haskell}", type_name(haskell)));
                }
                _ => self.tell(path, rust, type_name(haskell)),
            };
        }
        match rust {
            Type::Primitive(_) => {}
            Type::Option(inner)
            | Type::List(inner)
            | Type::Array(inner, _)
            | Type::Set(inner)
            | Type::Stream(inner) => self.types(path, inner, inner),
            Type::Map(one, other)
            | Type::Result(one, other)
            | Type::Closure(one, other)
            | Type::Callback(one, other) => {
                self.types(path, one, one);
                self.types(path, other, other);
            }
            Type::Tuple(parts) => parts.iter().for_each(|part| self.types(path, part, part)),
            Type::Named(name) | Type::Object(name) => {
                if let (true, Some(rust), Some(haskell)) =
                    (self.met.insert(name), self.rust.types.get(name), self.haskell.types.get(name))
                {
                    self.definitions(path, rust, haskell);
                }
            }
        }
    }

    fn definitions(&mut self, path: &str, rust: &'a Definition, haskell: &'a Definition) {
        let error = |definition: &Definition| if definition.is_error { "an error" } else { "no error" };
        if rust.is_error != haskell.is_error {
            self.tell(&format!("{path}, {}", rust.name), error(rust), error(haskell));
        }
        match (&rust.shape, &haskell.shape) {
            (Shape::Struct(one), Shape::Struct(other)) => self.fields(path, "field", one, other),
            (Shape::Enum(one), Shape::Enum(other)) => self.variants(path, one, other),
            (Shape::Flags(one, flags), Shape::Flags(other, others)) => {
                if one != other {
                    self.tell(path, one.rust(), other.haskell());
                }
                self.flags(path, flags, others);
            }
            (Shape::Opaque, Shape::Opaque) => {}
            (one, other) => self.tell(&format!("{path}, {}", rust.name), kind(one), kind(other)),
        }
    }

    fn fields(&mut self, path: &str, what: &str, rust: &'a [Field], haskell: &'a [Field]) {
        let named = |(at, field): (usize, &'a Field)| match &field.name {
            Some(name) => (name.clone(), &field.of),
            None => ((at + 1).to_string(), &field.of),
        };
        let rust: Vec<_> = rust.iter().enumerate().map(named).collect();
        let haskell: Vec<_> = haskell.iter().enumerate().map(named).collect();
        for (name, one, other) in self.pairs(path, what, camel, &rust, &haskell) {
            self.types(&format!("{path}, {what} {name}"), one, other);
        }
    }

    fn variants(&mut self, path: &str, rust: &'a [Variant], haskell: &'a [Variant]) {
        let named = |variant: &'a Variant| (variant.name.clone(), variant.fields.as_slice());
        let rust: Vec<_> = rust.iter().map(named).collect();
        let haskell: Vec<_> = haskell.iter().map(named).collect();
        for (name, one, other) in self.pairs(path, "variant", as_it_is, &rust, &haskell) {
            self.fields(&format!("{path}, variant {name}"), "field", one, other);
        }
    }

    fn flags(&mut self, path: &str, rust: &[Flag], haskell: &[Flag]) {
        let named = |flag: &Flag| (flag.name.clone(), flag.bits);
        let rust: Vec<_> = rust.iter().map(named).collect();
        let haskell: Vec<_> = haskell.iter().map(named).collect();
        for (name, one, other) in self.pairs(path, "flag", as_it_is, &rust, &haskell) {
            if one != other {
                self.tell(&format!("{path}, flag {name}"), one, other);
            }
        }
    }

    /// Those that both sides have, by their names; tells of the others, and of another order.
    fn pairs<T: Copy>(
        &mut self,
        path: &str,
        what: &str,
        told: fn(&str, &[(String, T)]) -> String,
        rust: &[(String, T)],
        haskell: &[(String, T)],
    ) -> Vec<(String, T, T)> {
        let mut both = Vec::new();
        for (name, one) in rust {
            let told = told(name, haskell);
            match haskell.iter().find(|(other, _)| other == name) {
                Some((_, other)) => both.push((name, told, *one, *other)),
                None => self.found.push(format!("{path}, {what} {told}: only Rust has it")),
            }
        }
        for (name, _) in haskell {
            if !rust.iter().any(|(other, _)| other == name) {
                self.found.push(format!("{path}, {what} {}: only Haskell has it", told(name, rust)));
            }
        }
        let order = |of: &[(String, T)]| {
            let shared = of.iter().filter_map(|(name, _)| both.iter().find(|(other, ..)| *other == name));
            shared.map(|(_, told, ..)| told.as_str()).collect::<Vec<_>>().join(", ")
        };
        let (one, other) = (order(rust), order(haskell));
        if one != other {
            self.tell(&format!("{path}, order of the {what}s"), one, other);
        }
        both.into_iter().map(|(_, told, one, other)| (told, one, other)).collect()
    }
}

fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::Struct(_) => "a struct",
        Shape::Enum(_) => "an enum",
        Shape::Flags(..) => "flags",
        Shape::Opaque => "an object",
    }
}
