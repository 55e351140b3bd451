//! Casts that would be answered, what is no cast, and what is not nonblocking.

use rs_in_hs::{CallToken, service};

#[service]
pub trait Answered {
    #[cast]
    fn forget(&self, path: String) -> u64;
}

#[service]
pub trait AnsweredLater {
    #[cast]
    fn forget(&self, path: String, token: CallToken<u64>);
}

#[service]
pub trait WithArgument {
    #[cast(now)]
    fn forget(&self, path: String);
}

#[service]
pub trait WithValue {
    #[cast = "now"]
    fn forget(&self, path: String);
}

#[service]
pub trait Twice {
    #[cast]
    #[cast]
    fn forget(&self, path: String);
}

#[service]
pub trait Nonblocking {
    #[cast]
    #[nonblocking]
    fn forget(&self, path: String);
}

#[service]
pub trait NonblockingWithArgument {
    #[nonblocking(x)]
    fn count(&self) -> u64;
}

fn main() {}
