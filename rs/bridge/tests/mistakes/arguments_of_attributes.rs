//! Arguments, where the attributes take none.

#[rs_in_hs::service(name = "Search")]
pub trait Search {
    fn find(&self) -> u64;
}

#[rs_in_hs::data(transparent)]
pub struct Query {
    pub pattern: String,
}

fn main() {}
