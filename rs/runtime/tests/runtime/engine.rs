//! Engines that misbehave.

use crate::harness::*;
use rs_in_hs_runtime::schema::{Type, Types};
use rs_in_hs_runtime::wire::{Data, Decoder, Encoder, WireError};
use std::path::Path;
use std::process::Command;

#[test]
fn a_panic_is_the_callers_and_the_worker_lives_on() {
    struct Sour;
    impl Data for Sour {
        const MIN_SIZE: usize = 0;

        fn describe(types: &mut Types) -> Type {
            u64::describe(types)
        }
    }
    impl Encode for Sour {
        fn encode(&self, _: &mut Encoder) -> Result<(), WireError> {
            panic!("sour to encode")
        }
    }
    #[derive(Debug)]
    struct Bitter;
    impl Data for Bitter {
        const MIN_SIZE: usize = 0;

        fn describe(types: &mut Types) -> Type {
            u64::describe(types)
        }
    }
    impl Decode<'_> for Bitter {
        fn decode(_: &mut Decoder<'_>) -> Result<Self, WireError> {
            panic!("bitter to decode")
        }
    }
    let (tokens, engine) = tokens();
    let engine = engine
        .call("handler", |_, text: String| -> u64 { panic!("{text}") })
        .call("answer", |_, (): ()| Sour)
        .call("request", |_, _: Bitter| ())
        .call_later("later.answer", |token: CallToken<Sour>, (): ()| token.answer(Sour))
        .call_later("later.handler", |_token: CallToken<()>, (): ()| panic!("with the token"));
    let running = start(USUAL, engine);
    let panics = COUNTERS.panics.get();
    let expected = [
        (running.call("handler", &"ein Übel".to_string()), "handler", "ein Übel"),
        (running.call("answer", &()), "answer", "sour to encode"),
        (running.call("request", &()), "request", "bitter to decode"),
        (running.call("later.answer", &()), "later.answer", "sour to encode"),
        (running.call("later.handler", &()), "later.handler", "with the token"),
    ];
    let count = expected.len() as u64;
    for (call, name, text) in expected {
        let Failure::Panicked { method, place, message } = call.failure() else { panic!("{name}: another failure") };
        assert_eq!((&*method, &*message), (name, text));
        assert!(place.contains("engine.rs:"), "{place}");
    }
    let call = running.call("later", &());
    token(&tokens).answer(7);
    assert_eq!(call.answer::<u64>(), 7);
    running.stop();
    assert_eq!(COUNTERS.panics.get() - panics, count);
}

#[test]
fn an_engine_with_a_duplicate_name_is_refused() {
    let _alone = alone();
    let twice = || Engine::new().call("a", |_, (): ()| ()).call_later("a", |_: CallToken<()>, (): ()| ());
    let error = runtime::start(&USUAL.bytes(), twice).unwrap_err();
    assert!(matches!(error, StartError::Engine(EngineError::Duplicate("a"))), "{error}");
    let merged = || Engine::new().cast("b", |_, (): ()| ()).merge(Engine::new().cast("b", |_, (): ()| ()));
    let error = runtime::start(&USUAL.bytes(), merged).unwrap_err();
    assert!(matches!(error, StartError::Engine(EngineError::Duplicate("b"))), "{error}");
    // A call and a cast may share a name.
    let shared = || Engine::new().call("c", |_, (): ()| ()).cast("c", |_, (): ()| ());
    let epoch = runtime::start(&USUAL.bytes(), shared).unwrap();
    runtime::stop(epoch, || {}).unwrap();
}

#[test]
fn a_builder_that_panics_is_refused() {
    let _alone = alone();
    let error = runtime::start(&USUAL.bytes(), || panic!("no {}", "model")).unwrap_err();
    let StartError::EnginePanicked { place, message } = &error else { panic!("{error}") };
    assert_eq!(message, "no model");
    assert!(place.contains("engine.rs:"), "{place}");
    let epoch = runtime::start(&USUAL.bytes(), Engine::new).unwrap();
    runtime::stop(epoch, || {}).unwrap();
}

#[test]
fn panic_abort_is_refused_at_compile_time() {
    let checked = Command::new(env!("CARGO"))
        .args(["check", "--package", "rs-in-hs-runtime", "--config", "profile.dev.panic=\"abort\"", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("panic-abort"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&checked.stderr);
    assert!(!checked.status.success(), "{text}");
    assert!(text.contains("rs-in-hs turns panics into Haskell exceptions, which needs unwinding"), "{text}");
}
