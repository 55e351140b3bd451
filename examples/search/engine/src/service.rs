//! What the engine can do for a Haskell program.

use rs_in_hs::{Context, data, service};
use thiserror::Error;

/// Searches documents that are kept in memory, by regular expression.
///
/// Documents are added, each at a place of its own, found in, and forgotten.
#[service]
pub trait Search {
    /// Keeps a document, if it is UTF-8.
    fn add(&self, document: Document) -> Added;

    /// The first page of hits, from the query's position on.
    ///
    /// It ends early, with what was found so far, when the caller has gone.
    fn find(&self, context: &Context, query: Query) -> Result<Page, PatternError>;

    /// Drops the document at this place, if there is one.
    #[cast]
    fn forget(&self, place: u64);
}

/// A file, to be kept until it is forgotten.
#[data]
pub struct Document {
    /// Where it stands among the documents: they are searched in the order of their places. A document that is
    /// added at a place that is taken replaces the one there.
    pub place: u64,
    /// Its name, which is any bytes.
    pub path: Vec<u8>,
    /// What is in it.
    pub body: Vec<u8>,
}

/// What became of a document.
#[data]
#[derive(Debug, PartialEq, Eq)]
pub enum Added {
    /// It is kept.
    Stored {
        /// Bytes of its body.
        bytes: u64,
        /// Its lines. One without a line feed at the end of the file counts.
        lines: u64,
    },
    /// It is not a text in UTF-8, and not kept.
    NotUtf8 {
        /// How many bytes at the beginning of its body are one.
        at: u64,
    },
}

/// What to search for, and from where on.
#[data]
pub struct Query<'a> {
    /// A regular expression in the syntax of the crate `regex`, which is matched against each line by itself. Bytes, so
    /// that one that is not UTF-8 gets an answer that says so.
    pub pattern: &'a [u8],
    /// Where to begin, if not at the first line of the first document.
    pub from: Option<Position>,
}

/// A line of a document.
#[data]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The document's place.
    pub place: u64,
    /// The line, counted from 1.
    pub line: u64,
}

/// As many hits as one answer holds, in the order of their positions.
#[data]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// One for each line that matches.
    pub hits: Vec<Hit>,
    /// Where to go on, if not everything was searched: documents before that place are done.
    pub next: Option<Position>,
}

/// A line that matches.
#[data]
#[derive(Debug, PartialEq, Eq)]
pub struct Hit {
    /// The document's path.
    pub path: Vec<u8>,
    /// The line, counted from 1.
    pub line: u64,
    /// Where in the line the first match begins, in bytes, counted from 1.
    pub column: u64,
    /// The line, without the line feed at its end.
    pub text: String,
}

/// A pattern that is no regular expression.
#[data]
#[derive(Debug, Error)]
pub enum PatternError {
    /// It is not a text.
    #[error("the pattern is not text: {valid} bytes of it are UTF-8")]
    NotUtf8 {
        /// How many bytes at its beginning are UTF-8.
        valid: u64,
    },
    /// Its syntax is wrong, or it would take too much memory.
    #[error("{0}")]
    Malformed(String),
}
