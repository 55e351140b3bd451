//! A slot's life, without anybody who waits for it.

// What the macro of criterion makes has none.
#![allow(missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use rs_in_hs_runtime::slot::{Kind, Outcome, Slot};
use std::hint::black_box;

fn slot(criterion: &mut Criterion) {
    criterion.bench_function("slot: made and freed", |bencher| {
        bencher.iter(|| Slot::new(black_box(1), Kind::Call, 7, None, Vec::new()));
    });
    criterion.bench_function("slot: made, settled, read and let go", |bencher| {
        bencher.iter(|| {
            let slot = Slot::new(black_box(1), Kind::Call, 7, None, Vec::new());
            slot.clone().settle(Outcome::Answer(Vec::new().into()));
            let answered = slot.outcome(|outcome| matches!(outcome, Outcome::Answer(_)));
            slot.release();
            answered
        });
    });
}

criterion_group!(benches, slot);
criterion_main!(benches);
