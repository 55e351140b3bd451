//! Slices that are borrowed from the message where they can be, and copied elsewhere.

use crate::types::Metres;
use crate::{encoded, measured};
use rs_in_hs::data;
use rs_in_hs::schema::Types;
use rs_in_hs::wire::{Data, Decode, Encode, WireError, from_bytes};
use std::borrow::Cow;
use std::fmt::Debug;

/// A message at an address that is so many bytes after a multiple of 16.
struct At {
    memory: Vec<u8>,
    start: usize,
    len: usize,
}

impl At {
    fn new(offset: usize, message: &[u8]) -> Self {
        let mut memory = vec![0; message.len() + 32];
        let start = memory.as_ptr().align_offset(16) + offset;
        memory[start..start + message.len()].copy_from_slice(message);
        At { memory, start, len: message.len() }
    }

    fn message(&self) -> &[u8] {
        &self.memory[self.start..self.start + self.len]
    }
}

/// Wherever the message begins, it is read; and borrowed where the numbers, which begin 8 bytes in, are aligned.
#[track_caller]
fn is_borrowed_where_aligned<T>(numbers: &[T])
where
    T: Encode + Clone + Debug + PartialEq + for<'de> Decode<'de>,
{
    let written = encoded(numbers);
    for offset in 0..16 {
        let at = At::new(offset, &written);
        let (read, allocated) = measured(|| from_bytes::<Cow<'_, [T]>>(at.message()).unwrap());
        assert_eq!(read, numbers);
        let aligned = (offset + 8) % align_of::<T>() == 0;
        assert_eq!(matches!(read, Cow::Borrowed(_)), aligned, "{offset}");
        assert_eq!(allocated.count_total, u64::from(!aligned), "{offset}");
    }
}

#[test]
fn numbers_are_borrowed_where_they_are_aligned_and_copied_elsewhere() {
    is_borrowed_where_aligned(&[1_u8, 2, 3]);
    is_borrowed_where_aligned(&[1_u16, 2, 3]);
    is_borrowed_where_aligned(&[1_u32, 2, 3]);
    is_borrowed_where_aligned(&[1_u64, 2, 3]);
    is_borrowed_where_aligned(&[1_u128, 2, 3]);
    is_borrowed_where_aligned(&[-1_i8, 2, 3]);
    is_borrowed_where_aligned(&[-1_i16, 2, 3]);
    is_borrowed_where_aligned(&[-1_i32, 2, 3]);
    is_borrowed_where_aligned(&[-1_i64, 2, 3]);
    is_borrowed_where_aligned(&[-1_i128, 2, 3]);
    is_borrowed_where_aligned(&[-1.5_f32, 2.5]);
    is_borrowed_where_aligned(&[-1.5_f64, f64::INFINITY]);
}

#[test]
fn slices_of_none_are_read_wherever_they_are() {
    for offset in 0..16 {
        let at = At::new(offset, &[0; 8]);
        let (read, allocated) = measured(|| from_bytes::<Cow<'_, [f64]>>(at.message()).unwrap());
        assert!(read.is_empty());
        assert_eq!(allocated.count_total, 0);
    }
}

#[test]
fn slices_of_other_elements_are_owned() {
    #[track_caller]
    fn is_owned<T: Encode + Clone + Debug + PartialEq + for<'de> Decode<'de>>(elements: &[T]) {
        let at = At::new(0, &encoded(elements));
        let read = from_bytes::<Cow<'_, [T]>>(at.message()).unwrap();
        assert_eq!(read, elements);
        assert!(matches!(read, Cow::Owned(_)));
    }
    is_owned(&[1_usize, 2]);
    is_owned(&[true, false]);
    is_owned(&['a', 'ä']);
    is_owned(&["text".to_string()]);
    is_owned(&[Metres(1.5)]);
    let texts = At::new(0, &encoded(&["text", ""]));
    assert_eq!(from_bytes::<Cow<'_, [&str]>>(texts.message()), Ok(Cow::from(vec!["text", ""])));
}

#[test]
fn a_field_borrows_what_is_aligned_in_the_message() {
    #[data]
    #[derive(Debug, PartialEq)]
    struct Signal<'a> {
        left: Cow<'a, [f32]>,
        rate: u8,
        right: Cow<'a, [f32]>,
        marks: Vec<Cow<'a, [u16]>>,
    }
    let value = Signal {
        left: Cow::Borrowed(&[0.5, -0.5]),
        rate: 44,
        right: Cow::Borrowed(&[0.25]),
        marks: vec![Cow::Borrowed(&[1, 2, 3])],
    };
    let at = At::new(0, &encoded(&value));
    let read = from_bytes::<Signal<'_>>(at.message()).unwrap();
    assert_eq!(read, value);
    assert!(matches!((read.left, read.right), (Cow::Borrowed(_), Cow::Owned(_))));
}

#[test]
fn they_are_described_as_vectors() {
    fn described<T: Data + ?Sized>() -> rs_in_hs::schema::Type {
        T::describe(&mut Types::default())
    }
    assert_eq!(described::<Cow<'_, [f64]>>(), described::<Vec<f64>>());
    assert_eq!(described::<Cow<'_, [u8]>>(), described::<Vec<u8>>());
    assert_eq!(described::<Cow<'_, [String]>>(), described::<Vec<String>>());
}

#[test]
fn half_a_number_is_refused() {
    let message = [&2_u64.to_le_bytes()[..], &[0; 15]].concat();
    let at = At::new(0, &message);
    let expected = WireError::Short { at: 8, wanted: 16, left: 15 };
    assert_eq!(from_bytes::<Cow<'_, [f64]>>(at.message()), Err(expected));
    let at = At::new(0, &[&1_u64.to_le_bytes()[..], &[0; 15]].concat());
    assert_eq!(from_bytes::<Cow<'_, [f64]>>(at.message()), Err(WireError::LeftOver { left: 7 }));
}
