//! Functions that call the methods, and the requests that they send.

use crate::GenerateError;
use crate::haddock::comment;
use crate::scope::{Scope, word};
use crate::types::{argument_in, taken_in, type_in};
use rs_in_hs_runtime::schema::haskell::{lower_camel, upper_camel};
use rs_in_hs_runtime::schema::{self, Service, Type};

/// A method as Haskell sees it.
pub struct Method<'a> {
    method: &'a schema::Method,
    id: u64,
    /// The function that calls, casts, or subscribes.
    function: String,
    /// The one with a timeout, or the one that never waits. A subscriber has neither.
    variant: Option<String>,
    /// The one that calls directly, of a method that is nonblocking.
    direct: Option<String>,
    /// The type of its request or message.
    pub request: String,
    /// Whether there may be references in that.
    carries_references: bool,
    /// Whether there may be functions in it, which can be neither compared nor shown.
    has_functions: bool,
}

impl<'a> Method<'a> {
    pub fn new(service: &Service, method: &'a schema::Method) -> Self {
        let (upper, lower) = (upper_camel(&method.name), lower_camel(&method.name));
        let direct = method.is_nonblocking.then(|| format!("{lower}Direct"));
        let (function, variant, direct) = match &method.answer {
            Type::Stream(_) => (format!("with{upper}"), None, None),
            _ if method.is_cast => (word(&lower), Some(format!("try{upper}")), None),
            _ => (word(&lower), Some(format!("{lower}Timeout")), direct),
        };
        let any = |is: fn(&schema::Types, &Type) -> bool| {
            method.arguments.iter().any(|argument| is(&service.types, &argument.of))
        };
        Method {
            method,
            id: service.method_id(method),
            function,
            variant,
            direct,
            request: format!("{upper}{}", if method.is_cast { "Message" } else { "Request" }),
            carries_references: any(schema::Types::carries_references),
            has_functions: any(schema::Types::has_functions),
        }
    }

    pub fn define(&self, scope: &mut Scope) -> Result<(), GenerateError> {
        let rust = &self.method.name;
        scope.define_value(&self.function, format!("the method {rust}"))?;
        for variant in [&self.variant, &self.direct].into_iter().flatten() {
            scope.define_value(variant, format!("a variant of the method {rust}"))?;
        }
        scope.define_type(&self.request, format!("the request to {rust}"))?;
        scope.define_constructor(&self.request, format!("the constructor of the request to {rust}"))
    }

    pub fn exports(&self) -> impl Iterator<Item = String> {
        [Some(&self.function), self.variant.as_ref(), self.direct.as_ref()].into_iter().flatten().cloned()
    }

    fn is_stream(&self) -> bool {
        matches!(self.method.answer, Type::Stream(_))
    }

    /// Whether its request has one field.
    pub fn is_newtype(&self) -> bool {
        self.method.arguments.len() + usize::from(self.is_stream()) == 1
    }

    /// Whether it is answered.
    pub fn is_call(&self) -> bool {
        !self.method.is_cast
    }

    /// All functions.
    pub fn write_functions(&self, scope: &Scope) -> String {
        let mut text = comment(&self.method.docs, 0);
        if self.is_stream() {
            return text + &self.write_stream(scope);
        }
        let answer = match self.method.is_cast {
            true => "()".into(),
            false => bracketed(&type_in(scope, &self.method.answer)),
        };
        let by = if self.method.is_cast { "castRust" } else { "callRust" };
        text += &self.function(scope, &self.function, by, None, &answer);
        if let Some(variant) = &self.variant {
            text += &self.write_variant(scope, variant);
        }
        if let Some(direct) = &self.direct {
            text += &format!(
                "\n-- | '{}' on the calling thread: not after casts that were sent before, but beside\n-- them, and not interruptible.\n",
                self.function
            );
            text += &self.function(scope, direct, "callRustDirect", None, &answer);
        }
        text
    }

    fn write_variant(&self, scope: &Scope, variant: &str) -> String {
        if self.method.is_cast {
            let bool = scope.type_name("Bool");
            format!("\n-- | '{}' that never waits: @False@ where the queue is full.\n", self.function)
                + &self.function(scope, variant, "tryCastRust", None, &bool)
        } else {
            let answer = argument_in(scope, &self.method.answer);
            let maybe = format!("({} {answer})", scope.type_name("Maybe"));
            format!("\n-- | '{}' with a limit in microseconds: @Nothing@ when it is over.\n", self.function)
                + &self.function(scope, variant, "callRustTimeout", Some("micros"), &maybe)
        }
    }

