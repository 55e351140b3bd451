//! Types whose values are references: what carries them, and which way they may go.

use super::{Definition, Field, Service, Shape, Type, Types};
use std::collections::BTreeSet;

/// A type whose values Haskell may hold without looking into them. The attribute `#[rs_in_hs::object]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an object that Haskell can hold",
    label = "not an object",
    note = "put `#[rs_in_hs::object]` on its definition"
)]
pub trait Opaque: 'static {
    /// The type's name.
    const NAME: &'static str;
    /// Its docs.
    const DOCS: &'static str;
    /// Where it is defined.
    #[doc(hidden)]
    const PLACE: &'static str;
}

/// The type of an object: its definition, which says no more than that there is one, and its name.
pub fn opaque<T: Opaque>(types: &mut Types) -> Type {
    let name = T::NAME.to_owned();
    types.define::<T>(T::PLACE, name.clone(), |_| Definition {
        name: name.clone(),
        docs: T::DOCS.into(),
        is_error: false,
        shape: Shape::Opaque,
    });
    Type::Object(name)
}

impl Type {
    /// Whether a value is itself a reference.
    pub fn is_reference(&self) -> bool {
        matches!(self, Type::Object(_) | Type::Closure(..) | Type::Callback(..) | Type::Stream(_))
    }

    /// The types whose values lie in a value of this one. What a function takes and gives does not lie in it.
    fn parts(&self) -> Vec<&Type> {
        match self {
            Type::Option(inner) | Type::List(inner) | Type::Array(inner, _) | Type::Set(inner) => vec![inner],
            Type::Map(one, other) | Type::Result(one, other) => vec![one, other],
            Type::Tuple(parts) => parts.iter().collect(),
            Type::Primitive(_) | Type::Named(_) => Vec::new(),
            Type::Object(_) | Type::Closure(..) | Type::Callback(..) | Type::Stream(_) => Vec::new(),
        }
    }
}

impl Types {
    /// Whether a value of this type may have references in it.
    pub fn carries_references(&self, of: &Type) -> bool {
        self.lead_to(of, Type::is_reference, &mut BTreeSet::new())
    }

    /// Whether a value of this type may have functions of Haskell's in it, which can be neither compared nor shown.
    pub fn has_functions(&self, of: &Type) -> bool {
        self.lead_to(of, |of| matches!(of, Type::Callback(..)), &mut BTreeSet::new())
    }

    /// `met`: the definitions that need not be looked at again, since they lead back to themselves or came before.
    fn lead_to<'a>(&'a self, of: &'a Type, is: fn(&Type) -> bool, met: &mut BTreeSet<&'a str>) -> bool {
        if let Type::Named(name) = of
            && met.insert(name)
            && let Some(definition) = self.get(name)
        {
            return definition.fields().any(|field| self.lead_to(&field.of, is, met));
        }
        is(of) || of.parts().into_iter().any(|part| self.lead_to(part, is, met))
    }
}

impl Service {
    /// Why the service cannot be served: types of one name, and functions and streams that go the wrong way.
    pub fn clashes(&self) -> Vec<String> {
        let mut directions = Directions { types: &self.types, met: BTreeSet::new(), clashes: Vec::new() };
        for method in &self.methods {
            let path = format!("{}.{}", self.name, method.name);
            for argument in &method.arguments {
                let name = argument.name.as_deref().unwrap_or("_");
                directions.check(&format!("{path}, argument {name}"), &argument.of, Way::ToRust);
            }
            match &method.answer {
                Type::Stream(event) => directions.check(&format!("{path}, event"), event, Way::ToHaskell),
                answer => directions.check(&format!("{path}, answer"), answer, Way::ToHaskell),
            }
        }
        [self.types.clashes(), &directions.clashes].concat()
    }
}

/// Where a value goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    ToRust,
    ToHaskell,
}

/// Follows values on their way. Whoever is sent a function calls it: so what it takes goes back where the function is from,
/// and what it gives comes the same way as the function.
struct Directions<'a> {
    types: &'a Types,
    /// A definition is looked at once for each way: where it is met first.
    met: BTreeSet<(&'a str, Way)>,
    clashes: Vec<String>,
}

impl<'a> Directions<'a> {
    fn check(&mut self, path: &str, of: &'a Type, way: Way) {
        match (of, way) {
            (Type::Callback(..), Way::ToHaskell) => self.clashes.push(format!(
                "{path}: a Callback is a function of Haskell's, so Rust cannot send one there: send a Closure"
            )),
            (Type::Closure(..), Way::ToRust) => self.clashes.push(format!(
                "{path}: a Closure is a function of Rust's, so Haskell cannot send one there: take a Callback"
            )),
            (Type::Stream(_), _) => self.clashes.push(format!(
                "{path}: a stream is all that a method answers: give it a method of its own, with #[stream]"
            )),
            (Type::Callback(takes, gives), Way::ToRust) => {
                self.function(path, takes, Way::ToHaskell, gives, Way::ToRust);
            }
            (Type::Closure(takes, gives), Way::ToHaskell) => {
                self.function(path, takes, Way::ToRust, gives, Way::ToHaskell);
            }
            (Type::Named(name), _) => {
                if self.met.insert((name, way))
                    && let Some(definition) = self.types.get(name)
                {
                    self.definition(path, definition, way);
                }
            }
            _ => of.parts().into_iter().for_each(|part| self.check(path, part, way)),
        }
    }

    fn function(&mut self, path: &str, takes: &'a Type, there: Way, gives: &'a Type, back: Way) {
        self.check(&format!("{path}, its argument"), takes, there);
        self.check(&format!("{path}, its answer"), gives, back);
    }

    fn definition(&mut self, path: &str, definition: &'a Definition, way: Way) {
        match &definition.shape {
            Shape::Struct(fields) => self.fields(path, fields, way),
            Shape::Enum(variants) => variants.iter().for_each(|variant| {
                self.fields(&format!("{path}, variant {}", variant.name), &variant.fields, way);
            }),
            Shape::Flags(..) | Shape::Opaque => {}
        }
    }

    fn fields(&mut self, path: &str, fields: &'a [Field], way: Way) {
        for (at, field) in fields.iter().enumerate() {
            let name = field.name.clone().unwrap_or_else(|| (at + 1).to_string());
            self.check(&format!("{path}, field {name}"), &field.of, way);
        }
    }
}
