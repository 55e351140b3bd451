//! One of two engines: it greets.

use rs_in_hs::Engine;

/// Its methods.
pub fn engine() -> Engine {
    Engine::new().call("greeter.greet", |_, name: String| format!("Hello, {name}!"))
}
