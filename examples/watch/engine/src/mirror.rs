//! A folder that follows another one.

use crate::folder::{canonical, refused};
use crate::service::{Change, Kind, WatchError};
use crate::watcher::as_path;
use rs_in_hs::object;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A folder into which changes are copied.
#[object]
#[derive(Debug)]
pub struct Mirror(PathBuf);

impl Mirror {
    /// A mirror of the folder.
    pub fn open(folder: &Path, path: &Path) -> Result<Self, WatchError> {
        let outside = |root: &Path| match root.starts_with(folder) {
            true => Err(WatchError::Inside { path: path.display().to_string(), folder: folder.display().to_string() }),
            false => Ok(()),
        };
        // To make it there would be a change already.
        let whole = std::path::absolute(path).map_err(|error| refused(path, error))?;
        whole.ancestors().find_map(|known| known.canonicalize().ok()).map_or(Ok(()), |root| outside(&root))?;
        fs::create_dir_all(path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => WatchError::NoFolder { path: path.display().to_string() },
            _ => refused(path, error),
        })?;
        let root = canonical(path)?;
        outside(&root)?;
        Ok(Mirror(root))
    }

    /// Does as the folder has done, with what is there now; gives the number of bytes copied.
    pub fn follow(&self, folder: &Path, change: &Change) -> io::Result<u64> {
        let path = as_path(&change.path);
        match &change.kind {
            Kind::Removed => return remove(&self.0.join(path)).map(|()| 0),
            Kind::Renamed { from } => remove(&self.0.join(as_path(from)))?,
            Kind::Created | Kind::Modified | Kind::Missed => {}
        }
        copy(&folder.join(path), &self.0.join(path))
    }
}

/// Copies a file, or a folder with the files in it. What is not there any more has been told of, or will be.
fn copy(from: &Path, to: &Path) -> io::Result<u64> {
    let kind = match fs::symlink_metadata(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        metadata => metadata?.file_type(),
    };
    if kind.is_dir() {
        if !is_folder(to) {
            remove(to)?;
        }
        fs::create_dir_all(to)?;
        return fs::read_dir(from)?.try_fold(0, |bytes, entry| {
            let entry = entry?;
            let more =
                if is_copied(entry.file_type()?) { copy(&entry.path(), &to.join(entry.file_name()))? } else { 0 };
            Ok(bytes + more)
        });
    }
    if !is_copied(kind) {
        // To open a pipe would wait for its writer, and a link would lead elsewhere.
        return Err(io::Error::new(ErrorKind::Unsupported, "neither a file nor a folder"));
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    // A file that may not be written can be replaced.
    remove(to)?;
    fs::copy(from, to)
}

fn is_copied(kind: fs::FileType) -> bool {
    kind.is_file() || kind.is_dir()
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = if is_folder(path) { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::time::SystemTime;
    use tempfile::{TempDir, tempdir};

    /// A folder, and its mirror.
    fn pair() -> (TempDir, TempDir, Mirror) {
        let (folder, other) = (tempdir().unwrap(), tempdir().unwrap());
        let mirror = Mirror::open(folder.path(), &other.path().join("mirror")).unwrap();
        (folder, other, mirror)
    }

    fn change(kind: Kind, path: &str) -> Change {
        Change { at: SystemTime::now(), kind, path: path.into() }
    }

    #[test]
    fn a_file_that_may_not_be_written_is_replaced() {
        let (folder, other, mirror) = pair();
        let file = folder.path().join("file");
        fs::write(&file, "one").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(mirror.follow(folder.path(), &change(Kind::Created, "file")).unwrap(), 3);
        assert_eq!(mirror.follow(folder.path(), &change(Kind::Modified, "file")).unwrap(), 3);
        assert_eq!(fs::read_to_string(other.path().join("mirror/file")).unwrap(), "one");
    }

    #[test]
    fn a_file_takes_the_place_of_a_folder_and_of_a_link() {
        let (folder, other, mirror) = pair();
        let (victim, copy) = (other.path().join("victim"), other.path().join("mirror/it"));
        fs::write(&victim, "untouched").unwrap();
        fs::write(folder.path().join("it"), "it").unwrap();
        symlink(&victim, &copy).unwrap();
        mirror.follow(folder.path(), &change(Kind::Created, "it")).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
        fs::remove_file(&copy).unwrap();
        fs::create_dir_all(copy.join("inner")).unwrap();
        mirror.follow(folder.path(), &change(Kind::Created, "it")).unwrap();
        assert_eq!(fs::read_to_string(&copy).unwrap(), "it");
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let (folder, other, mirror) = pair();
        fs::create_dir(folder.path().join("inner")).unwrap();
        let _socket = UnixListener::bind(folder.path().join("inner/socket")).unwrap();
        symlink("/", folder.path().join("inner/link")).unwrap();
        fs::write(folder.path().join("inner/file"), "it").unwrap();
        let refused = mirror.follow(folder.path(), &change(Kind::Created, "inner/socket")).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unsupported);
        assert_eq!(mirror.follow(folder.path(), &change(Kind::Created, "inner")).unwrap(), 2);
        let names = fs::read_dir(other.path().join("mirror/inner")).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(names.collect::<Vec<_>>(), ["file"]);
    }

    #[test]
    fn what_is_gone_already_is_no_failure() {
        let (folder, _other, mirror) = pair();
        for kind in [Kind::Created, Kind::Modified, Kind::Removed, Kind::Renamed { from: b"it".into() }] {
            assert_eq!(mirror.follow(folder.path(), &change(kind, "gone")).unwrap(), 0);
        }
    }

    #[test]
    fn a_mirror_does_not_lie_in_its_folder() {
        let folder = tempdir().unwrap();
        let within = folder.path().join("to/be/made");
        assert!(matches!(Mirror::open(folder.path(), &within), Err(WatchError::Inside { .. })));
        assert!(!folder.path().join("to").exists());
    }
}
