//! An engine that sends back what it gets, with a method for every type that there is.
//!
//! The Haskell module is generated; the tests send it values of every type.

#![allow(missing_docs, clippy::unused_unit)]

pub mod types;

use num_bigint::{BigInt, BigUint};
use rs_in_hs::{CallToken, Context, service};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use types::*;

/// Sends back what it gets.
#[service]
pub trait Mirror {
    fn u8(&self, value: u8) -> u8;
    fn u16(&self, value: u16) -> u16;
    fn u32(&self, value: u32) -> u32;
    fn u64(&self, value: u64) -> u64;
    fn u128(&self, value: u128) -> u128;
    fn usize(&self, value: usize) -> usize;
    fn i8(&self, value: i8) -> i8;
    fn i16(&self, value: i16) -> i16;
    fn i32(&self, value: i32) -> i32;
    fn i64(&self, value: i64) -> i64;
    fn i128(&self, value: i128) -> i128;
    fn isize(&self, value: isize) -> isize;
    fn f32(&self, value: f32) -> f32;
    fn f64(&self, value: f64) -> f64;
    fn bool(&self, value: bool) -> bool;
    fn char(&self, value: char) -> char;
    fn unit(&self, value: ()) -> ();
    fn text(&self, value: String) -> String;
    fn bytes(&self, value: Vec<u8>) -> Vec<u8>;
    fn numbers(&self, value: Vec<u16>) -> Vec<u16>;
    fn doubles(&self, value: Vec<f64>) -> Vec<f64>;
    fn texts(&self, value: Vec<String>) -> Vec<String>;
    fn matrix(&self, value: Vec<Vec<f32>>) -> Vec<Vec<f32>>;
    fn array(&self, value: [u16; 3]) -> [u16; 3];
    fn digest(&self, value: [u8; 4]) -> [u8; 4];
    fn option(&self, value: Option<Option<u32>>) -> Option<Option<u32>>;
    fn result(&self, value: Result<u32, String>) -> Result<u32, String>;
    fn pair(&self, value: (u8, String)) -> (u8, String);
    fn triple(&self, value: (u8, u16, u32)) -> (u8, u16, u32);
    fn quadruple(&self, value: (u8, u16, u32, u64)) -> (u8, u16, u32, u64);
    fn quintuple(&self, value: (bool, u8, u16, u32, u64)) -> (bool, u8, u16, u32, u64);
    fn sextuple(&self, value: (char, bool, u8, u16, u32, u64)) -> (char, bool, u8, u16, u32, u64);
    fn septuple(&self, value: ((), char, bool, u8, u16, u32, u64)) -> ((), char, bool, u8, u16, u32, u64);
    fn tree_map(&self, value: BTreeMap<String, u32>) -> BTreeMap<String, u32>;
    fn hash_map(&self, value: HashMap<i16, Option<String>>) -> HashMap<i16, Option<String>>;
    fn tree_set(&self, value: BTreeSet<i32>) -> BTreeSet<i32>;
    fn hash_set(&self, value: HashSet<String>) -> HashSet<String>;
    fn results(&self, value: BTreeMap<Result<u8, u8>, u8>) -> BTreeMap<Result<u8, u8>, u8>;
    fn time(&self, value: SystemTime) -> SystemTime;
    fn duration(&self, value: Duration) -> Duration;
    fn integer(&self, value: BigInt) -> BigInt;
    fn natural(&self, value: BigUint) -> BigUint;
    fn mode(&self, value: Mode) -> Mode;
    fn record(&self, value: Record) -> Record;
    fn metres(&self, value: Metres) -> Metres;
    fn span(&self, value: Span) -> Span;
    fn nothing(&self, value: Nothing) -> Nothing;
    fn shape(&self, value: Shape) -> Shape;
    fn only(&self, value: Only) -> Only;
    fn wide(&self, value: Wide) -> Wide;
    fn tree(&self, value: Tree) -> Tree;
    fn chain(&self, value: Chain) -> Chain;
    fn page_of_numbers(&self, value: Page<u32>) -> Page<u32>;
    fn page_of_records(&self, value: Page<Record>) -> Page<Record>;
    fn nest(&self, value: Nest) -> Nest;
    fn mishap(&self, value: Mishap) -> Mishap;
    fn refusal(&self, value: Refusal) -> Refusal;

