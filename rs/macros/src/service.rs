//! `#[service]`: a description of the trait, and handlers that call its methods.

mod answer;

use crate::attribute::{decode, docs, encode_last, no_cfg};
use answer::Answer;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{
    Attribute, Error, FnArg, GenericArgument, Generics, Ident, ItemTrait, Pat, PathArguments, Result, Signature,
    TraitItem, TraitItemFn, Type, TypeImplTrait, TypeReference, parse_quote,
};

pub fn expand(mut item: ItemTrait) -> Result<TokenStream> {
    check_trait(&item)?;
    let mut methods = Vec::new();
    for part in &mut item.items {
        match part {
            TraitItem::Fn(function) => methods.push(Method::take(function)?),
            other => return Err(Error::new_spanned(other, "a service consists of methods only: move this elsewhere")),
        }
    }
    item.supertraits.push(parse_quote!(::core::marker::Send));
    item.supertraits.push(parse_quote!(::core::marker::Sync));
    item.supertraits.push(parse_quote!('static));
    let (ident, name, docs) = (&item.ident, item.ident.unraw().to_string(), docs(&item.attrs));
    let descriptions = methods.iter().map(Method::describe);
    let handlers = methods.iter().map(|method| method.handler(ident));
    Ok(quote! {
        #item

        impl ::rs_in_hs::Service for dyn #ident {
            fn describe() -> ::rs_in_hs::schema::Service {
                #[allow(unused_mut)]
                let mut types = ::rs_in_hs::schema::Types::default();
                let methods = ::std::vec![#(#descriptions),*];
                ::rs_in_hs::schema::Service { name: #name.into(), docs: #docs.into(), methods, types }
            }

            fn engine(self: ::std::sync::Arc<Self>) -> ::rs_in_hs::Engine {
                let service = <Self as ::rs_in_hs::Service>::describe();
                ::rs_in_hs::Engine::new().serve(&service, [#(#handlers),*])
            }
        }
    })
}

fn check_trait(item: &ItemTrait) -> Result<()> {
    no_parameters(
        &item.generics,
        "a service has no parameters, since Haskell has to know all of its types: name them in the methods",
    )?;
    if let Some(token) = item.unsafety {
        return Err(Error::new_spanned(
            token,
            "a service is called from Haskell, which keeps no promises of unsafe: remove it",
        ));
    }
    if item.items.is_empty() {
        return Err(Error::new_spanned(&item.ident, "a service without methods cannot be called: add one"));
    }
    Ok(())
}

/// A method as it is described, and called.
struct Method {
    ident: Ident,
    docs: String,
    is_cast: bool,
    is_nonblocking: bool,
    /// In the order of the function's.
    arguments: Vec<Argument>,
    answer: Answer,
}

enum Argument {
    /// Comes in the message.
    Sent(Ident, Type),
    /// The call's context.
    Context,
    /// The right to answer.
    Token(Type),
    /// Where events are sent.
    Events(Type),
}

impl Method {
    /// Reads a method, and takes the attributes that are ours off it.
    fn take(function: &mut TraitItemFn) -> Result<Self> {
        no_cfg(&function.attrs, "a method")?;
        let is_cast = take(function, "cast")?;
        let is_nonblocking = take(function, "nonblocking")?;
        if is_cast && is_nonblocking {
            return Err(Error::new_spanned(
                &function.sig.ident,
                "a cast always goes through the queue, so it cannot be nonblocking: remove one of the attributes",
            ));
        }
        let is_stream = take(function, "stream")?;
        let signature = &function.sig;
        check_signature(signature)?;
        let arguments = signature.inputs.iter().skip(1).map(Argument::read).collect::<Result<Vec<_>>>()?;
        let answer = match is_stream {
            true => Answer::stream(signature, &arguments, is_cast, is_nonblocking),
            false => Answer::once(signature, &arguments, is_cast),
        }?;
        Ok(Method {
            ident: signature.ident.clone(),
            docs: docs(&function.attrs),
            is_cast,
            is_nonblocking,
            arguments,
            answer,
        })
    }

    fn describe(&self) -> TokenStream {
        let (name, docs, is_cast) = (self.ident.unraw().to_string(), &self.docs, self.is_cast);
        let is_nonblocking = self.is_nonblocking;
        let of = |of: &Type, needed: TokenStream| {
            quote! {{
                // What the handler needs too, in the same words: rustc tells of a type that lacks it once.
                let _ = #needed;
                <#of as ::rs_in_hs::wire::Data>::describe(&mut types)
            }}
        };
        let arguments = self.arguments.iter().filter_map(|argument| match argument {
            Argument::Sent(ident, ty) => {
                let (name, of) = (ident.unraw().to_string(), of(ty, decode(ty)));
                Some(quote! {
                    ::rs_in_hs::schema::Field {
                        name: ::core::option::Option::Some(#name.into()),
                        docs: ::std::string::String::new(),
                        of: #of,
                    }
                })
            }
            _ => None,
        });
        let answer = match &self.answer {
            Answer::Once(answer) => of(answer, encode_last(answer)),
            Answer::Stream(event) => {
                let event = of(event, subscribe(event));
                quote!(::rs_in_hs::schema::Type::Stream(::std::boxed::Box::new(#event)))
            }
        };
        quote! {
            ::rs_in_hs::schema::Method {
                name: #name.into(),
                docs: #docs.into(),
                is_cast: #is_cast,
                is_nonblocking: #is_nonblocking,
                arguments: ::std::vec![#(#arguments),*],
                answer: #answer,
            }
        }
    }

    fn handler(&self, service: &Ident) -> TokenStream {
        let ident = &self.ident;
        let full = format!("{}.{}", service.unraw(), ident.unraw());
        let local = |name: &str| Ident::new(name, Span::mixed_site());
        let (this, context, place, request, sent, to) =
            (local("this"), local("context"), local("place"), local("request"), local("sent"), local("to"));
        let subscription = local("subscription");
        let mut reads = Vec::new();
        let mut passes = Vec::new();
        let mut token = None;
        for (at, argument) in self.arguments.iter().enumerate() {
            match argument {
                Argument::Sent(name, of) => {
                    let (value, name) =
                        (format_ident!("value{at}", span = Span::mixed_site()), name.unraw().to_string());
                    let decode = decode(of);
                    reads.push(quote!(let #value = #sent.next(#name, #decode)?;));
                    passes.push(quote!(#value));
                }
                Argument::Context => passes.push(quote!(#context)),
                Argument::Token(answer) => {
                    token = Some(answer);
                    passes.push(quote!(token));
                }
                Argument::Events(_) => passes.push(quote!(events)),
            }
        }
        let subscription_read = matches!(self.answer, Answer::Stream(_))
            .then(|| quote!(let #subscription = #sent.subscription(#context)?;));
        let read = quote! {
            #[allow(unused_mut)]
            let mut #sent = ::rs_in_hs::support::Arguments::new(#full, #request);
            #subscription_read
            #(#reads)*
            #sent.end()?;
        };
        let call = quote!(<dyn #service as #service>::#ident(&*#this, #(#passes),*));
        let handler = match (token, &self.answer) {
            (Some(answer), _) => quote! {
                ::rs_in_hs::support::Handler::later(move |#place, #request| {
                    #read
                    let token = ::rs_in_hs::support::token::<#answer>(#place)?;
                    #call;
                    ::core::result::Result::Ok(())
                })
            },
            (None, Answer::Once(answer)) => {
                let encode = encode_last(answer);
                quote! {
                    ::rs_in_hs::support::Handler::now(move |#context, #request, #to| {
                        #read
                        let answer: #answer = #call;
                        ::rs_in_hs::support::answer(#full, #to, |to| #encode(answer, to))
                    })
                }
            }
            (None, Answer::Stream(event)) => {
                let subscribe = subscribe(event);
                quote! {
                    ::rs_in_hs::support::Handler::now(move |#context, #request, #to| {
                        #read
                        let events: ::rs_in_hs::Events<#event> = #subscribe(&#subscription);
                        #call;
                        ::rs_in_hs::support::answer(#full, #to, |to| #subscription.encode(to))
                    })
                }
            }
        };
        quote! {{
            let #this = ::std::sync::Arc::clone(&self);
            (#full, #handler)
        }}
    }
}

/// The function that gives whoever sends events of the type what to send them through.
fn subscribe(of: &Type) -> TokenStream {
    quote_spanned!(of.span()=> ::rs_in_hs::support::Subscription::events::<#of>)
}

impl Argument {
    fn read(input: &FnArg) -> Result<Self> {
        let FnArg::Typed(typed) = input else {
            return Err(Error::new_spanned(input, "a second self"));
        };
        no_cfg(&typed.attrs, "an argument")?;
        refuse_impl(&typed.ty)?;
        if let Type::Reference(TypeReference { elem, mutability, .. }) = &*typed.ty
            && let Some(segment) = last_segment(elem)
        {
            let refuse = |why| Err(Error::new_spanned(&typed.ty, why));
            match () {
                () if segment.ident == "CallToken" => {
                    return refuse("a token is used up by answering: take it by value, as `CallToken<Answer>`");
                }
                () if segment.ident == "Events" => {
                    return refuse("events are sent by whoever has them: take them by value, as `Events<T>`");
                }
                () if segment.ident == "Context" && mutability.is_some() => {
                    return refuse("a context is shared with others: take `&Context`");
                }
                () if segment.ident == "Context" => return Ok(Argument::Context),
                () => {}
            }
        }
        if let Some(segment) = last_segment(&typed.ty)
            && let PathArguments::AngleBracketed(parameters) = &segment.arguments
            && let Some(GenericArgument::Type(of)) = parameters.args.first()
        {
            match () {
                () if segment.ident == "CallToken" => return Ok(Argument::Token(of.clone())),
                () if segment.ident == "Events" => return Ok(Argument::Events(of.clone())),
                () => {}
            }
        }
        match &*typed.pat {
            Pat::Ident(pattern) if pattern.subpat.is_none() => {
                Ok(Argument::Sent(pattern.ident.clone(), (*typed.ty).clone()))
            }
            other => Err(Error::new_spanned(other, "Haskell has to know the argument by a name: give it one")),
        }
    }
}

fn last_segment(of: &Type) -> Option<&syn::PathSegment> {
    match of {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// Whether the method has this attribute, which is ours and is taken off.
fn take(function: &mut TraitItemFn, name: &str) -> Result<bool> {
    let is_ours = |attribute: &Attribute| attribute.path().is_ident(name);
    let mut found = false;
    for attribute in function.attrs.iter().filter(|attribute| is_ours(attribute)) {
        if attribute.meta.require_path_only().is_err() {
            let why = format!("this attribute takes no arguments: write #[{name}]");
            return Err(Error::new_spanned(attribute, why));
        }
        found = true;
    }
    function.attrs.retain(|attribute| !is_ours(attribute));
    Ok(found)
}

/// The trait without the attributes that are ours, for the case that it is refused.
pub fn plain(mut item: ItemTrait) -> ItemTrait {
    for part in &mut item.items {
        if let TraitItem::Fn(function) = part {
            let ours = |attribute: &Attribute| {
                ["cast", "nonblocking", "stream"].iter().any(|name| attribute.path().is_ident(name))
            };
            function.attrs.retain(|attribute| !ours(attribute));
        }
    }
    item
}

fn check_signature(signature: &Signature) -> Result<()> {
    let refuse = |tokens: &dyn ToTokens, why: &str| Err(Error::new_spanned(tokens, why));
    if let Some(token) = &signature.asyncness {
        return refuse(
            token,
            "a method cannot be async: take a `CallToken<Answer>` as an argument, hand it to your executor, and answer there",
        );
    }
    if let Some(token) = &signature.constness {
        return refuse(token, "a method is called at run time: remove the const");
    }
    if let Some(token) = &signature.unsafety {
        return refuse(token, "a method is called from Haskell, which keeps no promises of unsafe: remove it");
    }
    if let Some(token) = &signature.abi {
        return refuse(token, "a method is called through rs-in-hs, which needs no ABI: remove it");
    }
    no_parameters(
        &signature.generics,
        "a method has no parameters, since Haskell has to know its types: write them out, and leave lifetimes away",
    )?;
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver))
            if receiver.reference.is_some() && receiver.mutability.is_none() && receiver.colon_token.is_none() =>
        {
            Ok(())
        }
        Some(FnArg::Receiver(receiver)) => refuse(
            receiver,
            "several threads call the methods at once: take `&self`, and keep what changes in a Mutex or an atomic",
        ),
        _ => refuse(&signature.ident, "the methods of a service belong to an object: take `&self` first"),
    }
}

fn no_parameters(generics: &Generics, why: &str) -> Result<()> {
    match (&generics.params.first(), &generics.where_clause) {
        (None, None) => Ok(()),
        (Some(_), _) => Err(Error::new_spanned(generics, why)),
        (None, Some(condition)) => Err(Error::new_spanned(condition, why)),
    }
}

fn refuse_impl(of: &Type) -> Result<()> {
    struct Find(Option<TypeImplTrait>);

    impl Visit<'_> for Find {
        fn visit_type_impl_trait(&mut self, found: &TypeImplTrait) {
            self.0.get_or_insert_with(|| found.clone());
        }
    }

    let mut find = Find(None);
    find.visit_type(of);
    match find.0 {
        Some(found) => {
            Err(Error::new_spanned(found, "Haskell has to know which type this is: name it in place of `impl`"))
        }
        None => Ok(()),
    }
}
