//! `#[data]`: the three traits of the wire, for a struct or an enum.

use crate::attribute::{decode, docs, encode, no_cfg};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Error, Fields, GenericParam, Generics, Lifetime, Result, Type, Variant, parse_quote};

pub fn expand(item: &DeriveInput) -> Result<TokenStream> {
    let body = match &item.data {
        Data::Struct(of) => Body::Struct(&of.fields),
        Data::Enum(of) => Body::Enum(of.variants.iter().collect()),
        Data::Union(of) => {
            return Err(Error::new_spanned(
                of.union_token,
                "a union cannot be sent, since nothing tells which field it has: make it an enum",
            ));
        }
    };
    body.check(item)?;
    let message = message_lifetime(&item.generics)?;
    let code = Code {
        describe: body.describe(item),
        encode: body.encode(),
        min_size: body.min_size(item),
        decode: body.decode(&item.ident),
        sizes: body.sizes(),
    };
    Ok(implement(item, &message, &code))
}

/// The item, which is refused, with traits that do nothing: what uses it gets no errors of its own.
pub fn pretend(item: &DeriveInput) -> TokenStream {
    let code = Code {
        describe: quote!(::rs_in_hs::schema::Type::Named(::std::string::String::new())),
        encode: quote!(),
        min_size: quote!(1),
        decode: quote!(::core::result::Result::<Self, _>::Err(::rs_in_hs::wire::WireError::TooDeep)?),
        sizes: quote!(),
    };
    implement(item, &new_lifetime(), &code)
}

/// What the traits do.
struct Code {
    describe: TokenStream,
    encode: TokenStream,
    min_size: TokenStream,
    decode: TokenStream,
    /// Of the fields of all variants, in memory.
    sizes: TokenStream,
}

