//! One of two engines: it greets.

use std::sync::Arc;

/// Greets people.
#[rs_in_hs::service]
pub trait Greeter {
    /// A greeting for the person of this name.
    fn greet(&self, name: &str) -> String;
}

struct Polite;

impl Greeter for Polite {
    fn greet(&self, name: &str) -> String {
        format!("Hello, {name}!")
    }
}

/// A greeter.
pub fn engine() -> Arc<dyn Greeter> {
    Arc::new(Polite)
}
