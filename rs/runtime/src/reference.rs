//! What messages refer to: objects, closures and streams of Rust's, functions of Haskell's.

/// A type whose values Haskell may hold without looking into them. The attribute `#[rs_in_hs::object]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an object that Haskell can hold",
    label = "not an object",
    note = "put `#[rs_in_hs::object]` on its definition"
)]
pub trait Opaque: 'static {
    /// The type's name.
    const NAME: &'static str;
    /// Its docs.
    const DOCS: &'static str;
    /// Where it is defined.
    #[doc(hidden)]
    const PLACE: &'static str;
}
