//! What the Haskell program decides at init.

use crate::wire::{self, WireError};
use std::ops::RangeInclusive;
use std::time::Duration;
use thiserror::Error;

/// The configuration of a runtime, decoded and validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The largest request and the largest answer, in bytes.
    pub max_msg_len: usize,
    /// How many calls, casts and notices may wait in their queues, each.
    pub queue_capacity: usize,
    /// How many threads handle calls and casts.
    pub workers: usize,
    /// How long handlers that run at shutdown may take to end.
    pub shutdown_limit: Duration,
    /// How long a worker without work looks for some before it sleeps.
    pub spin_limit: Duration,
}

/// Why a configuration is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ConfigError {
    /// Its bytes are not a configuration: the two sides were built from different versions.
    #[error("not a configuration of this version of rs-in-hs: {0}")]
    Undecodable(#[from] WireError),
    /// A number out of range.
    #[error("{field} is {value}; it can be {} to {}", range.start(), range.end())]
    OutOfRange {
        /// The field, by its name in Haskell.
        field: &'static str,
        /// What it is.
        value: i64,
        /// What it can be.
        range: RangeInclusive<i64>,
    },
}

/// As it comes from Haskell: the magic number, and the fields of [`Config`] in their order, the times in microseconds.
type Sent = (u64, i64, i64, i64, i64, i64);

/// Tells a configuration of this layout from other bytes: `rs-in-h2` in ASCII, the last character counting layouts.
const MAGIC: u64 = u64::from_le_bytes(*b"rs-in-h2");

/// A day, in microseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

impl Config {
    /// Decodes and validates what Haskell sent.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ConfigError> {
        let (magic, max_msg_len, queue_capacity, workers, shutdown_limit, spin_limit): Sent = wire::from_bytes(bytes)?;
        if magic != MAGIC {
            return Err(ConfigError::Undecodable(WireError::Value { at: 0, what: "the first bytes of one" }));
        }
        Ok(Config {
            max_msg_len: within("maxMsgLen", max_msg_len, 1..=isize::MAX as i64)? as usize,
            queue_capacity: within("queueCapacity", queue_capacity, 1..=1 << 20)? as usize,
            workers: within("workers", workers, 1..=1024)? as usize,
            shutdown_limit: Duration::from_micros(within("shutdownLimit", shutdown_limit, 0..=DAY)?),
            spin_limit: Duration::from_micros(within("spinLimit", spin_limit, 0..=1_000)?),
        })
    }
}

fn within(field: &'static str, value: i64, range: RangeInclusive<i64>) -> Result<u64, ConfigError> {
    if range.contains(&value) { Ok(value.unsigned_abs()) } else { Err(ConfigError::OutOfRange { field, value, range }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(numbers: [u64; 6]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    #[test]
    fn decodes_what_haskell_sends() {
        let config = Config::from_bytes(&sent([MAGIC, 1024, 256, 2, 5_000_000, 20])).unwrap();
        let expected = Config {
            max_msg_len: 1024,
            queue_capacity: 256,
            workers: 2,
            shutdown_limit: Duration::from_secs(5),
            spin_limit: Duration::from_micros(20),
        };
        assert_eq!(config, expected);
    }

    #[test]
    fn names_the_field_that_is_out_of_range() {
        let error = Config::from_bytes(&sent([MAGIC, 1024, 256, 0, 0, 0])).unwrap_err();
        assert_eq!(error.to_string(), "workers is 0; it can be 1 to 1024");
    }

    #[test]
    fn refuses_other_bytes() {
        for bytes in [vec![], vec![7; 47], sent([1, 1024, 256, 1, 0, 0]), vec![0; 4000]] {
            assert!(matches!(Config::from_bytes(&bytes), Err(ConfigError::Undecodable(_))));
        }
    }
}
