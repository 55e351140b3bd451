//! The limit of what is written, and what is allocated for it.

use crate::measured;
use crate::types::*;
use rs_in_hs::wire::{Encode, WireError, to_bytes};

#[test]
fn the_limit_is_of_the_whole_encoding() {
    let value = (1_u64, "text", vec![1_u16; 10], Shape::Label("label".into()));
    let size = 8 + (8 + 4) + (8 + 20) + (1 + 8 + 5);
    let bytes = to_bytes(&value, size).unwrap();
    assert_eq!(bytes.len(), size);
    for limit in 0..size {
        assert_eq!(to_bytes(&value, limit), Err(WireError::TooLarge { size, limit }));
    }
    for limit in size..3 * size {
        assert_eq!(to_bytes(&value, limit).as_ref(), Ok(&bytes));
    }
    assert_eq!(to_bytes(&value, 10).unwrap_err().to_string(), format!("{size} bytes are over the limit of 10"));
}

/// In one go and in many: it is known at the end only that it was too much.
#[test]
fn beyond_the_limit_no_memory_is_taken() {
    fn refuses<T: Encode + ?Sized>(value: &T, size: usize) {
        let (result, allocated) = measured(|| to_bytes(value, 1000));
        assert_eq!(result, Err(WireError::TooLarge { size, limit: 1000 }));
        // At most while the bytes are moved to a larger place: 960 of them, to one of 1000.
        assert!(allocated.bytes_max <= 960 + 1000, "{allocated:?}");
        assert_eq!(allocated.bytes_current, 0);
    }
    refuses(&vec![7_u8; 1 << 20], 8 + (1 << 20));
    refuses(&vec![true; 1 << 20], 8 + (1 << 20));
    refuses(&vec![String::from("name"); 1 << 10], 8 + (12 << 10));
}

#[test]
fn an_encoding_has_no_more_room_than_the_limit() {
    for len in [0, 1, 50, 100, 600, 990, 992] {
        for value in [vec![true; len], vec![false; len]] {
            let bytes = to_bytes(&value, 1000).unwrap();
            assert!(bytes.capacity() <= 1000, "{} for {}", bytes.capacity(), bytes.len());
        }
    }
}

#[test]
fn a_small_message_is_one_allocation_and_a_unit_none() {
    let point = (Point { x: 1, y: 2 }, Some("a few letters"), [1_u64; 2]);
    let (bytes, allocated) = measured(|| to_bytes(&point, 1 << 20).unwrap());
    assert_eq!((bytes.len(), allocated.count_total), (8 + 1 + 21 + 24, 1));
    let (_, allocated) = measured(|| to_bytes(&Only::Only, 1 << 20).unwrap());
    assert_eq!(allocated.count_total, 0);
}
