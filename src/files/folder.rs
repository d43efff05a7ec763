//! Files in a folder: two letters of the id, then the id.

use super::blocking;
use super::spool::Spooled;
use crate::domain::{Error, Result, Timestamp};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use uuid::Uuid;

/// A folder of this server's own.
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Takes up the folder behind a `file://` URL.
    pub(super) fn open(url: &str) -> Result<Self, String> {
        let root = PathBuf::from(url.strip_prefix("file://").unwrap_or(url));
        let told = |error: io::Error| format!("FONDACO_STORAGE_URL: {} cannot be used: {error}", root.display());
        fs::create_dir_all(&root).map_err(told)?;
        Ok(Self { root })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, id: Uuid) -> PathBuf {
        let name = id.simple().to_string();
        // The end of an id is chance, its beginning is the time.
        self.root.join(&name[30..]).join(name)
    }

    pub(super) async fn keep(&self, id: Uuid, spooled: &Spooled) -> Result<()> {
        let (from, to) = (spooled.path().to_owned(), self.path(id));
        let kept = blocking(move || {
            let folder = to.parent().ok_or(ErrorKind::InvalidInput)?;
            fs::create_dir_all(folder)?;
            fs::rename(&from, &to)?;
            // A name is durable once its folder is, and a new folder once its own is.
            File::open(folder)?.sync_all()?;
            folder.parent().map_or(Ok(()), |root| File::open(root)?.sync_all())
        });
        kept.await.map_err(Error::internal)
    }

    pub(super) async fn remove(&self, id: Uuid) -> Result<()> {
        let path = self.path(id);
        let removed = blocking(move || match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other,
        });
        removed.await.map_err(Error::internal)
    }

    pub(super) async fn file(&self, id: Uuid) -> Result<File> {
        let path = self.path(id);
        blocking(move || File::open(path)).await.map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::not_found("file"),
            _ => Error::internal(error),
        })
    }
}

/// Whether a file was last written before a moment of the real clock; one whose age is unknown was not.
pub(super) fn written_before(entry: &fs::DirEntry, before: Timestamp) -> bool {
    let written = entry.metadata().and_then(|data| data.modified()).ok();
    let age = written.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    age.is_some_and(|at| i64::try_from(at.as_millis()).is_ok_and(|at| at < before.0))
}
