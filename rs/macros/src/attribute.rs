//! What both attributes have in common.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, Lit, Meta, Result, Type};

/// Sees to it that the attribute itself has no arguments.
pub fn none(arguments: TokenStream, name: &str) -> Result<()> {
    if arguments.is_empty() {
        return Ok(());
    }
    Err(Error::new_spanned(arguments, format!("the attribute takes no arguments: write #[rs_in_hs::{name}]")))
}

/// The error, and the item without what is ours.
pub fn refuse(error: Error, item: impl ToTokens) -> TokenStream {
    let error = error.into_compile_error();
    quote!(#item #error)
}

/// The docs among the attributes, in lines.
pub fn docs(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes.iter().filter_map(doc).collect();
    let text = lines.join("\n");
    text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect::<Vec<_>>().join("\n")
}

fn doc(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The function that reads a value of the type.
pub fn decode(of: &Type) -> TokenStream {
    quote_spanned!(of.span()=> <#of as ::rs_in_hs::wire::Decode>::decode)
}

/// The function that writes one.
pub fn encode(of: &Type) -> TokenStream {
    quote_spanned!(of.span()=> <#of as ::rs_in_hs::wire::Encode>::encode)
}

/// The function that writes one which ends a message.
pub fn encode_last(of: &Type) -> TokenStream {
    quote_spanned!(of.span()=> <#of as ::rs_in_hs::wire::Encode>::encode_last)
}

/// Refuses `#[cfg]`: both sides have to know the same type, however either was built.
pub fn no_cfg(attributes: &[Attribute], what: &str) -> Result<()> {
    match attributes.iter().find(|attribute| attribute.path().is_ident("cfg")) {
        None => Ok(()),
        Some(attribute) => Err(Error::new_spanned(
            attribute,
            format!("{what} cannot depend on how the crate is built, which Haskell does not know: remove the #[cfg]"),
        )),
    }
}
