//! Types that would have one name.

use crate::described;
use rs_in_hs::schema::text::all;
use rs_in_hs::{data, service};

mod other {
    #[rs_in_hs::data]
    pub struct Hit {
        pub line: u64,
    }

    #[rs_in_hs::data]
    pub struct Same {
        pub line: u64,
    }
}

#[data]
pub struct Hit {
    pub line: u32,
}

#[data]
pub struct Same {
    pub line: u64,
}

#[data]
pub struct Duration {
    pub days: u8,
}

#[data]
pub struct Chain<T> {
    pub here: T,
    pub next: Option<Box<Chain<T>>>,
}

#[service]
pub trait TwoHits {
    fn find(&self, from: Hit) -> other::Hit;
    fn find_again(&self, from: other::Hit) -> Hit;
}

#[service]
pub trait OwnDuration {
    fn wait(&self, time: Duration);
}

#[service]
pub trait OneInHaskell {
    fn find(&self, from: Same, chain: Chain<&str>) -> (other::Same, Chain<String>);
}

pub trait Has {
    type Of: rs_in_hs::wire::Encode + for<'de> rs_in_hs::wire::Decode<'de>;
}

const _: () = {
    #[data]
    pub struct Hidden {
        pub one: u64,
    }
    impl Has for u8 {
        type Of = Hidden;
    }
};

const _: () = {
    #[data]
    pub struct Hidden {
        pub one: u32,
        pub other: u32,
    }
    impl Has for u16 {
        type Of = Hidden;
    }
};

#[service]
pub trait TwoBlocks {
    fn find(&self, from: <u8 as Has>::Of, to: <u16 as Has>::Of);
}

/// Rust itself calls both by one name, as it does types of two versions of a crate.
#[test]
fn two_types_that_rust_calls_by_one_name_are_refused() {
    let told = all(&[described::<dyn TwoBlocks>()]);
    assert!(told.starts_with("refused: schema::clash::_::Hidden and schema::clash::_::Hidden (rs/bridge/"), "{told}");
    assert!(told.ends_with(") would both be Hidden in Haskell: rename one of them\n"), "{told}");
}

#[test]
fn two_services_of_one_name_are_refused() {
    let service = described::<dyn OneInHaskell>();
    assert_eq!(all(&[service.clone(), service]), "refused: two services are called OneInHaskell: rename one of them\n");
}

#[test]
fn two_types_of_one_name_are_refused() {
    assert_eq!(
        all(&[described::<dyn TwoHits>()]),
        "refused: schema::clash::Hit and schema::clash::other::Hit would both be Hit in Haskell: rename one of them\n"
    );
}

#[test]
fn a_type_that_is_called_like_one_of_rust_is_refused() {
    assert_eq!(
        all(&[described::<dyn OwnDuration>()]),
        "refused: schema::clash::Duration is called like a type that Rust brings: rename it\n"
    );
}

#[test]
fn two_types_that_are_one_in_haskell_are_fine() {
    let service = described::<dyn OneInHaskell>();
    assert_eq!(service.types.clashes(), [""; 0]);
    assert_eq!(service.types.iter().map(|of| of.name.as_str()).collect::<Vec<_>>(), ["Same", "ChainText"]);
}
