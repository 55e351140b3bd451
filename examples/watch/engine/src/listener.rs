//! Who is told of changes.

use crate::service::Change;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// How many changes wait for a listener.
const BACKLOG: usize = 65_536;

/// All listeners of a folder.
#[derive(Default)]
pub struct Listeners(Mutex<List>);

#[derive(Default)]
struct List {
    next: u64,
    listeners: Vec<Listener>,
    /// Why there are no more changes.
    end: Option<&'static str>,
}

struct Listener {
    number: u64,
    changes: SyncSender<Change>,
    end: Arc<OnceLock<&'static str>>,
}

/// A listener's end of its queue.
pub struct Backlog {
    /// By which it is removed.
    pub number: u64,
    /// The changes: no more come when there are no more, or it was removed.
    pub changes: Receiver<Change>,
    /// Why there are no more, if that is a failure.
    pub end: Arc<OnceLock<&'static str>>,
}

impl Listeners {
    fn lock(&self) -> MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more.
    pub fn add(&self) -> Backlog {
        let (changes, waiting) = sync_channel(BACKLOG);
        let end = Arc::<OnceLock<&'static str>>::default();
        let mut list = self.lock();
        list.next += 1;
        let number = list.next;
        match list.end {
            None => list.listeners.push(Listener { number, changes, end: end.clone() }),
            Some(why) => drop(end.set(why)),
        }
        Backlog { number, changes: waiting, end }
    }

    /// Hears nothing more.
    pub fn remove(&self, number: u64) {
        self.lock().listeners.retain(|listener| listener.number != number);
    }

    /// Tells all of it. Never waits: who is too far behind hears that, and nothing more.
    pub fn tell(&self, change: &Change) {
        self.lock().listeners.retain(|listener| match listener.changes.try_send(change.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                let _ =
                    listener.end.set("more changes wait for a decision than are kept: decide faster, or ignore some");
                false
            }
            Err(TrySendError::Disconnected(_)) => false,
        });
    }

    /// There are no more changes, for those who come later neither.
    pub fn fail(&self, why: &'static str) {
        let mut list = self.lock();
        list.end = Some(why);
        for listener in list.listeners.drain(..) {
            let _ = listener.end.set(why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::missed;
    use std::time::SystemTime;

    #[test]
    fn who_is_too_far_behind_is_told_so_and_nothing_more() {
        let listeners = Listeners::default();
        let (slow, gone) = (listeners.add(), listeners.add());
        drop(gone.changes);
        let change = missed(SystemTime::now());
        for _ in 0..BACKLOG {
            listeners.tell(&change);
        }
        assert_eq!(slow.end.get(), None);
        listeners.tell(&change);
        assert!(slow.end.get().is_some_and(|why| why.contains("wait for a decision")));
        assert_eq!(slow.changes.iter().count(), BACKLOG);
    }
}
