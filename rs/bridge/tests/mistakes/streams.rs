//! Streams that are something else too, and methods that take events in another way.

use rs_in_hs::{CallToken, Context, Events, service};

#[service]
pub trait Answered {
    #[stream]
    fn changes(&self, events: Events<u64>) -> u64;
}

#[service]
pub trait AnsweredLater {
    #[stream]
    fn changes(&self, events: Events<u64>, token: CallToken<u64>);
}

#[service]
pub trait Cast {
    #[cast]
    #[stream]
    fn changes(&self, events: Events<u64>);
}

#[service]
pub trait Nonblocking {
    #[stream]
    #[nonblocking]
    fn changes(&self, events: Events<u64>);
}

#[service]
pub trait WithoutEvents {
    #[stream]
    fn changes(&self, folder: &str);
}

#[service]
pub trait TwoKinds {
    #[stream]
    fn changes(&self, events: Events<u64>, folder: &str, others: Events<String>);
}

#[service]
pub trait TwoContexts {
    #[stream]
    fn changes(&self, one: &Context, events: Events<u64>, other: &Context);
}

#[service]
pub trait ByReference {
    #[stream]
    fn changes(&self, events: &Events<u64>);
}

#[service]
pub trait Unmarked {
    fn changes(&self, folder: &str, events: Events<u64>);
}

#[service]
pub trait UnmarkedCast {
    #[cast]
    fn changes(&self, events: Events<u64>);
}

#[service]
pub trait OfSomething {
    #[stream]
    fn changes(&self, events: Events<impl Sized>);
}

#[service]
pub trait WithArgument {
    #[stream(u64)]
    fn changes(&self, events: Events<u64>);
}

fn main() {}
