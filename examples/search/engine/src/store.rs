//! The documents, and the search through them.

use crate::service::{Added, Document, Hit, Page, PatternError, Position, Query, Search};
use regex::Regex;
use rs_in_hs::Context;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Documents in memory, by their places.
#[derive(Default)]
pub struct Store {
    texts: RwLock<Texts>,
}

type Texts = BTreeMap<u64, Text>;

/// A document that proved to be UTF-8.
struct Text {
    path: Vec<u8>,
    body: String,
}

/// Before the first line of the first document.
const START: Position = Position { place: 0, line: 1 };

/// Pages end at this many bytes, so that the first hits are seen before the last are found.
const PAGE: usize = 1024 * 1024;

/// The bytes of an encoded page besides its hits: which side of `Result` it is, the number of hits, `next`.
const PAGE_FRAME: usize = 1 + 8 + 1 + 8 + 8;

/// The bytes of an encoded hit besides its path and its text: the lengths of these two, line, column.
const HIT_FRAME: usize = 4 * 8;

impl Search for Store {
    fn add(&self, document: Document) -> Added {
        // The whole body is looked at here, and not under the lock, so that workers do this side by side.
        let body = match String::from_utf8(document.body) {
            Ok(body) => body,
            Err(error) => return Added::NotUtf8 { at: error.utf8_error().valid_up_to() as u64 },
        };
        let added = Added::Stored { bytes: body.len() as u64, lines: lines(&body).count() as u64 };
        self.write().insert(document.place, Text { path: document.path, body });
        added
    }

    fn find(&self, context: &Context, query: Query) -> Result<Page, PatternError> {
        self.search(&query, context.max_msg_len(), || context.is_cancelled())
    }

    fn forget(&self, place: u64) {
        // In two steps: the lock is free again before the memory is.
        let text = self.write().remove(&place);
        drop(text);
    }
}

impl Store {
    /// The first page of hits from the query's position on, in an answer of at most `limit` bytes.
    ///
    /// A page has a hit at least, if there is one, whatever its size; who adds only documents of which a line fits
    /// into an answer never gets one that is too large. When `is_cancelled` says so, between two documents, what
    /// was found so far is the page.
    ///
    /// Fails when the pattern is not a regular expression, with what is wrong about it.
    fn search(&self, query: &Query, limit: usize, is_cancelled: impl Fn() -> bool) -> Result<Page, PatternError> {
        let pattern = str::from_utf8(query.pattern)
            .map_err(|error| PatternError::NotUtf8 { valid: error.valid_up_to() as u64 })?;
        let regex = Regex::new(pattern).map_err(|error| PatternError::Malformed(error.to_string()))?;
        let from = query.from.unwrap_or(START);
        let room = limit.min(PAGE).saturating_sub(PAGE_FRAME);
        let mut page = Page::default();
        let mut size = 0;
        for (&place, text) in self.read().range(from.place..) {
            if is_cancelled() {
                break;
            }
            let first = if place == from.place { from.line } else { 1 };
            for hit in hits(&regex, text, first) {
                size += HIT_FRAME + hit.path.len() + hit.text.len();
                if size > room && !page.hits.is_empty() {
                    page.next = Some(Position { place, line: hit.line });
                    return Ok(page);
                }
                page.hits.push(hit);
            }
        }
        Ok(page)
    }

    // A panic under the lock leaves the map as it was: nothing between two of its states can panic.