fn implement(item: &DeriveInput, message: &Lifetime, code: &Code) -> TokenStream {
    let Code { describe, encode, min_size, decode, sizes } = code;
    let ident = &item.ident;
    let (_, ty_generics, _) = item.generics.split_for_impl();
    let bounded = |bound: TokenStream| {
        let mut generics = item.generics.clone();
        for parameter in generics.type_params_mut() {
            parameter.bounds.push(syn::parse2(bound.clone()).expect("a bound"));
        }
        generics
    };
    let data = bounded(quote!(::rs_in_hs::wire::Data));
    let encodes = bounded(quote!(::rs_in_hs::wire::Encode));
    let mut decodes = bounded(quote!(::rs_in_hs::wire::Decode<#message>));
    if item.generics.lifetimes().all(|parameter| parameter.lifetime != *message) {
        decodes.params.insert(0, GenericParam::Lifetime(parse_quote!(#message)));
    }
    let (data_generics, _, data_where) = data.split_for_impl();
    let (encode_generics, _, encode_where) = encodes.split_for_impl();
    let (decode_generics, _, decode_where) = decodes.split_for_impl();
    quote! {
        #item

        #[automatically_derived]
        impl #data_generics ::rs_in_hs::wire::Data for #ident #ty_generics #data_where {
            const IS_ERROR: bool = {
                #[allow(unused_imports)]
                use ::rs_in_hs::support::NoError as _;
                ::rs_in_hs::support::Message::<Self>::RS_IN_HS_IS_ERROR
            };

            const MIN_SIZE: usize = #min_size + ::rs_in_hs::support::message_size::<Self>();

            fn describe(types: &mut ::rs_in_hs::schema::Types) -> ::rs_in_hs::schema::Type {
                #describe
            }
        }

        #[automatically_derived]
        impl #encode_generics ::rs_in_hs::wire::Encode for #ident #ty_generics #encode_where {
            fn encode(
                &self,
                to: &mut ::rs_in_hs::wire::Encoder,
            ) -> ::core::result::Result<(), ::rs_in_hs::wire::WireError> {
                #[allow(unused_imports)]
                use ::rs_in_hs::support::NoError as _;
                to.nested(|to| {
                    #encode
                    if <Self as ::rs_in_hs::wire::Data>::IS_ERROR {
                        ::rs_in_hs::support::Message::<Self>::rs_in_hs_encode(self, to)?;
                    }
                    ::core::result::Result::Ok(())
                })
            }
        }

        #[automatically_derived]
        impl #decode_generics ::rs_in_hs::wire::Decode<#message> for #ident #ty_generics #decode_where {
            const STACK: usize = ::rs_in_hs::wire::frame(::core::mem::size_of::<Self>(), &[#sizes]);

            fn decode(
                from: &mut ::rs_in_hs::wire::Decoder<#message>,
            ) -> ::core::result::Result<Self, ::rs_in_hs::wire::WireError> {
                from.nested(|from| {
                    let value = #decode;
                    ::rs_in_hs::support::skip_message::<Self>(from)?;
                    ::core::result::Result::Ok(value)
                })
            }
        }
    }
}

/// The lifetime of the message that is decoded: the type's own, if it has one.
fn message_lifetime(generics: &Generics) -> Result<Lifetime> {
    let mut lifetimes = generics.lifetimes();
    let first = lifetimes.next().map(|parameter| parameter.lifetime.clone());
    if let Some(second) = lifetimes.next() {
        return Err(Error::new_spanned(
            second,
            "data can borrow from one message only: use one lifetime for all of its fields",
        ));
    }
    Ok(first.unwrap_or_else(new_lifetime))
}

fn new_lifetime() -> Lifetime {
    Lifetime::new("'message", Span::mixed_site())
}

enum Body<'a> {
    Struct(&'a Fields),
    Enum(Vec<&'a Variant>),
}

impl Body<'_> {
    fn check(&self, item: &DeriveInput) -> Result<()> {
        let fields = |fields: &Fields| fields.iter().try_for_each(|field| no_cfg(&field.attrs, "a field"));
        match self {
            Body::Struct(of) => fields(of),
            Body::Enum(variants) if variants.is_empty() => {
                Err(Error::new_spanned(&item.ident, "an enum without variants has no values that could be sent"))
            }
            Body::Enum(variants) => {
                if let Some(excess) = variants.get(255) {
                    return Err(Error::new_spanned(
                        excess,
                        "this is variant 256, and an enum that is sent can have 255: group some of them in an enum of their own",
                    ));
                }
                variants.iter().try_for_each(|variant| {
                    no_cfg(&variant.attrs, "a variant")?;
                    fields(&variant.fields)
                })
            }
        }
    }

    fn describe(&self, item: &DeriveInput) -> TokenStream {
        let docs = docs(&item.attrs);
        let generic = item.ident.unraw().to_string();
        let parameters = item.generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Lifetime(_) => None,
            GenericParam::Type(of) => {
                let ident = &of.ident;
                Some(quote! {{
                    let parameter = <#ident as ::rs_in_hs::wire::Data>::describe(types);
                    ::rs_in_hs::schema::in_one_word(&parameter)
                }})
            }
            GenericParam::Const(of) => {
                let ident = &of.ident;
                Some(quote!(::std::string::ToString::to_string(&#ident)))
            }
        });
        // Whether a field has the other traits can be said here if it does not depend on a parameter.
        let is_generic = item.generics.type_params().next().is_some();
        let fields = |of: &Fields| describe_fields(of, !is_generic);
        let shape = match self {
            Body::Struct(of) => {
                let fields = fields(of);
                quote!(::rs_in_hs::schema::Shape::Struct(#fields))
            }
            Body::Enum(variants) => {
                let variants = variants.iter().map(|variant| {
                    let name = variant.ident.unraw().to_string();
                    let docs = self::docs(&variant.attrs);
                    let fields = fields(&variant.fields);
                    quote! {
                        ::rs_in_hs::schema::Variant { name: #name.into(), docs: #docs.into(), fields: #fields }
                    }
                });
                quote!(::rs_in_hs::schema::Shape::Enum(::std::vec![#(#variants),*]))
            }
        };
        quote! {
            let name = ::rs_in_hs::schema::name_at(#generic, &[#(#parameters),*]);
            types.define::<Self>(::core::concat!(::core::file!(), ":", ::core::line!(), ":", ::core::column!()), name.clone(), |types| ::rs_in_hs::schema::Definition {
                name,
                docs: #docs.into(),
                is_error: <Self as ::rs_in_hs::wire::Data>::IS_ERROR,
                shape: #shape,
            })
        }
    }

    /// An enum of a single variant has no tag: on the wire it is a struct.
    fn has_tag(&self) -> bool {
        matches!(self, Body::Enum(variants) if variants.len() > 1)
    }

    fn encode(&self) -> TokenStream {
        let arm = |path: TokenStream, fields: &Fields, tag: Option<u8>| {
            let (pattern, names) = bind(fields);
            let encodes = fields.iter().map(|field| encode(&field.ty));
            let tag = tag.map(|tag| quote!(to.put_tag(#tag);));
            quote! {
                #path #pattern => {
                    #tag
                    #(#encodes(#names, to)?;)*
                }
            }
        };
        let arms: Vec<_> = match self {
            Body::Struct(fields) => vec![arm(quote!(Self), fields, None)],
            Body::Enum(variants) => (0_u8..)
                .zip(variants)
                .map(|(tag, variant)| {
                    let ident = &variant.ident;
                    arm(quote!(Self::#ident), &variant.fields, self.has_tag().then_some(tag))
                })
                .collect(),
        };
        quote!(match self { #(#arms)* })
    }

    fn min_size(&self, item: &DeriveInput) -> TokenStream {
        let is_generic = item.generics.type_params().next().is_some();
        let sum = |fields: &Fields| {
            let types = fields.iter().map(|field| {
                let of = &field.ty;
                let needed = needed(of, !is_generic);
                quote!({ #needed <#of as ::rs_in_hs::wire::Data>::MIN_SIZE })
            });
            quote!(0 #(+ #types)*)
        };
        match self {
            Body::Struct(fields) => sum(fields),
            Body::Enum(variants) => match variants.as_slice() {
                [only] => sum(&only.fields),
                _ => quote!(1),
            },
        }
    }

    fn sizes(&self) -> TokenStream {
        let sizes = |fields: &Fields| {
            let types = fields.iter().map(|field| &field.ty);
            quote!(#(::core::mem::size_of::<#types>(),)*)
        };
        match self {
            Body::Struct(fields) => sizes(fields),
            Body::Enum(variants) => variants.iter().map(|variant| sizes(&variant.fields)).collect(),
        }
    }

    fn decode(&self, ident: &syn::Ident) -> TokenStream {
        let build = |path: TokenStream, fields: &Fields| {
            let value = |of: &Type| {
                let decode = decode(of);
                quote!(#decode(from)?)
            };
            match fields {
                Fields::Unit => path,
                Fields::Unnamed(of) => {
                    let values = of.unnamed.iter().map(|field| value(&field.ty));
                    quote!(#path(#(#values),*))
                }
                Fields::Named(of) => {
                    let values = of.named.iter().map(|field| {
                        let (name, value) = (&field.ident, value(&field.ty));
                        quote!(#name: #value)
                    });
                    quote!(#path { #(#values),* })
                }
            }
        };
        let variants = match self {
            Body::Struct(fields) => return build(quote!(Self), fields),
            Body::Enum(variants) => variants,
        };
        let values = variants.iter().map(|variant| {
            let ident = &variant.ident;
            build(quote!(Self::#ident), &variant.fields)
        });
        if !self.has_tag() {
            return quote!(#(#values)*);
        }
        let name = ident.unraw().to_string();
        let count = variants.len() as u8;
        let tags = 0..count;
        quote!(match from.tag(#name, #count)? {
            #(#tags => #values,)*
            _ => ::core::unreachable!("the decoder has compared the tag with their number"),
        })
    }
}

/// What the other traits need of a field, in the same words, to stand beside what `Data` needs: so rustc tells of a type
/// that lacks them all once.
fn needed(of: &Type, with_traits: bool) -> Option<TokenStream> {
    let (encode, decode) = (encode(of), decode(of));
    with_traits.then(|| quote!(let _ = (#encode, #decode);))
}

/// `with_traits`: see [`needed`].
fn describe_fields(fields: &Fields, with_traits: bool) -> TokenStream {
    let fields = fields.iter().map(|field| {
        let name = match &field.ident {
            Some(ident) => {
                let name = ident.unraw().to_string();
                quote!(::core::option::Option::Some(#name.into()))
            }
            None => quote!(::core::option::Option::None),
        };
        let docs = docs(&field.attrs);
        let of = &field.ty;
        let needed = needed(of, with_traits);
        quote! {
            ::rs_in_hs::schema::Field {
                name: #name,
                docs: #docs.into(),
                of: {
                    #needed
                    <#of as ::rs_in_hs::wire::Data>::describe(types)
                },
            }
        }
    });
    quote!(::std::vec![#(#fields),*])
}

/// A pattern that takes all fields, and the names that it gives them.
fn bind(fields: &Fields) -> (TokenStream, Vec<syn::Ident>) {
    let names: Vec<_> = (0..fields.len()).map(|at| format_ident!("field{at}", span = Span::mixed_site())).collect();
    let pattern = match fields {
        Fields::Unit => quote!(),
        Fields::Unnamed(_) => quote!((#(#names),*)),
        Fields::Named(of) => {
            let fields = of.named.iter().map(|field| &field.ident);
            quote!({ #(#fields: #names),* })
        }
    };
    (pattern, names)
}
