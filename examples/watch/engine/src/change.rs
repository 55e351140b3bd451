//! From what `notify` tells to what Haskell is told.

use crate::service::{Change, Kind};
use notify::EventKind;
use notify::event::{ModifyKind, RenameMode};
use notify_debouncer_full::DebouncedEvent;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::SystemTime;

/// What an event says of the folder. Nothing, where something was only read.
pub fn change(root: &Path, event: &DebouncedEvent) -> Option<Change> {
    let at = SystemTime::now() - event.time.elapsed();
    if event.need_rescan() {
        return Some(missed(at));
    }
    let relative = |path: &Path| Some(path.strip_prefix(root).ok()?.as_os_str().as_bytes().to_vec());
    let kind = match event.kind {
        EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Kind::Created,
        // Out of the folder.
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Kind::Removed,
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
            Kind::Renamed { from: relative(event.paths.first()?)? }
        }
        EventKind::Modify(_) => Kind::Modified,
        EventKind::Access(_) | EventKind::Any | EventKind::Other => return None,
    };
    Some(Change { at, kind, path: relative(event.paths.last()?)? })
}

/// Nobody knows what.
pub fn missed(at: SystemTime) -> Change {
    Change { at, kind: Kind::Missed, path: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::Event;
    use notify::event::{AccessKind, Flag, RemoveKind};
    use std::time::Instant;

    fn told(event: Event) -> Option<(Kind, Vec<u8>)> {
        let told = change(Path::new("/folder"), &DebouncedEvent::new(event, Instant::now()))?;
        Some((told.kind, told.path))
    }

    #[test]
    fn too_many_events_are_a_change_of_nothing_known() {
        let event = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(told(event), Some((Kind::Missed, Vec::new())));
    }

    #[test]
    fn paths_are_relative_and_only_in_the_folder() {
        let removed = |path: &str| told(Event::new(EventKind::Remove(RemoveKind::Any)).add_path(path.into()));
        assert_eq!(removed("/folder/a/b"), Some((Kind::Removed, b"a/b".into())));
        assert_eq!(removed("/folder"), Some((Kind::Removed, Vec::new())));
        assert_eq!(removed("/foldered/a"), None);
        assert_eq!(told(Event::new(EventKind::Access(AccessKind::Any)).add_path("/folder/a".into())), None);
    }
}
