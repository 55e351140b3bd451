//! The engine.

use crate::folder::Folder;
use crate::mirror::Mirror;
use crate::service::{Change, Decision, GlobError, Report, Watch, WatchError};
use crate::subscription::Subscription;
use globset::{Glob, GlobSet};
use rs_in_hs::{Callback, Closure, Events, Object};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Knows the threads of its subscriptions, and waits for them in the end: nothing goes on after `withRust`.
#[derive(Default)]
pub struct Watcher(Mutex<Vec<JoinHandle<()>>>);

impl Watch for Watcher {
    fn open(&self, path: &[u8], settle: Duration) -> Result<Object<Folder>, WatchError> {
        Folder::open(as_path(path), settle).map(Object::new)
    }

    fn mirror(&self, folder: Object<Folder>, path: &[u8]) -> Result<Object<Mirror>, WatchError> {
        Mirror::open(folder.root(), as_path(path)).map(Object::new)
    }

    fn matcher(&self, globs: Vec<String>) -> Result<Closure<Vec<u8>, bool>, GlobError> {
        let wrong = |error: globset::Error| GlobError {
            glob: error.glob().unwrap_or_default().into(),
            why: error.kind().to_string(),
        };
        let patterns: Vec<_> = globs.iter().map(|glob| Glob::new(glob)).collect::<Result<_, _>>().map_err(wrong)?;
        let set = GlobSet::new(patterns).map_err(wrong)?;
        Ok(Closure::new(move |path: Vec<u8>| set.is_match(as_path(&path))))
    }

    fn changes(&self, folder: Object<Folder>, decide: Callback<Change, Decision>, events: Events<Report>) {
        let mut threads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        threads.retain(|thread| !thread.is_finished());
        threads.extend(Subscription::start(&folder, decide, events));
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // By now all streams are closed, and their threads on their way out.
        for thread in self.0.get_mut().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = thread.join();
        }
    }
}

/// Bytes as a path.
pub fn as_path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}
