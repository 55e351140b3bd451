//! `#[object]`: a name for a type that Haskell holds references to.

use crate::attribute::docs;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Error, GenericParam, Result};

pub fn expand(item: &DeriveInput) -> Result<TokenStream> {
    check(item)?;
    let (ident, name, docs) = (&item.ident, item.ident.unraw().to_string(), docs(&item.attrs));
    let (_, _, condition) = item.generics.split_for_impl();
    Ok(quote! {
        #item

        #[automatically_derived]
        impl ::rs_in_hs::Opaque for #ident #condition {
            const NAME: &'static str = #name;
            const DOCS: &'static str = #docs;
            const PLACE: &'static str =
                ::core::concat!(::core::file!(), ":", ::core::line!(), ":", ::core::column!());
        }
    })
}

fn check(item: &DeriveInput) -> Result<()> {
    if let Data::Union(of) = &item.data {
        return Err(Error::new_spanned(
            of.union_token,
            "an object is a struct or an enum: put the union into a struct",
        ));
    }
    let why = match item.generics.params.first() {
        None => return Ok(()),
        Some(GenericParam::Lifetime(_)) => {
            "Haskell holds an object for as long as it likes, so it cannot borrow: own what it has, or share it by an `Arc`"
        }
        Some(_) => {
            "an object has no parameters, since Haskell knows it by its name alone: put the type, with its parameters written out, into a struct of its own"
        }
    };
    Err(Error::new_spanned(&item.generics, why))
}
