//! An engine that does what engines should not, so that the tests can see what becomes of it.

mod both;
mod gate;

use rs_in_hs::schema::{Type, Types};
use rs_in_hs::trampoline::{Trampoline, TrampolineError};
use rs_in_hs::wire::{Data, Decode, Decoder, Encode, Encoder, WireError};
use rs_in_hs::{CallToken, Context, Engine};
use std::ffi::c_int;
use std::sync::{Arc, Mutex};

/// Panics when it is read.
struct PanicsInDecode;

impl Data for PanicsInDecode {
    const MIN_SIZE: usize = 0;

    fn describe(types: &mut Types) -> Type {
        <()>::describe(types)
    }
}

impl Decode<'_> for PanicsInDecode {
    fn decode(_: &mut Decoder<'_>) -> Result<Self, WireError> {
        panic!("in decode");
    }
}

/// Panics when it is written.
struct PanicsInEncode;

impl Data for PanicsInEncode {
    const MIN_SIZE: usize = 0;

    fn describe(types: &mut Types) -> Type {
        u64::describe(types)
    }
}

impl Encode for PanicsInEncode {
    fn encode(&self, _: &mut Encoder) -> Result<(), WireError> {
        panic!("in encode");
    }
}

/// A function for C that counts.
type Counted = Trampoline<fn(c_int) -> c_int>;

#[derive(Default)]
struct State {
    notes: Mutex<Vec<u64>>,
    tokens: Mutex<Vec<CallToken<u64>>>,
    trampoline: Mutex<Option<Counted>>,
}

fn engine() -> (Engine, Arc<dyn both::Both>) {
    (faulty(), both::both())
}

fn faulty() -> Engine {
    let state = Arc::new(State::default());
    let (noting, reading, keeping, answering) = (state.clone(), state.clone(), state.clone(), state.clone());
    let (making, dropping) = (state.clone(), state);
    Engine::new()
        .call("test.echo", |_, bytes: Vec<u8>| bytes)
        .call("test.big", |_, size: u64| vec![7_u8; size as usize])
        .call("test.maybe_big", |_, size: u64| (size > 0).then(|| vec![7_u8; size as usize]))
        .call("test.text", |_, text: String| if text.is_empty() { Err("it is empty".repeat(10_000)) } else { Ok(text) })
        .call("test.numbers_up_to", |_, count: u64| (0..count).map(|number| number as f64).collect::<Vec<_>>())
        .call("test.labelled", |_, bytes: Vec<u8>| (bytes.len() as u64, bytes))
        .call("test.letter", |_, letter: char| char::from_u32(letter as u32 + 1).unwrap_or(letter))
        .call_nonblocking("test.short", |_, number: u64| number + 1)
        .call_nonblocking("test.short_panic", |_, message: String| -> u64 { panic!("{message}") })
        .call("test.small_answer", |_, (): ()| 7_u8)
        .call("test.numbers", |_, numbers: (u64, u64)| numbers.0 + numbers.1)
        .call("test.panic", |_, message: String| -> u64 { panic!("{message}") })
        .call("test.panic_in_decode", |_, _: PanicsInDecode| 0_u64)
        .call("test.panic_in_encode", |_, (): ()| PanicsInEncode)
        .call_later("test.drop_token", |token: CallToken<u64>, (): ()| drop(token))
        .call_later("test.keep_token", move |token: CallToken<u64>, (): ()| {
            keeping.tokens.lock().expect("no panic while it is held").push(token);
        })
        .call("test.answer_tokens", move |_, answer: u64| {
            let tokens = std::mem::take(&mut *answering.tokens.lock().expect("no panic while it is held"));
            let count = tokens.len() as u64;
            // From a thread that the runtime does not know.
            let answered = std::thread::spawn(move || tokens.into_iter().for_each(|token| token.answer(answer)));
            answered.join().is_ok().then_some(count)
        })
        .call("test.gate", |context: &Context, obeys: bool| gate::pass(context, obeys))
        .call("test.time_left", |context: &Context, (): ()| context.time_left().map(|left| left.as_micros() as u64))
        .cast("test.note", move |_, number: u64| noting.notes.lock().expect("no panic while it is held").push(number))
        .call("test.notes", move |_, (): ()| reading.notes.lock().expect("no panic while it is held").clone())
        .call("test.keep_trampoline", move |_, (): ()| {
            let trampoline = Trampoline::<fn(c_int) -> c_int>::new(|number| {
                assert!(number >= 0, "{number} is negative");
                number + 1
            });
            let pair = (trampoline.function() as usize as u64, trampoline.context().addr() as u64);
            *making.trampoline.lock().expect("no panic while it is held") = Some(trampoline);
            pair
        })
        .call("test.drop_trampoline", move |_, (): ()| {
            let trampoline = dropping.trampoline.lock().expect("no panic while it is held").take()?;
            match trampoline.take_error() {
                Some(TrampolineError::Panicked { message, .. }) => Some(message),
                other => other.map(|error| error.to_string()),
            }
        })
        .cast("test.gate_cast", |context: &Context, obeys: bool| {
            gate::pass(context, obeys);
        })
        .cast("test.panic_cast", |_, message: String| panic!("{message}"))
}

rs_in_hs::export!(engine);
