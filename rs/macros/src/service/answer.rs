//! What a method answers, and what it cannot have beside that.

use super::{Argument, refuse_impl};
use quote::ToTokens;
use syn::{Error, FnArg, Result, ReturnType, Signature, Type, parse_quote};

pub enum Answer {
    /// One value.
    Once(Type),
    /// Events of this type, for as long as somebody is subscribed.
    Stream(Type),
}

impl Answer {
    /// Of a method without `#[stream]`.
    pub fn once(signature: &Signature, arguments: &[Argument], is_cast: bool) -> Result<Self> {
        let inputs = || inputs(signature).zip(arguments);
        if let Some((events, _)) = inputs().find(|(_, argument)| matches!(argument, Argument::Events(_))) {
            return refuse(events, "a method that sends events is subscribed to: mark it with #[stream]");
        }
        if let Some((second, _)) = inputs().filter(|(_, argument)| !matches!(argument, Argument::Sent(..))).nth(1) {
            return refuse(
                second,
                "a method takes one `&Context` or one `CallToken`, which has a context of its own: remove the others",
            );
        }
        let token = arguments.iter().find_map(|argument| match argument {
            Argument::Token(answer) => Some(answer.clone()),
            _ => None,
        });
        let answer = match (&signature.output, token) {
            (ReturnType::Type(_, of), _) if is_cast => {
                return refuse(of, "a cast is not answered: remove the type of its answer, or the #[cast]");
            }
            (ReturnType::Type(_, of), Some(_)) => {
                return refuse(
                    of,
                    "a method that takes a `CallToken` answers through it: remove the type of its answer",
                );
            }
            (ReturnType::Default, Some(answer)) if is_cast => {
                return refuse(&answer, "a cast is not answered: remove the token, or the #[cast]");
            }
            (ReturnType::Default, Some(answer)) => answer,
            (ReturnType::Type(_, of), None) => (**of).clone(),
            (ReturnType::Default, None) => parse_quote!(()),
        };
        refuse_impl(&answer)?;
        Ok(Answer::Once(answer))
    }

    /// Of a method with `#[stream]`.
    pub fn stream(signature: &Signature, arguments: &[Argument], is_cast: bool, is_nonblocking: bool) -> Result<Self> {
        if is_cast {
            return refuse(
                &signature.ident,
                "a stream is the answer to a call, and a cast has none: remove one of the attributes",
            );
        }
        if is_nonblocking {
            return refuse(
                &signature.ident,
                "a stream is always asked for through the queue, so it cannot be nonblocking: remove one of the attributes",
            );
        }
        if let ReturnType::Type(_, of) = &signature.output {
            return refuse(of, "a method with #[stream] answers by its events: remove the type of its answer");
        }
        let (mut event, mut has_context) = (None, false);
        for (input, argument) in inputs(signature).zip(arguments) {
            match argument {
                Argument::Token(_) => {
                    return refuse(input, "a method with #[stream] answers by its events: remove the token");
                }
                Argument::Events(_) if event.is_some() => {
                    return refuse(
                        input,
                        "a stream has events of one type: take one `Events<T>`, where T can be an enum",
                    );
                }
                Argument::Context if has_context => {
                    return refuse(input, "a method takes one `&Context`: remove the others");
                }
                Argument::Events(of) => event = Some(of.clone()),
                Argument::Context => has_context = true,
                Argument::Sent(..) => {}
            }
        }
        match event {
            Some(event) => Ok(Answer::Stream(event)),
            None => refuse(
                &signature.ident,
                "a method with #[stream] sends events: take `events: Events<T>`, where T is the type of an event",
            ),
        }
    }
}

/// Without the receiver.
fn inputs(signature: &Signature) -> impl Iterator<Item = &FnArg> {
    signature.inputs.iter().skip(1)
}

fn refuse<T>(tokens: &dyn ToTokens, why: &str) -> Result<T> {
    Err(Error::new_spanned(tokens, why))
}
