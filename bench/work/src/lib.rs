//! What every way to Rust that is compared does with a request: it decodes it, and encodes it again.
//!
//! So what differs between them is the way, and not the work.
#![forbid(unsafe_code)]

use rs_in_hs_runtime::wire::{WireError, from_bytes, to_bytes};

/// The record of `bench.echo`: a tuple has the bytes of a struct with the same fields.
type Echo = (u64, f64, bool);

/// No message is longer than this, in bytes.
pub const LIMIT: usize = 64 << 20;

/// What the requests are, as their first byte says it where nothing else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The small record, there and back.
    Echo,
    /// Bytes, there and back.
    Bytes,
}

impl Method {
    /// The method with this number: 0 is the record, anything else are bytes.
    pub fn numbered(number: u8) -> Self {
        if number == 0 { Method::Echo } else { Method::Bytes }
    }

    /// The answer to a request: the same value, decoded and encoded anew.
    pub fn answer(self, request: &[u8]) -> Result<Vec<u8>, WireError> {
        match self {
            Method::Echo => to_bytes(&from_bytes::<Echo>(request)?, LIMIT),
            Method::Bytes => to_bytes(&from_bytes::<Vec<u8>>(request)?, LIMIT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, Method, to_bytes};

    #[test]
    fn what_is_sent_comes_back() -> Result<(), super::WireError> {
        let record = to_bytes(&(1_u64, 2.5_f64, true), LIMIT)?;
        assert_eq!(Method::numbered(0).answer(&record)?, record);
        let bytes = to_bytes(&vec![7_u8; 100], LIMIT)?;
        assert_eq!(Method::numbered(1).answer(&bytes)?, bytes);
        Ok(())
    }

    #[test]
    fn what_is_no_message_is_refused() {
        assert!(Method::Echo.answer(&[1, 2, 3]).is_err());
    }
}
