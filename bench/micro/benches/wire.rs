//! Encoding and decoding.

// What the macro of criterion makes has none.
#![allow(missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rs_in_hs_runtime::wire::{Decode, Encode, from_bytes, to_bytes};
use std::hint::black_box;

/// No message is longer, in bytes.
const LIMIT: usize = 64 << 20;

fn both<T>(criterion: &mut Criterion, name: &str, value: &T)
where
    T: Encode + for<'a> Decode<'a>,
{
    let Ok(bytes) = to_bytes(value, LIMIT) else { return };
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("encode", |bencher| bencher.iter(|| to_bytes(black_box(value), LIMIT)));
    group.bench_function("decode", |bencher| bencher.iter(|| from_bytes::<T>(black_box(&bytes))));
    group.finish();
}

fn wire(criterion: &mut Criterion) {
    both(criterion, "record", &(1_u64, 2.5_f64, true));
    both(criterion, "numbers, 8 KiB", &(0..1024).collect::<Vec<u64>>());
    both(criterion, "text, 8 KiB", &"päper ".repeat(1170));
    let bytes = vec![7_u8; 8192];
    both(criterion, "bytes, 8 KiB", &bytes);
    criterion.bench_function("bytes, 8 KiB/copied", |bencher| bencher.iter(|| black_box(&bytes).to_vec()));
}

criterion_group!(benches, wire);
criterion_main!(benches);
