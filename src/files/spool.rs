//! Uploads on their way in: written to a file of their own, counted and digested as they come.

use super::blocking;
use super::folder::written_before;
use crate::domain::{Error, Result, Timestamp};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

/// The folder that uploads stand in until they are kept.
pub struct Spool {
    folder: PathBuf,
}

/// An upload that is being written; dropping it removes what there is.
pub struct Incoming {
    file: tokio::fs::File,
    digest: Sha256,
    size: u64,
    left: Leftover,
}

/// A whole upload on disk; dropping it removes it unless it was kept.
#[derive(Debug)]
pub struct Spooled {
    left: Leftover,
    size: u64,
    sha256: [u8; 32],
}

/// A file that goes with its holder.
#[derive(Debug)]
struct Leftover(PathBuf);

impl Drop for Leftover {
    fn drop(&mut self) {
        // One that was kept is no longer there under this name.
        let _ = fs::remove_file(&self.0);
    }
}

impl Spool {
    pub(super) fn open(folder: PathBuf) -> Result<Self, String> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| format!("{} cannot be used for uploads: {error}", folder.display()))?;
        Ok(Self { folder })
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// `Internal` where the disk refuses.
    pub async fn begin(&self, id: Uuid) -> Result<Incoming> {
        let path = self.folder.join(id.simple().to_string());
        let file = tokio::fs::File::create_new(&path).await.map_err(Error::internal)?;
        Ok(Incoming {
            file,
            digest: Sha256::new(),
            size: 0,
            left: Leftover(path),
        })
    }

    /// Removes uploads that were cut off by a crash before this moment.
    pub(super) async fn clear(&self, before: Timestamp) -> Result<()> {
        let folder = self.folder.clone();
        let cleared = blocking(move || {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if written_before(&entry, before) {
                    fs::remove_file(entry.path())?;
                }
            }
            Ok(())
        });
        cleared.await.map_err(Error::internal)
    }
}

impl Incoming {
    /// Adds bytes.
    ///
    /// # Errors
    /// `Internal` where the disk refuses, as a full one does.
    pub async fn write(&mut self, bytes: &Bytes) -> Result<()> {
        self.digest.update(bytes);
        self.size += bytes.len() as u64;
        self.file.write_all(bytes).await.map_err(Error::internal)
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Ends the upload; answers once its bytes would survive a loss of power.
    ///
    /// # Errors
    /// `Internal` where the disk refuses.
    pub async fn finish(mut self) -> Result<Spooled> {
        let flushed: io::Result<()> = async {
            self.file.flush().await?;
            self.file.sync_all().await
        }
        .await;
        flushed.map_err(Error::internal)?;
        Ok(Spooled {
            left: self.left,
            size: self.size,
            sha256: self.digest.finalize().into(),
        })
    }
}

impl Spooled {
    /// Where it stands.
    pub fn path(&self) -> &Path {
        &self.left.0
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// SHA-256 in hex.
    pub fn sha256(&self) -> String {
        hex::encode(self.sha256)
    }
}
