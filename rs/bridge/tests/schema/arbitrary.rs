//! Small schemas at random, as text.

use proptest::prelude::*;
use proptest::sample::Index;
use rs_in_hs::schema::text::{canonical, parse};
use rs_in_hs::schema::{Field, Service, Shape, Type};
use std::collections::BTreeSet;

/// Few names, so that two schemas have much in common. Some differ only in Rust.
fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["a", "b", "a_b", "aB", "_1", "A"][..])
}

const TYPES: &[&str] = &["One", "Two", "Three"];

fn of() -> impl Strategy<Value = String> {
    let leaf =
        prop::sample::select(&["u8", "u16", "String", "()", "Vec<u8>", "One", "Two", "Three", "Object<One>"][..]);
    leaf.prop_map(str::to_owned).prop_recursive(2, 4, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            inner.clone().prop_map(|of| format!("Option<{of}>")),
            inner.clone().prop_map(|of| format!("Vec<{of}>")),
            (inner, 1..3).prop_map(|(of, len)| format!("[{of}; {len}]")),
            pair.clone().prop_map(|(one, other)| format!("Map<{one}, {other}>")),
            pair.clone().prop_map(|(one, other)| format!("Result<{one}, {other}>")),
            pair.clone().prop_map(|(one, other)| format!("Callback<{one}, {other}>")),
            pair.clone().prop_map(|(one, other)| format!("Closure<{one}, {other}>")),
            pair.prop_map(|(one, other)| format!("({one}, {other})")),
        ]
    })
}

/// Up to three things with names of their own.
fn several<T: std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<(&'static str, T)>> {
    prop::collection::vec((name(), of), 0..4).prop_map(|things| {
        let mut names = BTreeSet::new();
        things.into_iter().filter(|(name, _)| names.insert(*name)).collect()
    })
}

fn fields(indent: &'static str) -> impl Strategy<Value = Vec<String>> {
    (several(of()), any::<bool>()).prop_map(move |(fields, are_named)| {
        let label = |name| if are_named { name } else { "_" };
        fields.iter().map(|(name, of)| format!("{indent}{}: {of}\n", label(name))).collect()
    })
}

fn block(head: &str, parts: &[String], end: &str) -> String {
    if parts.is_empty() { format!("{head}\n") } else { format!("{head} {{\n{}{end}}}\n", parts.concat()) }
}

fn definition(name: &'static str) -> impl Strategy<Value = String> {
    let error = || prop::sample::select(&["", "error "][..]);
    let record =
        (error(), fields("  ")).prop_map(move |(error, fields)| block(&format!("{error}struct {name}"), &fields, ""));
    let sum = (error(), several(fields("    "))).prop_map(move |(error, variants)| {
        let variants: Vec<_> =
            variants.iter().map(|(name, fields)| block(&format!("  {name}"), fields, "  ")).collect();
        format!("{error}enum {name} {{\n{}}}\n", variants.concat())
    });
    let flags = (prop::sample::select(&["u8", "u16"][..]), several(1..3)).prop_map(move |(bits, flags)| {
        let flags: String = flags.iter().map(|(name, bits)| format!("  {name} = {bits}\n")).collect();
        format!("flags {name}: {bits} {{\n{flags}}}\n")
    });
    prop_oneof![3 => record, 3 => sum, 1 => flags, 1 => Just(format!("object {name}\n"))]
}

