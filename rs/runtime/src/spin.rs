//! Looking for work a little longer before a worker goes to sleep.
//!
//! To rouse a sleeping thread costs whoever has work for it microseconds, and the work as much again; where another
//! processor brings the next job soon, looking out for it is cheaper. Where it does not (because there is one processor,
//! or others need it), looking is a waste, so each time that it was in vain it is tried less often
//! (`docs/decisions/0014-spin.md`).

use std::hint::spin_loop;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// A worker's way of waiting.
pub struct Spin {
    limit: Duration,
    /// How often it was in vain, since it was not.
    failures: u32,
    /// How often it is to be left out.
    skip: u32,
}

/// Looks at the clock after so many looks for work: that takes as long as some of them.
const LOOKS: u32 = 32;

/// It is left out 2 to this times at most, so that a program that changes its ways finds it again.
const MOST: u32 = 10;

impl Spin {
    /// Looks for so long; never on a single processor.
    pub fn new(limit: Duration) -> Self {
        let alone = available_parallelism().is_ok_and(|processors| processors.get() == 1);
        Spin { limit: if alone { Duration::ZERO } else { limit }, failures: 0, skip: 0 }
    }

    /// Whether it ever looks.
    pub fn is_on(&self) -> bool {
        !self.limit.is_zero()
    }

    /// Looks for work until there is some, or it has looked for long enough.
    pub fn until(&mut self, has_work: impl Fn() -> bool) {
        if self.limit.is_zero() || has_work() {
            return;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        let start = Instant::now();
        while start.elapsed() < self.limit {
            for _ in 0..LOOKS {
                if has_work() {
                    self.failures = 0;
                    return;
                }
                spin_loop();
            }
        }
        self.failures = (self.failures + 1).min(MOST);
        self.skip = (1 << self.failures) - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// How often it looks, of so many times.
    fn tries(spin: &mut Spin, times: usize) -> usize {
        (0..times)
            .filter(|_| {
                let looks = Cell::new(0);
                spin.until(|| {
                    looks.set(looks.get() + 1);
                    false
                });
                looks.get() > 1
            })
            .count()
    }

    #[test]
    fn looks_ever_less_often_when_it_is_in_vain() {
        let mut spin = Spin { limit: Duration::from_micros(1), failures: 0, skip: 0 };
        // Between two tries 1 is left out, then 3, 7, 15 and so on.
        assert_eq!(tries(&mut spin, 1 + 1 + 1 + 3 + 1 + 7 + 1), 4);
        assert_eq!(tries(&mut spin, 15), 0);
        // Work that comes while it looks.
        let looks = Cell::new(0);
        spin.until(|| looks.replace(looks.get() + 1) > 2);
        assert_eq!(spin.failures, 0);
        assert_eq!(tries(&mut spin, 2), 1);
    }

    #[test]
    fn does_not_look_without_a_limit() {
        let mut spin = Spin::new(Duration::ZERO);
        spin.until(|| panic!("nobody asked for it"));
    }
}
