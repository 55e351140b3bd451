//! A folder that is watched.

use crate::change::{change, missed};
use crate::listener::Listeners;
use crate::service::{Kind, WatchError};
use notify::{Config, ErrorKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer_opt};
use rs_in_hs::object;
use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A folder that is watched, until it is closed.
#[object]
pub struct Folder {
    root: PathBuf,
    listeners: Arc<Listeners>,
    _watch: Debouncer<RecommendedWatcher, RecommendedCache>,
}

impl Folder {
    /// Begins to watch it.
    pub fn open(path: &Path, settle: Duration) -> Result<Self, WatchError> {
        let root = canonical(path)?;
        let listeners = Arc::<Listeners>::default();
        let handler = {
            let (root, listeners) = (root.clone(), listeners.clone());
            move |result| tell(&root, &listeners, result)
        };
        let config = Config::default().with_follow_symlinks(false);
        let settle = settle.max(Duration::from_millis(1));
        // How often its thread looks, also whether the folder is closed.
        let tick = (settle / 4).min(Duration::from_millis(50));
        let watch = || {
            let mut watch = new_debouncer_opt(settle, Some(tick), handler, RecommendedCache::new(), config)?;
            watch.watch(&root, RecursiveMode::Recursive)?;
            Ok(watch)
        };
        let refused = |error: notify::Error| match error.kind {
            ErrorKind::MaxFilesWatch => {
                refused(path, "more folders than the system watches: raise fs.inotify.max_user_watches")
            }
            _ => refused(path, error),
        };
        Ok(Folder { _watch: watch().map_err(refused)?, root, listeners })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Who hears of changes.
    pub fn listeners(&self) -> &Arc<Listeners> {
        &self.listeners
    }
}

fn tell(root: &Path, listeners: &Listeners, result: DebounceEventResult) {
    let mut changes: Vec<_> = match result {
        Ok(events) => events.iter().filter_map(|event| change(root, event)).collect(),
        // It cannot watch a folder that is new.
        Err(_) => vec![missed(SystemTime::now())],
    };
    // What a file is and what is in it are two events, and one change.
    changes.dedup_by(|next, last| (&next.kind, &next.path) == (&last.kind, &last.path));
    let mut gone = !root.is_dir();
    for change in changes {
        match change.kind {
            // The folder itself; another of its name is not watched.
            Kind::Removed if change.path.is_empty() => gone = true,
            Kind::Missed => listeners.tell(&change),
            _ if change.path.is_empty() => {}
            _ => listeners.tell(&change),
        }
    }
    if gone {
        listeners.fail("the folder is gone");
    }
}

/// The path of a folder that exists.
pub fn canonical(path: &Path) -> Result<PathBuf, WatchError> {
    let name = || path.display().to_string();
    match path.canonicalize() {
        Ok(root) if root.is_dir() => Ok(root),
        Ok(_) => Err(WatchError::NoFolder { path: name() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(WatchError::Missing { path: name() }),
        Err(error) => Err(refused(path, error)),
    }
}

/// With what the system says.
pub fn refused(path: &Path, why: impl Display) -> WatchError {
    WatchError::Refused { path: path.display().to_string(), why: why.to_string() }
}
