//! Sequences, sets and maps.

use super::{Data, Decode, Decoder, Encode, Encoder, WireError};
use crate::schema::{Primitive, Type, Types};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, TryReserveError};
use std::hash::{BuildHasher, Hash};

/// What stands before the pairs of a `Map`.
const MAP: u32 = 1_217_678_090;

const TWICE: &str = "a set or map: an element is there twice";

/// Elements that take no bytes could be announced in any number: a message of eight bytes would keep the reader busy
/// for ever.
///
/// ```compile_fail,E0080
/// rs_in_hs_runtime::wire::from_bytes::<Vec<()>>(&[]);
/// ```
pub(super) const fn has_size<T: Data>() -> usize {
    assert!(T::MIN_SIZE > 0, "a collection of values that take no bytes, like (), cannot be sent: send their number");
    T::MIN_SIZE
}

impl<T: Data> Data for [T] {
    const MIN_SIZE: usize = 8;

    fn describe(types: &mut Types) -> Type {
        match T::describe(types) {
            Type::Primitive(Primitive::U8) => Type::Primitive(Primitive::Bytes),
            element => Type::List(Box::new(element)),
        }
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        const { has_size::<T>() };
        to.put_len(self.len());
        T::encode_slice(self, to)
    }
}

impl<T: Data> Data for Vec<T> {
    const MIN_SIZE: usize = 8;

    fn describe(types: &mut Types) -> Type {
        <[T]>::describe(types)
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        self.as_slice().encode(to)
    }

    fn encode_last(self, to: &mut Encoder) -> Result<(), WireError> {
        const { has_size::<T>() };
        T::encode_last_vec(self, to)
    }
}

impl<'de, T: Decode<'de>> Decode<'de> for Vec<T> {
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        let count = from.count(const { has_size::<T>() })?;
        from.behind(T::STACK, |from| T::decode_vec(count, from))
    }
}

/// An array travels as a sequence, with its length, which is compared on arrival.
impl<T: Data, const N: usize> Data for [T; N] {
    const MIN_SIZE: usize = 8;

    fn describe(types: &mut Types) -> Type {
        Type::Array(Box::new(<[T]>::describe(types)), N)
    }
}

impl<T: Encode, const N: usize> Encode for [T; N] {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        self.as_slice().encode(to)
    }
}

impl<'de, T: Decode<'de>, const N: usize> Decode<'de> for [T; N] {
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        from.inline(|from| decode_array(N, from, Self::try_from))
    }

    fn decode_boxed(from: &mut Decoder<'de>) -> Result<Box<Self>, WireError> {
        decode_array(N, from, Box::try_from)
    }
}

/// Reads elements, of which `build` makes an array if there are as many as wanted.
fn decode_array<'de, T: Decode<'de>, A>(
    wanted: usize,
    from: &mut Decoder<'de>,
    build: impl FnOnce(Vec<T>) -> Result<A, Vec<T>>,
) -> Result<A, WireError> {
    let at = from.at();
    build(Vec::decode(from)?).map_err(|values| WireError::Length { at, wanted, found: values.len() })
}

fn describe_set<T: Data>(types: &mut Types) -> Type {
    Type::Set(Box::new(T::describe(types)))
}

fn describe_map<K: Data, V: Data>(types: &mut Types) -> Type {
    Type::Map(Box::new(K::describe(types)), Box::new(V::describe(types)))
}

/// Writes elements in the order in which they come, which is ascending.
fn encode_set<'a, T: Encode + 'a>(
    elements: impl ExactSizeIterator<Item = &'a T>,
    to: &mut Encoder,
) -> Result<(), WireError> {
    const { has_size::<T>() };
    to.put_len(elements.len());
    elements.into_iter().try_for_each(|element| element.encode(to))
}

fn encode_map<'a, K: Encode + 'a, V: Encode + 'a>(
    pairs: impl ExactSizeIterator<Item = (&'a K, &'a V)>,
    to: &mut Encoder,
) -> Result<(), WireError> {
    const { has_size::<K>() };
    to.put(&MAP.to_le_bytes());
    to.put_len(pairs.len());
    pairs.into_iter().try_for_each(|(key, value)| {
        key.encode(to)?;
        value.encode(to)
    })
}

