//! The requests of a batch: see `batch`.

/// One after the other.
#[derive(Clone)]
pub struct Requests<'a>(&'a [u8]);

impl<'a> Requests<'a> {
    /// Those in this message, if it holds nothing but requests.
    pub fn read(message: &'a [u8]) -> Option<Self> {
        let mut requests = Requests(message);
        while requests.next().is_some() {}
        requests.0.is_empty().then_some(Requests(message))
    }
}

impl<'a> Iterator for Requests<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (len, rest) = self.0.split_first_chunk()?;
        let (request, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
        self.0 = rest;
        Some(request)
    }
}

#[cfg(test)]
mod tests {
    use super::Requests;

    #[test]
    fn reads_what_it_was_given() {
        let message = [&2_u64.to_le_bytes()[..], b"ab", &0_u64.to_le_bytes(), &1_u64.to_le_bytes(), b"c"].concat();
        let found: Vec<_> = Requests::read(&message).unwrap().collect();
        assert_eq!(found, [&b"ab"[..], b"", b"c"]);
        assert_eq!(Requests::read(&[]).unwrap().count(), 0);
    }

    #[test]
    fn refuses_what_is_no_list_of_requests() {
        for message in [&[0; 7][..], &[1, 0, 0, 0, 0, 0, 0, 0], &[0xff; 8], &[0xff; 40]] {
            assert!(Requests::read(message).is_none(), "{message:?}");
        }
    }
}
