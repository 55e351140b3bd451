//! Contexts and tokens that a method cannot have.

use rs_in_hs::{CallToken, Context, service};

#[service]
pub trait TwoContexts {
    fn find(&self, one: &Context, what: String, other: &Context) -> u64;
}

#[service]
pub trait ContextAndToken {
    fn find(&self, context: &Context, token: CallToken<u64>);
}

#[service]
pub trait TwoTokens {
    fn find(&self, one: CallToken<u64>, other: CallToken<u64>);
}

#[service]
pub trait TokenAndAnswer {
    fn find(&self, token: CallToken<u64>) -> u64;
}

#[service]
pub trait ContextByValue {
    fn find(&self, context: Context) -> u64;
}

#[service]
pub trait MutableContext {
    fn find(&self, context: &mut Context) -> u64;
}

#[service]
pub trait TokenByReference {
    fn find(&self, token: &CallToken<u64>);
}

#[service]
pub trait TokenOfNothing {
    fn find(&self, token: CallToken);
}

fn main() {}
