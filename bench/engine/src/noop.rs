//! The C function that does nothing: what a foreign import costs by itself.

/// Does nothing. Imported `safe`, it is the base that casts and concurrent calls are compared with.
// Exporting a name is `unsafe` because two libraries of one program may claim the same one. Nobody else has this one.
#[unsafe(no_mangle)]
pub extern "C" fn bench_noop() {}
