//! Points in time and durations.
//!
//! Haskell counts time in picoseconds, Rust in nanoseconds: what is finer is cut off on its way to Rust.

use super::integer::{Integer, decode_u128, encode_i128};
use super::{Data, Decode, Decoder, Encode, Encoder, WireError};
use crate::schema::{Primitive, Type, Types};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 1970-01-01, in days since Haskell's day 0, 1858-11-17.
const EPOCH: i128 = 40_587;
/// Seconds of a day.
const DAY: i128 = 86_400;
/// Picoseconds of a second, and of a nanosecond.
const SECOND: i128 = 1_000_000_000_000;
const NANO: i128 = 1_000;

const NO_TIME: &str = "a time that Rust's SystemTime can express";
const NO_DURATION: &str = "a duration of 0 to 2^64 seconds";

impl Data for SystemTime {
    const MIN_SIZE: usize = 18;

    fn describe(_: &mut Types) -> Type {
        Type::Primitive(Primitive::Time)
    }
}

impl Encode for SystemTime {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        let since = match self.duration_since(UNIX_EPOCH) {
            Ok(after) => picoseconds(after),
            Err(before) => -picoseconds(before.duration()),
        };
        encode_i128(since.div_euclid(DAY * SECOND) + EPOCH, to)?;
        encode_i128(since.rem_euclid(DAY * SECOND), to)
    }
}

impl Decode<'_> for SystemTime {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
        let at = from.at();
        decode_time(from)?.ok_or(WireError::Value { at, what: NO_TIME })
    }
}

/// `None` for times out of range. The day is signed; a leap second counts as the first one of the next day.
fn decode_time(from: &mut Decoder<'_>) -> Result<Option<SystemTime>, WireError> {
    let (Integer::Small(day), Some(within)) = (Integer::decode(from)?, decode_u128(from)?) else { return Ok(None) };
    if within >= ((DAY + 1) * SECOND) as u128 {
        return Ok(None);
    }
    let nanos = ((i128::from(day) - EPOCH) * DAY * SECOND + within as i128).div_euclid(NANO);
    let Some(distance) = duration(nanos.unsigned_abs()) else { return Ok(None) };
    Ok(if nanos < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) })
}

impl Data for Duration {
    const MIN_SIZE: usize = 9;

    fn describe(_: &mut Types) -> Type {
        Type::Primitive(Primitive::Duration)
    }
}

impl Encode for Duration {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        encode_i128(picoseconds(*self), to)
    }
}

impl Decode<'_> for Duration {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, WireError> {
        let at = from.at();
        let decoded = decode_u128(from)?.and_then(|picos| duration(picos / NANO as u128));
        decoded.ok_or(WireError::Value { at, what: NO_DURATION })
    }
}

/// At most 2^64 seconds, which is far below the limit of 127 bits.
fn picoseconds(duration: Duration) -> i128 {
    duration.as_nanos() as i128 * NANO
}

fn duration(nanos: u128) -> Option<Duration> {
    let (seconds, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    Some(Duration::new(u64::try_from(seconds).ok()?, rest as u32))
}