    fn read(&self) -> RwLockReadGuard<'_, Texts> {
        self.texts.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Texts> {
        self.texts.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lines of a text as grep sees them: a line feed ends a line, nothing else does, and at the end of the text it
/// need not be there.
fn lines(body: &str) -> impl Iterator<Item = &str> {
    body.split_inclusive('\n').map(|line| line.strip_suffix('\n').unwrap_or(line))
}

/// The hits of a text, from a line on.
fn hits(regex: &Regex, text: &Text, first: u64) -> impl Iterator<Item = Hit> {
    (1..).zip(lines(&text.body)).skip_while(move |(line, _)| *line < first).filter_map(|(line, content)| {
        let found = regex.find(content)?;
        Some(Hit { path: text.path.clone(), line, column: found.start() as u64 + 1, text: content.to_owned() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn document(place: u64, path: &str, body: &[u8]) -> Document {
        Document { place, path: path.into(), body: body.into() }
    }

    /// A store with these bodies at the places 0, 1, …; the paths are the places.
    fn store(bodies: &[&str]) -> Store {
        let store = Store::default();
        for (place, body) in (0..).zip(bodies) {
            store.add(document(place, &place.to_string(), body.as_bytes()));
        }
        store
    }

    fn query(pattern: &str, from: Position) -> Query<'_> {
        Query { pattern: pattern.as_bytes(), from: Some(from) }
    }

    fn page(store: &Store, pattern: &str, from: Position, limit: usize) -> Page {
        store.search(&query(pattern, from), limit, || false).expect("the pattern is a regex")
    }

    /// All hits, on one page, in short.
    fn find(store: &Store, pattern: &str) -> Vec<(String, u64, u64, String)> {
        let page = page(store, pattern, START, usize::MAX);
        assert_eq!(page.next, None);
        page.hits.into_iter().map(short).collect()
    }

    fn short(hit: Hit) -> (String, u64, u64, String) {
        (String::from_utf8(hit.path).expect("a number"), hit.line, hit.column, hit.text)
    }

    fn hit(place: &str, line: u64, column: u64, text: &str) -> (String, u64, u64, String) {
        (place.into(), line, column, text.into())
    }

    #[test]
    fn lines_end_at_line_feeds_and_nowhere_else() {
        let of = |body| lines(body).collect::<Vec<_>>();
        assert_eq!(of(""), [] as [&str; 0]);
        assert_eq!(of("\n"), [""]);
        assert_eq!(of("a"), ["a"]);
        assert_eq!(of("a\n"), ["a"]);
        assert_eq!(of("a\n\n"), ["a", ""]);
        assert_eq!(of("\na"), ["", "a"]);
        assert_eq!(of("a\r\nb\rc\u{2028}d\n\r"), ["a\r", "b\rc\u{2028}d", "\r"]);
    }

    #[test]
    fn a_text_is_counted() {
        let store = Store::default();
        assert_eq!(store.add(document(0, "a", "ü\nx".as_bytes())), Added::Stored { bytes: 4, lines: 2 });
        assert_eq!(store.add(document(1, "b", b"")), Added::Stored { bytes: 0, lines: 0 });
    }

    #[test]
    fn what_is_not_utf8_is_not_kept() {
        let store = Store::default();
        assert_eq!(store.add(document(0, "a", b"x\nx\xffx")), Added::NotUtf8 { at: 3 });
        // The beginning of a character whose end is missing.
        assert_eq!(store.add(document(1, "b", b"x\xc3")), Added::NotUtf8 { at: 1 });
        assert_eq!(find(&store, "x"), []);
    }

    #[test]
    fn a_line_is_hit_once_where_its_first_match_begins_in_bytes() {
        let store = store(&["xx\nno\nüx x"]);
        assert_eq!(find(&store, "x"), [hit("0", 1, 1, "xx"), hit("0", 3, 3, "üx x")]);
    }

    #[test]
    fn anchors_are_the_ends_of_a_line_and_no_match_spans_two() {
        let store = store(&["a\n\nb\r\n"]);
        assert_eq!(find(&store, "^$"), [hit("0", 2, 1, "")]);
        assert_eq!(find(&store, "b$"), []);
        assert_eq!(find(&store, r"b\s$"), [hit("0", 3, 1, "b\r")]);
        assert_eq!(find(&store, r"a\s"), []);
        assert_eq!(find(&store, "(?s)a.+b"), []);
    }

    #[test]
    fn hits_come_in_the_order_of_places() {
        let store = Store::default();
        for place in [7, 3, 300, 5] {
            store.add(document(place, &place.to_string(), b"x\nx"));
        }
        let found: Vec<_> = find(&store, "x").into_iter().map(|(path, line, ..)| (path, line)).collect();
        let expected = ["3", "5", "7", "300"].map(|path| [(path.to_owned(), 1), (path.to_owned(), 2)]);
        assert_eq!(found, expected.concat());
    }

    #[test]
    fn a_document_at_a_place_that_is_taken_replaces_the_one_there() {
        let store = store(&["x 1"]);
        store.add(document(0, "new", b"x 2"));
        assert_eq!(find(&store, "x"), [hit("new", 1, 1, "x 2")]);
    }

    #[test]
    fn what_is_forgotten_is_not_found() {
        let store = store(&["x", "x", "x"]);
        store.forget(1);
        store.forget(1);
        store.forget(9);
        assert_eq!(find(&store, "x"), [hit("0", 1, 1, "x"), hit("2", 1, 1, "x")]);
    }

    #[test]
    fn pages_of_any_size_make_the_same_whole_and_fit() {
        let store = store(&["x\nno\nxxxxxxxxxxxx\nx", "", "no", "x\n\nx\nxxxx", "x"]);
        let whole = find(&store, "x");
        assert_eq!(whole.len(), 7);
        let largest = PAGE_FRAME + HIT_FRAME + "0".len() + "xxxxxxxxxxxx".len();
        for limit in [0, 1].into_iter().chain(largest..400) {
            let (mut hits, mut from) = (Vec::new(), START);
            loop {
                let page = page(&store, "x", from, limit);
                let size = rs_in_hs::wire::to_bytes(&Ok::<_, PatternError>(&page), usize::MAX)
                    .expect("it has an encoding")
                    .len();
                assert!(size <= limit || limit < largest, "{size} bytes with a limit of {limit}");
                assert!(!page.hits.is_empty());
                hits.extend(page.hits.into_iter().map(short));
                match page.next {
                    Some(next) => from = next,
                    None => break,
                }
            }
            assert_eq!(hits, whole, "with a limit of {limit}");
        }
    }

    #[test]
    fn a_page_ends_before_it_is_very_large() {
        let store = store(&["x\n".repeat(PAGE).as_str()]);
        assert!(page(&store, "x", START, usize::MAX).next.is_some());
    }

    #[test]
    fn a_search_that_is_cancelled_ends_after_the_document() {
        let store = store(&["x\nx", "x", "x"]);
        let asked = Cell::new(0);
        let cancelled_the_second_time = || asked.replace(asked.get() + 1) == 1;
        let page = store.search(&query("x", START), usize::MAX, cancelled_the_second_time).expect("a regex");
        assert_eq!(page.hits.len(), 2);
    }

    #[test]
    fn a_pattern_that_is_none_is_told() {
        let store = Store::default();
        let told = |pattern: &[u8]| {
            let query = Query { pattern, from: None };
            store.search(&query, usize::MAX, || false).expect_err("it is none").to_string()
        };
        assert!(told(b"(x").contains("unclosed group"));
        assert!(told(b"x\xff").starts_with("the pattern is not text"));
    }
}
