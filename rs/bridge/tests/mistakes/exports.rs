//! Functions that return no engine.

use rs_in_hs::service;

#[service]
pub trait Counter {
    fn total(&self) -> u64;
}

pub trait Plain {
    fn total(&self) -> u64;
}

struct Total;

impl Counter for Total {
    fn total(&self) -> u64 {
        0
    }
}

impl Plain for Total {
    fn total(&self) -> u64 {
        0
    }
}

mod number {
    fn engine() -> u64 {
        0
    }

    rs_in_hs::export!(engine);
}

mod object {
    fn engine() -> super::Total {
        super::Total
    }

    rs_in_hs::export!(engine);
}

mod without_dyn {
    use std::sync::Arc;

    fn engine() -> Arc<super::Total> {
        Arc::new(super::Total)
    }

    rs_in_hs::export!(engine);
}

mod plain_trait {
    use std::sync::Arc;

    fn engine() -> Arc<dyn super::Plain> {
        Arc::new(super::Total)
    }

    rs_in_hs::export!(engine);
}

mod with_parameter {
    use std::sync::Arc;

    fn engine(_: u64) -> Arc<dyn super::Counter> {
        Arc::new(super::Total)
    }

    rs_in_hs::export!(engine);
}

fn main() {}
