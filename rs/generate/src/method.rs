//! Functions that call the methods, and the requests that they send.

use crate::GenerateError;
use crate::haddock::comment;
use crate::scope::{Scope, word};
use crate::types::{argument_in, type_in};
use rs_in_hs_runtime::schema::haskell::{lower_camel, upper_camel};
use rs_in_hs_runtime::schema::{self, Service};

/// A method as Haskell sees it.
pub struct Method<'a> {
    method: &'a schema::Method,
    id: u64,
    /// The function that calls or casts.
    function: String,
    /// The one with a timeout, or the one that never waits.
    variant: String,
    /// The one that calls directly, of a method that is nonblocking.
    direct: Option<String>,
    /// The type of its request or message.
    pub request: String,
}

impl<'a> Method<'a> {
    pub fn new(service: &Service, method: &'a schema::Method) -> Self {
        let (upper, lower) = (upper_camel(&method.name), lower_camel(&method.name));
        let (variant, request) = match method.is_cast {
            true => (format!("try{upper}"), format!("{upper}Message")),
            false => (format!("{lower}Timeout"), format!("{upper}Request")),
        };
        let direct = method.is_nonblocking.then(|| format!("{lower}Direct"));
        Method { method, id: service.method_id(method), function: word(&lower), variant, direct, request }
    }

    pub fn define(&self, scope: &mut Scope) -> Result<(), GenerateError> {
        let rust = &self.method.name;
        scope.define_value(&self.function, format!("the method {rust}"))?;
        scope.define_value(&self.variant, format!("a variant of the method {rust}"))?;
        if let Some(direct) = &self.direct {
            scope.define_value(direct, format!("a variant of the method {rust}"))?;
        }
        scope.define_type(&self.request, format!("the request to {rust}"))?;
        scope.define_constructor(&self.request, format!("the constructor of the request to {rust}"))
    }

    pub fn exports(&self) -> impl Iterator<Item = String> {
        [Some(&self.function), Some(&self.variant), self.direct.as_ref()].into_iter().flatten().cloned()
    }

    /// Whether its request is its only argument.
    pub fn is_newtype(&self) -> bool {
        self.method.arguments.len() == 1
    }

    /// Whether it is answered.
    pub fn is_call(&self) -> bool {
        !self.method.is_cast
    }

    /// All functions.
    pub fn write_functions(&self, scope: &Scope) -> String {
        let answer = type_in(scope, &self.method.answer);
        let maybe = |scope: &Scope| {
            let answer = argument_in(scope, &self.method.answer);
            format!("({} {answer})", scope.type_name("Maybe"))
        };
        let mut text = comment(&self.method.docs, 0);
        if self.method.is_cast {
            text += &self.function(scope, &self.function, "castRust", None, "()");
            text += &format!("\n-- | '{}' that never waits: @False@ where the queue is full.\n", self.function);
            let bool = scope.type_name("Bool");
            text += &self.function(scope, &self.variant, "tryCastRust", None, &bool);
        } else {
            text += &self.function(scope, &self.function, "callRust", None, &bracketed(&answer));
            text += &format!("\n-- | '{}' with a limit in microseconds: @Nothing@ when it is over.\n", self.function);
            text += &self.function(scope, &self.variant, "callRustTimeout", Some("micros"), &maybe(scope));
            if let Some(direct) = &self.direct {
                text += &format!(
                    "\n-- | '{}' on the calling thread: not after casts that were sent before, but beside\n-- them, and not interruptible.\n",
                    self.function
                );
                text += &self.function(scope, direct, "callRustDirect", None, &bracketed(&answer));
            }
        }
        text
    }

    fn function(&self, scope: &Scope, name: &str, by: &'static str, limit: Option<&str>, answer: &str) -> String {
        let monad = scope.type_name("MonadRust");
        let by = scope.value(by);
        let limit_type = limit.map(|_| format!("{} -> ", scope.type_name("Int")));
        let types: String =
            self.method.arguments.iter().map(|argument| format!("{} -> ", type_in(scope, &argument.of))).collect();
        let names = self.method.arguments.iter().filter_map(|argument| argument.name.as_deref()).map(lower_camel);
        let names: Vec<_> = names.chain(limit.map(str::to_owned)).collect();
        let mut arguments = scope.locals(names.iter().map(String::as_str));
        let limit = limit.and_then(|_| arguments.pop());
        let words = |words: Vec<&str>| words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let passed = arguments.join(" ");
        let head = words(vec![name, limit.as_deref().unwrap_or(""), &passed]);
        let request = match arguments.is_empty() {
            true => self.request.clone(),
            false => format!("({} {passed})", self.request),
        };
        let body = words(vec![&by, limit.as_deref().unwrap_or(""), &request]);
        let limit_type = limit_type.unwrap_or_default();
        format!("{name} :: {monad} m => {limit_type}{types}m {answer}\n{head} = {body}\n")
    }

    /// The request's type, and which method it is for.
    pub fn write_request(&self, scope: &Scope, service: &str) -> String {
        let name = &self.request;
        let arguments = &self.method.arguments;
        let keyword = if self.is_newtype() { "newtype" } else { "data" };
        let strict = if self.is_newtype() { "" } else { "!" };
        let fields: String =
            arguments.iter().map(|argument| format!(" {strict}{}", argument_in(scope, &argument.of))).collect();
        let what = if self.method.is_cast { "The message of" } else { "The request of" };
        let mut text = format!("-- | {what} '{}'.\n{keyword} {name} = {name}{fields}\n", self.function);
        let wire = scope.type_name("Wire");
        let mut stock = vec![scope.type_name("Eq"), scope.type_name("Show")];
        // What a newtype takes over need not be derived, which takes GHC long.
        let strategy = if self.is_newtype() { "newtype" } else { "anyclass" };
        if !self.is_newtype() {
            stock.push(scope.type_name("Generic"));
        }
        text += &format!("  deriving stock ({})\n  deriving {strategy} ({wire})\n\n", stock.join(", "));
        let (class, field) = match self.method.is_cast {
            true => (scope.type_name("Cast"), "castMethod"),
            false => (scope.type_name("Call"), "callMethod"),
        };
        text += &format!("instance {class} {name} where\n");
        if !self.method.is_cast {
            text += &format!("  type Response {name} = {}\n", type_in(scope, &self.method.answer));
        }
        let method = format!("{} {service} \"{}\" {:#018x}", scope.value("serviceMethod"), self.method.name, self.id);
        match self.direct {
            Some(_) => text + &format!("  {field} _ = {} ({method})\n", scope.value("nonblocking")),
            None => text + &format!("  {field} _ = {method}\n"),
        }
    }
}

/// An answer as the argument of the monad.
fn bracketed(of: &str) -> String {
    if of.contains(' ') && !of.starts_with(['(', '[']) { format!("({of})") } else { of.into() }
}