    fn function(&self, scope: &Scope, name: &str, by: &'static str, limit: Option<&str>, answer: &str) -> String {
        let monad = scope.type_name("MonadRust");
        let by = scope.value(by);
        let limit_type = limit.map(|_| format!("{} -> ", scope.type_name("Int"))).unwrap_or_default();
        let types = self.argument_types(scope);
        let (arguments, limit) = self.locals(scope, limit);
        let head = words([name, &limit, &arguments]);
        let body = words([&by, &limit, &self.request_of(&arguments)]);
        format!("{name} :: {monad} m => {limit_type}{types}m {answer}\n{head} = {body}\n")
    }

    /// The function that subscribes, for as long as another one runs.
    fn write_stream(&self, scope: &Scope) -> String {
        let name = &self.function;
        let [monad, unlift, options_type] =
            ["MonadRust", "MonadUnliftIO", "StreamOptions"].map(|name| scope.type_name(name));
        let by = scope.value("withRustStream");
        let types = self.argument_types(scope);
        let stream = type_in(scope, &self.method.answer);
        let (arguments, options) = self.locals(scope, Some("options"));
        let passed = words([&options, &arguments, ""]);
        let request = self.request_of(&passed);
        format!(
            "{name} :: ({monad} m, {unlift} m) => {options_type} -> {types}({stream} -> m a) -> m a\n{name} {passed} = {by} {request}\n"
        )
    }

    /// The arguments' types, with an arrow behind each.
    fn argument_types(&self, scope: &Scope) -> String {
        self.method.arguments.iter().map(|argument| format!("{} -> ", taken_in(scope, &argument.of))).collect()
    }

    /// Names for the arguments, and for another one before them.
    fn locals(&self, scope: &Scope, other: Option<&str>) -> (String, String) {
        let names = self.method.arguments.iter().filter_map(|argument| argument.name.as_deref()).map(lower_camel);
        let names: Vec<_> = names.chain(other.map(str::to_owned)).collect();
        let mut locals = scope.locals(names.iter().map(String::as_str));
        let other = other.and_then(|_| locals.pop()).unwrap_or_default();
        (locals.join(" "), other)
    }

    /// The request with these fields.
    fn request_of(&self, fields: &str) -> String {
        if fields.is_empty() { self.request.clone() } else { format!("({} {fields})", self.request) }
    }

    /// The request's type, and which method it is for.
    pub fn write_request(&self, scope: &Scope, service: &str) -> String {
        let name = &self.request;
        let (keyword, strict) = if self.is_newtype() { ("newtype", "") } else { ("data", "!") };
        let options = self.is_stream().then(|| scope.type_name("StreamOptions"));
        let arguments = self.method.arguments.iter().map(|argument| argument_in(scope, &argument.of));
        let fields: String = options.into_iter().chain(arguments).map(|field| format!(" {strict}{field}")).collect();
        let what = if self.method.is_cast { "The message of" } else { "The request of" };
        let mut text = format!("-- | {what} '{}'.\n{keyword} {name} = {name}{fields}\n", self.function);
        // What a newtype takes over need not be derived, which takes GHC long.
        let strategy = if self.is_newtype() { "newtype" } else { "anyclass" };
        let stock = [("Eq", !self.has_functions), ("Show", !self.has_functions), ("Generic", !self.is_newtype())];
        let stock = stock.into_iter().filter(|(_, is_derived)| *is_derived);
        let stock: Vec<_> = stock.map(|(class, _)| scope.type_name(class)).collect();
        if !stock.is_empty() {
            text += &format!("  deriving stock ({})\n", stock.join(", "));
        }
        text += &format!("  deriving {strategy} ({})\n\n", scope.type_name("Wire"));
        let (class, field) = match self.method.is_cast {
            true => (scope.type_name("Cast"), "castMethod"),
            false => (scope.type_name("Call"), "callMethod"),
        };
        text += &format!("instance {class} {name} where\n");
        if !self.method.is_cast {
            text += &format!("  type Response {name} = {}\n", type_in(scope, &self.method.answer));
        }
        let mut method =
            format!("{} {service} \"{}\" {:#018x}", scope.value("serviceMethod"), self.method.name, self.id);
        if self.direct.is_some() {
            method = format!("{} ({method})", scope.value("nonblocking"));
        }
        if self.carries_references {
            method = format!("{} ({method})", scope.value("carrying"));
        }
        text + &format!("  {field} _ = {method}\n")
    }
}

fn words(words: [&str; 3]) -> String {
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// An answer as the argument of the monad.
fn bracketed(of: &str) -> String {
    if of.contains(' ') && !of.starts_with(['(', '[']) { format!("({of})") } else { of.into() }
}
