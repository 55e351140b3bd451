//! Calls on the caller's own thread.
