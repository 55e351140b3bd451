//! What cannot be referred to, or not that way.

use rs_in_hs::{Callback, Closure, Events, Local, Object, data, object, service};
use std::cell::Cell;

pub struct Unmarked;

#[service]
pub trait EventWithoutData {
    #[stream]
    fn changes(&self, events: Events<Unmarked>);
}

#[service]
pub trait EventsOfNothing {
    #[stream]
    fn changes(&self, events: Events);
}

#[service]
pub trait ObjectUnmarked {
    fn open(&self) -> Object<Unmarked>;
    fn close(&self, of: Object<Unmarked>);
}

#[object]
pub struct Voice(Cell<u8>);

#[service]
pub trait NotShared {
    fn open(&self) -> Object<Voice>;
    // It has a thread of its own.
    fn open_local(&self) -> Local<Voice>;
}

#[service]
pub trait ByReference {
    fn close(&self, of: &Object<Unmarked>);
    fn log(&self, by: &Callback<String, ()>);
}

#[service]
pub trait CallbackOfUnmarked {
    fn log(&self, by: Callback<Unmarked, Unmarked>);
}

#[service]
pub trait ClosureOfUnmarked {
    fn amplifier(&self) -> Closure<Unmarked, ()>;
}

#[data]
pub struct Held {
    pub by: Closure<u8, Unmarked>,
}

fn not_shared() {
    Object::new(Voice(Cell::new(1)));
}

fn main() {
    not_shared();
}
