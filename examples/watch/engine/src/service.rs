//! What the engine can do for a Haskell program.

use crate::folder::Folder;
use crate::mirror::Mirror;
use rs_in_hs::{Callback, Closure, Events, Object, data, service};
use std::time::{Duration, SystemTime};
use thiserror::Error;

/// Watches folders, and does with each change what a Haskell function decides.
///
/// Paths are bytes, as the system has them. Those of changes are relative to the folder.
#[service]
pub trait Watch {
    /// Begins to watch a folder and all that is in it, for as long as somebody has the object. Symbolic links in it are
    /// not followed. A change is told when it is as old as `settle`, at least a millisecond: what else of the same kind
    /// happens to that path until then is told with it.
    fn open(&self, path: &[u8], settle: Duration) -> Result<Object<Folder>, WatchError>;

    /// A folder that follows the other one, as far as it is told to. It is made, if it is not there.
    fn mirror(&self, folder: Object<Folder>, path: &[u8]) -> Result<Object<Mirror>, WatchError>;

    /// A function that says whether a path matches one of the patterns. In these, `*` stands for any characters, those
    /// between folders as well.
    fn matcher(&self, globs: Vec<String>) -> Result<Closure<Vec<u8>, bool>, GlobError>;

    /// What happens in the folder from now on, and what has become of it.
    ///
    /// The function is asked about each change, one after the other; each subscription asks by itself. Its decision is
    /// carried out before the next. The stream ends by its decision, or when the folder is closed. It fails when the
    /// folder is gone, and when the function is behind by more than 65,536 changes.
    #[stream]
    fn changes(&self, folder: Object<Folder>, decide: Callback<Change, Decision>, events: Events<Report>);
}

/// Something has happened.
#[data]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: SystemTime,
    /// What.
    pub kind: Kind,
    /// To which file or folder.
    pub path: Vec<u8>,
}

/// What can happen.
#[data]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is there, or has come from elsewhere. Of a folder that is made together with what is in it, the system may
    /// tell nothing but that.
    Created,
    /// Its content, or what else is known of it.
    Modified,
    /// It had another name in the folder.
    Renamed {
        /// That name.
        from: Vec<u8>,
    },
    /// It is not there any more; what was in it, neither.
    Removed,
    /// The system had more to tell than it keeps, or watches no more folders: there are changes that nobody is told of.
    /// Here the path is empty.
    Missed,
}

/// What to do with a change.
#[data]
#[derive(Clone, Debug)]
pub enum Decision {
    /// Nothing.
    Ignore,
    /// It is reported.
    Report,
    /// The mirror follows, and it is reported.
    Copy {
        /// The mirror.
        to: Object<Mirror>,
    },
    /// It is reported, and the last.
    Stop,
}

/// A change, and what has become of it.
#[data]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The change.
    pub change: Change,
    /// What has become of it.
    pub outcome: Outcome,
}

/// What can become of a change.
#[data]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was to be reported, no more.
    Seen,
    /// The mirror has followed.
    Copied {
        /// Bytes that were copied: none of what was removed, or was removed meanwhile.
        bytes: u64,
    },
    /// There was no decision, or it could not be carried out.
    Failed {
        /// Why.
        why: String,
    },
}

/// A folder cannot be watched, or cannot be a mirror.
#[data]
#[derive(Debug, Error, PartialEq, Eq)]
pub enum WatchError {
    /// There is none of that name.
    #[error("{path}: no such folder")]
    Missing {
        /// The name.
        path: String,
    },
    /// There is something else of that name.
    #[error("{path}: not a folder")]
    NoFolder {
        /// The name.
        path: String,
    },
    /// The mirror lies in the folder, so that to copy a change would be a change.
    #[error("{path}: lies in {folder}, and would be a mirror of itself")]
    Inside {
        /// The mirror.
        path: String,
        /// The folder.
        folder: String,
    },
    /// The system refuses.
    #[error("{path}: {why}")]
    Refused {
        /// The folder.
        path: String,
        /// What the system says.
        why: String,
    },
}

/// A pattern that is none.
#[data]
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{glob}: {why}")]
pub struct GlobError {
    /// The pattern.
    pub glob: String,
    /// What is wrong with it.
    pub why: String,
}