fn method() -> impl Strategy<Value = (bool, Vec<(&'static str, String)>, String)> {
    let stream = of().prop_map(|of| format!("Stream<{of}>"));
    (prop::bool::weighted(0.2), several(of()), prop_oneof![4 => of(), 1 => stream])
}

/// A service of which each type is used, as those that the attributes describe are.
pub fn service() -> impl Strategy<Value = Service> {
    let types = TYPES.iter().map(|name| definition(name)).collect::<Vec<_>>();
    (several(method()), types).prop_map(|(methods, types)| {
        let mut text = String::from("service S\n");
        for (name, (is_cast, arguments, answer)) in methods {
            let arguments: Vec<_> = arguments.iter().map(|(name, of)| format!("{name}: {of}")).collect();
            let arguments = arguments.join(", ");
            text += &match is_cast {
                true => format!("cast {name}({arguments})\n"),
                false => format!("call {name}({arguments}) -> {answer}\n"),
            };
        }
        let used = used(&parse(&(text.clone() + &types.concat())).expect("a schema")[0]).expect("all are defined");
        for (name, definition) in TYPES.iter().zip(&types) {
            text += if used.contains(*name) { definition } else { "" };
        }
        parse(&text).expect("a schema").remove(0)
    })
}

/// A small change of a service, to one that could be described: a word that is another one, or two lines that change
/// places, or a line that is gone.
pub fn changed(service: &Service) -> impl Strategy<Value = Option<Service>> + use<> {
    const WORDS: &[&str] =
        &["a", "b", "a_b", "aB", "_1", "u8", "u16", "String", "One", "Two", "1", "2", "call", "cast"];
    let text = canonical(service);
    let word = (any::<Index>(), prop::sample::select(WORDS)).prop_map({
        let text = text.clone();
        move |(at, by)| {
            let is_in_word = |c: char| c == '_' || c.is_alphanumeric();
            let words: Vec<_> = text.split_inclusive(|c| !is_in_word(c)).collect();
            let (before, after) = words.split_at(at.index(words.len()));
            let end = after[0].trim_start_matches(is_in_word);
            [&before.concat(), by, end, &after[1..].concat()].concat()
        }
    });
    let lines = (any::<Index>(), any::<Option<Index>>()).prop_map(move |(one, other)| {
        let mut lines: Vec<_> = text.lines().collect();
        let place = |index: Index| index.index(lines.len());
        match (place(one), other.map(place)) {
            (one, Some(other)) => lines.swap(one, other),
            (one, None) => drop(lines.remove(one)),
        }
        lines.join("\n") + "\n"
    });
    prop_oneof![word, lines].prop_map(|text| parse(&text).ok()?.into_iter().next().filter(could_be_described))
}

/// Whether each type is used and defined once, and no two things of one kind have one name.
fn could_be_described(service: &Service) -> bool {
    let mut names = service.types.iter().map(|of| of.name.clone()).collect::<Vec<_>>();
    names.sort();
    let are_used = used(service).is_some_and(|used| used.into_iter().eq(names));
    let shapes = service.types.iter().all(|definition| match &definition.shape {
        Shape::Struct(fields) => are_fields(fields),
        Shape::Enum(variants) => {
            are_different(variants.iter().map(|variant| &variant.name))
                && variants.iter().all(|variant| are_fields(&variant.fields))
        }
        Shape::Flags(_, flags) => are_different(flags.iter().map(|flag| &flag.name)),
        Shape::Opaque => true,
    });
    // Two services that are compared have one name.
    service.name == "S"
        && are_used
        && shapes
        && are_different(service.methods.iter().map(|method| &method.name))
        && service.methods.iter().all(|method| are_fields(&method.arguments))
}

fn are_fields(fields: &[Field]) -> bool {
    let names: Vec<_> = fields.iter().filter_map(|field| field.name.as_ref()).collect();
    let are_names = names.iter().all(|name| !name.starts_with(|c: char| c.is_ascii_digit()));
    (names.is_empty() || names.len() == fields.len()) && are_names && are_different(names.into_iter())
}

fn are_different<'a>(names: impl Iterator<Item = &'a String> + Clone) -> bool {
    names.clone().collect::<BTreeSet<_>>().len() == names.count()
}

/// The names of all types that the methods lead to; nothing, if one of them is not defined.
fn used(service: &Service) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for method in &service.methods {
        method.arguments.iter().try_for_each(|argument| reach(service, &argument.of, &mut names))?;
        reach(service, &method.answer, &mut names)?;
    }
    Some(names)
}

fn reach(service: &Service, of: &Type, names: &mut BTreeSet<String>) -> Option<()> {
    match of {
        Type::Primitive(_) => {}
        Type::Option(of) | Type::List(of) | Type::Array(of, _) | Type::Set(of) | Type::Stream(of) => {
            reach(service, of, names)?;
        }
        Type::Map(one, other) | Type::Result(one, other) | Type::Closure(one, other) | Type::Callback(one, other) => {
            reach(service, one, names)?;
            reach(service, other, names)?;
        }
        Type::Tuple(parts) => parts.iter().try_for_each(|part| reach(service, part, names))?,
        Type::Named(name) | Type::Object(name) => {
            if names.insert(name.clone()) {
                let variants;
                let fields: &[&[Field]] = match &service.types.get(name)?.shape {
                    Shape::Struct(fields) => &[fields],
                    Shape::Enum(of) => {
                        variants = of.iter().map(|variant| variant.fields.as_slice()).collect::<Vec<_>>();
                        &variants
                    }
                    Shape::Flags(..) | Shape::Opaque => &[],
                };
                fields.iter().copied().flatten().try_for_each(|field| reach(service, &field.of, names))?;
            }
        }
    }
    Some(())
}

proptest! {
    #[test]
    fn each_is_read_as_it_was_written(service in service()) {
        prop_assert_eq!(parse(&canonical(&service)).map(|read| canonical(&read[0])), Ok(canonical(&service)));
    }
}