/// Reads elements into a set through `insert`, which says whether one is new. In any order: of some types Haskell has
/// another one than Rust.
fn decode_set<'de, T: Decode<'de>>(
    count: usize,
    from: &mut Decoder<'de>,
    mut insert: impl FnMut(T) -> Result<bool, TryReserveError>,
) -> Result<(), WireError> {
    // Elements pass through the functions that insert them, by value.
    let takes = T::STACK.saturating_add(size_of::<T>().saturating_mul(16));
    from.behind(takes, |from| {
        for _ in 0..count {
            let at = from.at();
            if !insert(T::decode(from)?).map_err(|_| WireError::OutOfMemory)? {
                return Err(WireError::Value { at, what: TWICE });
            }
        }
        Ok(())
    })
}

fn count_pairs<'de, K: Decode<'de>, V: Decode<'de>>(from: &mut Decoder<'de>) -> Result<usize, WireError> {
    let at = from.at();
    if u32::decode(from)? != MAP {
        return Err(WireError::Value { at, what: "a map" });
    }
    from.count(const { has_size::<K>() + V::MIN_SIZE })
}

impl<T: Data> Data for BTreeSet<T> {
    const MIN_SIZE: usize = 8;

    fn describe(types: &mut Types) -> Type {
        describe_set::<T>(types)
    }
}

impl<T: Encode> Encode for BTreeSet<T> {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        encode_set(self.iter(), to)
    }
}

impl<'de, T: Decode<'de> + Ord> Decode<'de> for BTreeSet<T> {
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        let mut set = BTreeSet::new();
        let count = from.count(const { has_size::<T>() })?;
        decode_set(count, from, |element| Ok(set.insert(element)))?;
        Ok(set)
    }
}

impl<T: Data, S> Data for HashSet<T, S> {
    const MIN_SIZE: usize = 8;

    fn describe(types: &mut Types) -> Type {
        describe_set::<T>(types)
    }
}

/// Sent in ascending order, so that equal sets have equal bytes, and Haskell's `Set` is one.
impl<T: Encode + Ord, S> Encode for HashSet<T, S> {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        let mut elements: Vec<&T> = self.iter().collect();
        elements.sort_unstable();
        encode_set(elements.into_iter(), to)
    }
}

impl<'de, T: Decode<'de> + Eq + Hash, S: BuildHasher + Default> Decode<'de> for HashSet<T, S> {
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        let count = from.count(const { has_size::<T>() })?;
        let mut set = HashSet::with_hasher(S::default());
        decode_set(count, from, |element| {
            set.try_reserve(1)?;
            Ok(set.insert(element))
        })?;
        Ok(set)
    }
}

impl<K: Data, V: Data> Data for BTreeMap<K, V> {
    const MIN_SIZE: usize = 12;

    fn describe(types: &mut Types) -> Type {
        describe_map::<K, V>(types)
    }
}

impl<K: Encode, V: Encode> Encode for BTreeMap<K, V> {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        encode_map(self.iter(), to)
    }
}

impl<'de, K: Decode<'de> + Ord, V: Decode<'de>> Decode<'de> for BTreeMap<K, V> {
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        let mut map = BTreeMap::new();
        let count = count_pairs::<K, V>(from)?;
        decode_set(count, from, |(key, value)| Ok(map.insert(key, value).is_none()))?;
        Ok(map)
    }
}

impl<K: Data, V: Data, S> Data for HashMap<K, V, S> {
    const MIN_SIZE: usize = 12;

    fn describe(types: &mut Types) -> Type {
        describe_map::<K, V>(types)
    }
}

/// Sent in ascending order of the keys, as a set is.
impl<K: Encode + Ord, V: Encode, S> Encode for HashMap<K, V, S> {
    fn encode(&self, to: &mut Encoder) -> Result<(), WireError> {
        let mut pairs: Vec<(&K, &V)> = self.iter().collect();
        pairs.sort_unstable_by_key(|(key, _)| *key);
        encode_map(pairs.into_iter(), to)
    }
}

impl<'de, K: Decode<'de> + Eq + Hash, V: Decode<'de>, S: BuildHasher + Default> Decode<'de> for HashMap<K, V, S> {
    fn decode(from: &mut Decoder<'de>) -> Result<Self, WireError> {
        let count = count_pairs::<K, V>(from)?;
        let mut map = HashMap::with_hasher(S::default());
        decode_set(count, from, |(key, value)| {
            map.try_reserve(1)?;
            Ok(map.insert(key, value).is_none())
        })?;
        Ok(map)
    }
}
