//! Names as Haskell writes them.

use super::{Primitive, Type};

/// A type in Haskell's syntax.
pub fn type_name(of: &Type) -> String {
    written(of, false, &str::to_owned)
}

/// A type in Haskell's syntax, with parentheses if it is an argument of another one and has to have them; `name` says how
/// a type of the libraries is called there.
pub fn written(of: &Type, is_argument: bool, name: &dyn Fn(&'static str) -> String) -> String {
    let bracketed = |text: String| if is_argument { format!("({text})") } else { text };
    let apply = |constructor: &'static str, arguments: &[&Type]| {
        let arguments = arguments.iter().map(|argument| format!(" {}", written(argument, true, name)));
        bracketed(arguments.fold(name(constructor), |text, argument| text + &argument))
    };
    match of {
        Type::Primitive(Primitive::Unit) => "()".into(),
        Type::Primitive(primitive) => name(primitive.haskell()),
        Type::Named(name) => upper_camel(name),
        Type::List(element) => match **element {
            Type::Primitive(number) if number.is_packed() => apply("Vector", &[element]),
            _ => format!("[{}]", written(element, false, name)),
        },
        Type::Array(list, _) => written(list, is_argument, name),
        Type::Option(inner) => apply("Maybe", &[inner]),
        Type::Set(element) => apply("Set", &[element]),
        Type::Map(key, value) => apply("Map", &[key, value]),
        Type::Result(value, error) => apply("Either", &[error, value]),
        Type::Tuple(parts) => {
            format!("({})", parts.iter().map(|part| written(part, false, name)).collect::<Vec<_>>().join(", "))
        }
        Type::Object(of) => bracketed(format!("{} {}", name("Object"), upper_camel(of))),
        Type::Closure(takes, gives) => apply("RustFunction", &[takes, gives]),
        // One that takes nothing is an action.
        Type::Callback(takes, gives) if **takes == UNIT => apply("IO", &[gives]),
        Type::Callback(takes, gives) => {
            bracketed(format!("{} -> {} {}", taken(takes, name), name("IO"), written(gives, true, name)))
        }
        Type::Stream(event) => apply("Stream", &[event]),
    }
}

const UNIT: Type = Type::Primitive(Primitive::Unit);

/// A type that a function takes: with parentheses only if it is a function itself.
pub fn taken(of: &Type, name: &dyn Fn(&'static str) -> String) -> String {
    written(of, matches!(of, Type::Callback(takes, _) if **takes != UNIT), name)
}

/// `max_hits` as `maxHits`.
pub fn lower_camel(name: &str) -> String {
    let mut camel = upper_camel(name);
    let word = name.split('_').find(|word| !word.is_empty()).map_or(0, |word| upper_camel(word).chars().count());
    let head = camel.chars().take(word).take_while(|c| c.is_uppercase()).count();
    // Of `HTTPError` all but the last capital belong to the first word.
    let first = if head > 1 && head < word { head - 1 } else { head };
    let end = camel.char_indices().nth(first).map_or(camel.len(), |(at, _)| at);
    camel.replace_range(..end, &camel[..end].to_lowercase());
    camel
}

/// `max_hits` as `MaxHits`, `READ_ONLY` as `ReadOnly`; but `HTTP`, which could be a type, as it is.
pub fn upper_camel(name: &str) -> String {
    camel(name, !name.chars().any(char::is_lowercase) && name.contains('_'))
}

/// `READ` as `Read`: of a constant, which is shouted.
pub fn constant_camel(name: &str) -> String {
    camel(name, !name.chars().any(char::is_lowercase))
}

fn camel(name: &str, shouts: bool) -> String {
    name.split('_')
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            let rest = letters.as_str();
            first
                .chain((if shouts { rest.to_lowercase() } else { rest.to_owned() }).chars().collect::<Vec<_>>())
                .collect::<String>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::in_one_word;

    fn boxed(primitive: Primitive) -> Box<Type> {
        Box::new(Type::Primitive(primitive))
    }

    #[test]
    fn functions_have_parentheses_where_they_need_them() {
        let function = |takes, gives| Type::Callback(takes, gives);
        let plain = function(boxed(Primitive::Text), boxed(Primitive::Unit));
        let named = |of: &Type| (type_name(of), in_one_word(of));
        let is = |of: &Type, haskell: &str, word: &str| assert_eq!(named(of), (haskell.into(), word.into()));
        is(&plain, "Text -> IO ()", "FunctionTextUnit");
        is(&Type::Option(Box::new(plain.clone())), "Maybe (Text -> IO ())", "MaybeFunctionTextUnit");
        is(&Type::List(Box::new(plain.clone())), "[Text -> IO ()]", "ListFunctionTextUnit");
        is(
            &function(Box::new(plain.clone()), Box::new(plain.clone())),
            "(Text -> IO ()) -> IO (Text -> IO ())",
            "FunctionFunctionTextUnitFunctionTextUnit",
        );
        let action = || function(boxed(Primitive::Unit), boxed(Primitive::Text));
        is(&action(), "IO Text", "FunctionUnitText");
        is(&Type::List(Box::new(action())), "[IO Text]", "ListFunctionUnitText");
        is(&function(Box::new(action()), Box::new(action())), "IO Text -> IO (IO Text)", {
            "FunctionFunctionUnitTextFunctionUnitText"
        });
        let maybe = || Box::new(Type::Option(boxed(Primitive::Bool)));
        is(&function(maybe(), maybe()), "Maybe Bool -> IO (Maybe Bool)", "FunctionMaybeBoolMaybeBool");
        is(&Type::Closure(Box::new(plain), maybe()), "RustFunction (Text -> IO ()) (Maybe Bool)", {
            "RustFunctionFunctionTextUnitMaybeBool"
        });
        let object = Type::Object("open_file".into());
        is(&object, "Object OpenFile", "ObjectOpenFile");
        is(&Type::Stream(Box::new(object)), "Stream (Object OpenFile)", "StreamObjectOpenFile");
    }

    #[test]
    fn names_change_their_style() {
        let both = |name| (upper_camel(name), lower_camel(name));
        assert_eq!(both("max_hits"), ("MaxHits".into(), "maxHits".into()));
        assert_eq!(both("Query"), ("Query".into(), "query".into()));
        assert_eq!(both("HTTPError"), ("HTTPError".into(), "httpError".into()));
        assert_eq!(both("URL"), ("URL".into(), "url".into()));
        assert_eq!(both("READ_ONLY"), ("ReadOnly".into(), "readOnly".into()));
        assert_eq!(both("_x1_y"), ("X1Y".into(), "x1Y".into()));
        assert_eq!(both("x_y"), ("XY".into(), "xY".into()));
        assert_eq!(both("HTTP_error"), ("HTTPError".into(), "httpError".into()));
        assert_eq!(both("ä_ß"), ("ÄSS".into(), "äSS".into()));
    }
}