    /// Borrows from the message, and copies.
    fn borrowed_text(&self, value: &str) -> String;
    fn borrowed_bytes(&self, value: &[u8]) -> Vec<u8>;
    fn excerpt(&self, value: Excerpt) -> Page<u8>;
    fn borrowed_doubles(&self, value: Cow<'_, [f64]>) -> Vec<f64>;
    fn borrowed_texts(&self, value: Cow<'_, [&str]>) -> Vec<String>;
    /// Whether the numbers are borrowed, or copied.
    fn borrows(&self, numbers: Cow<'_, [f64]>) -> bool;
    fn signal(&self, value: Signal) -> (u16, Vec<f32>);
    /// Several arguments, of which some are called like the module's own functions.
    fn area(&self, width: u32, text: u64, r#type: Vec<u8>) -> (u32, u64, Vec<u8>);
    /// No argument at all.
    fn seen(&self) -> u64;
    /// Counts, and answers nothing.
    #[cast]
    fn see(&self, times: u64);
    /// Whether the caller has set a limit.
    fn has_limit(&self, context: &Context) -> bool;
    /// Answers from another thread.
    fn later(&self, value: String, token: CallToken<Result<String, Mishap>>);
    /// Answers a failure.
    fn fails(&self, with: String) -> Result<(), Mishap>;
}

/// Another service of the same engine, which shares types with the first.
#[service]
pub trait Lens {
    /// Twice as wide and high; what has neither is as it was.
    fn magnify(&self, shape: Shape) -> Shape;
    /// How often the mirror was looked into: the two are one object.
    fn looks(&self) -> u64;
}

#[derive(Default)]
struct Glass {
    seen: AtomicU64,
}

impl Mirror for Glass {
    fn u8(&self, value: u8) -> u8 {
        value
    }

    fn u16(&self, value: u16) -> u16 {
        value
    }

    fn u32(&self, value: u32) -> u32 {
        value
    }

    fn u64(&self, value: u64) -> u64 {
        value
    }

    fn u128(&self, value: u128) -> u128 {
        value
    }

    fn usize(&self, value: usize) -> usize {
        value
    }

    fn i8(&self, value: i8) -> i8 {
        value
    }

    fn i16(&self, value: i16) -> i16 {
        value
    }

    fn i32(&self, value: i32) -> i32 {
        value
    }

    fn i64(&self, value: i64) -> i64 {
        value
    }

    fn i128(&self, value: i128) -> i128 {
        value
    }

    fn isize(&self, value: isize) -> isize {
        value
    }

    fn f32(&self, value: f32) -> f32 {
        value
    }

    fn f64(&self, value: f64) -> f64 {
        value
    }

    fn bool(&self, value: bool) -> bool {
        value
    }

    fn char(&self, value: char) -> char {
        value
    }

    fn unit(&self, value: ()) -> () {
        value
    }

    fn text(&self, value: String) -> String {
        value
    }

    fn bytes(&self, value: Vec<u8>) -> Vec<u8> {
        value
    }

    fn numbers(&self, value: Vec<u16>) -> Vec<u16> {
        value
    }

    fn doubles(&self, value: Vec<f64>) -> Vec<f64> {
        value
    }

    fn texts(&self, value: Vec<String>) -> Vec<String> {
        value
    }

    fn matrix(&self, value: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
        value
    }

    fn array(&self, value: [u16; 3]) -> [u16; 3] {
        value
    }

    fn digest(&self, value: [u8; 4]) -> [u8; 4] {
        value
    }

    fn option(&self, value: Option<Option<u32>>) -> Option<Option<u32>> {
        value
    }

    fn result(&self, value: Result<u32, String>) -> Result<u32, String> {
        value
    }

    fn pair(&self, value: (u8, String)) -> (u8, String) {
        value
    }

    fn triple(&self, value: (u8, u16, u32)) -> (u8, u16, u32) {
        value
    }

    fn quadruple(&self, value: (u8, u16, u32, u64)) -> (u8, u16, u32, u64) {
        value
    }

    fn quintuple(&self, value: (bool, u8, u16, u32, u64)) -> (bool, u8, u16, u32, u64) {
        value
    }

    fn sextuple(&self, value: (char, bool, u8, u16, u32, u64)) -> (char, bool, u8, u16, u32, u64) {
        value
    }

    fn septuple(&self, value: ((), char, bool, u8, u16, u32, u64)) -> ((), char, bool, u8, u16, u32, u64) {
        value
    }

    fn tree_map(&self, value: BTreeMap<String, u32>) -> BTreeMap<String, u32> {
        value
    }

    fn hash_map(&self, value: HashMap<i16, Option<String>>) -> HashMap<i16, Option<String>> {
        value
    }

    fn tree_set(&self, value: BTreeSet<i32>) -> BTreeSet<i32> {
        value
    }

    fn hash_set(&self, value: HashSet<String>) -> HashSet<String> {
        value
    }

    fn results(&self, value: BTreeMap<Result<u8, u8>, u8>) -> BTreeMap<Result<u8, u8>, u8> {
        value
    }

    fn time(&self, value: SystemTime) -> SystemTime {
        value
    }

    fn duration(&self, value: Duration) -> Duration {
        value
    }

    fn integer(&self, value: BigInt) -> BigInt {
        value
    }

    fn natural(&self, value: BigUint) -> BigUint {
        value
    }

    fn mode(&self, value: Mode) -> Mode {
        value
    }

    fn record(&self, value: Record) -> Record {
        value
    }

    fn metres(&self, value: Metres) -> Metres {
        value
    }

    fn span(&self, value: Span) -> Span {
        value
    }

    fn nothing(&self, value: Nothing) -> Nothing {
        value
    }

    fn shape(&self, value: Shape) -> Shape {
        value
    }

    fn only(&self, value: Only) -> Only {
        value
    }

    fn wide(&self, value: Wide) -> Wide {
        value
    }

    fn tree(&self, value: Tree) -> Tree {
        value
    }

    fn chain(&self, value: Chain) -> Chain {
        value
    }

    fn page_of_numbers(&self, value: Page<u32>) -> Page<u32> {
        value
    }

    fn page_of_records(&self, value: Page<Record>) -> Page<Record> {
        value
    }

    fn nest(&self, value: Nest) -> Nest {
        value
    }

    fn mishap(&self, value: Mishap) -> Mishap {
        value
    }

    fn refusal(&self, value: Refusal) -> Refusal {
        value
    }

    fn borrowed_text(&self, value: &str) -> String {
        value.into()
    }

    fn borrowed_bytes(&self, value: &[u8]) -> Vec<u8> {
        value.into()
    }

    fn excerpt(&self, value: Excerpt) -> Page<u8> {
        Page { items: [value.title.as_bytes(), value.body].concat(), next: None }
    }

    fn borrowed_doubles(&self, value: Cow<'_, [f64]>) -> Vec<f64> {
        value.into_owned()
    }

    fn borrowed_texts(&self, value: Cow<'_, [&str]>) -> Vec<String> {
        value.iter().copied().map(String::from).collect()
    }

    fn borrows(&self, numbers: Cow<'_, [f64]>) -> bool {
        matches!(numbers, Cow::Borrowed(_))
    }

    fn signal(&self, value: Signal) -> (u16, Vec<f32>) {
        (value.rate, value.samples.into_owned())
    }

    fn area(&self, width: u32, text: u64, r#type: Vec<u8>) -> (u32, u64, Vec<u8>) {
        (width, text, r#type)
    }

    fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }

    fn see(&self, times: u64) {
        self.seen.fetch_add(times, Ordering::Relaxed);
    }

    fn has_limit(&self, context: &Context) -> bool {
        context.deadline().is_some()
    }

    fn later(&self, value: String, token: CallToken<Result<String, Mishap>>) {
        std::thread::spawn(move || {
            let answer = if value.is_empty() { Err(Mishap::Missing) } else { Ok(value) };
            token.answer(answer);
        });
    }

    fn fails(&self, with: String) -> Result<(), Mishap> {
        Err(Mishap::Other(with))
    }
}

impl Lens for Glass {
    fn magnify(&self, shape: Shape) -> Shape {
        match shape {
            Shape::Box { width, height } => Shape::Box { width: 2 * width, height: 2 * height },
            other => other,
        }
    }

    fn looks(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }
}

fn engine() -> (Arc<dyn Mirror>, Arc<dyn Lens>) {
    let glass = Arc::new(Glass::default());
    (glass.clone(), glass)
}

rs_in_hs::export!(engine);
