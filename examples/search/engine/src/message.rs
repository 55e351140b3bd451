//! What the Haskell program sends and gets, field for field as in `src/Search.hs`.

use serde::{Deserialize, Serialize};

/// A file, for `search.add`.
#[derive(Deserialize)]
pub struct Document {
    /// Where it stands among the documents: they are searched in the order of their places. A document that is
    /// added at a place that is taken replaces the one there.
    pub place: u64,
    /// Its name, which is any bytes.
    #[serde(with = "serde_bytes")]
    pub path: Vec<u8>,
    /// What is in it.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

/// What became of a document.
#[derive(Serialize, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is kept.
    Stored {
        /// Bytes of its body.
        bytes: u64,
        /// Its lines. One without a line feed at the end of the file counts.
        lines: u64,
    },
    /// It is not a text, and not kept.
    NotUtf8 {
        /// How many bytes of its body are one.
        at: u64,
    },
}

/// What to search for, for `search.find`.
#[derive(Deserialize)]
pub struct Query {
    /// A regular expression. Bytes and not a `String`, so that one that is not UTF-8 gets an answer that says so.
    #[serde(with = "serde_bytes")]
    pub pattern: Vec<u8>,
    /// Where to begin.
    pub from: Position,
}

/// A line of a document.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The document's place.
    pub place: u64,
    /// The line, counted from 1.
    pub line: u64,
}

/// As many hits as one answer holds, in the order of their positions.
#[derive(Serialize, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// One for each line that matches.
    pub hits: Vec<Hit>,
    /// Where to go on, if not everything was searched.
    pub next: Option<Position>,
}

/// A line that matches.
#[derive(Serialize, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The document's path.
    #[serde(with = "serde_bytes")]
    pub path: Vec<u8>,
    /// The line, counted from 1.
    pub line: u64,
    /// Where in the line the first match begins, in bytes, counted from 1.
    pub column: u64,
    /// The line, without the line feed at its end.
    pub text: String,
}
