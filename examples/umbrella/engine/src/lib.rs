//! Two engines in one library.

rs_in_hs::export!(greeter::engine, tally::engine);
