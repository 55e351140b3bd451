//! The name of a method, as it crosses the boundary.

/// The 64-bit FNV-1a hash of a method's name in UTF-8, by which a request says what it wants.
///
/// Both sides compute it from the name, so neither has to know the other's numbering, and engines that are linked
/// together need not agree on one. Two names of one engine with the same hash are refused at init.
pub const fn method_id(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::method_id;

    #[test]
    fn agrees_with_the_published_vectors_of_fnv_1a() {
        assert_eq!(method_id(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(method_id("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(method_id("foobar"), 0x8594_4171_f739_67e8);
    }
}
