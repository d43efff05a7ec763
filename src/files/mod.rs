//! Where uploads lie: a folder of this server's, or an S3 bucket, by one setting.
//!
//! A file's bytes never change; it is named by its id alone, so that no name of an uploader's ever meets a disk. Uploads
//! are spooled beside the folder first (`spool`), counted and digested on the way, flushed, and then kept: renamed, or sent
//! to the bucket. Which of them anything refers to is in the table `files`; what is here and not there is swept.

mod bucket;
mod folder;
pub mod reading;
pub mod spool;

use self::bucket::S3;
use self::folder::Folder;
use self::spool::{Spool, Spooled};
use crate::config::Storage;
use crate::domain::files::link::LinkKey;
use crate::domain::time::DAY_MS;
use crate::domain::{Error, Result, Timestamp};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use url::Url;
use uuid::Uuid;

/// Everything that was uploaded; cloning shares it.
#[derive(Clone)]
pub struct Files {
    inner: Arc<Inner>,
}

struct Inner {
    place: Place,
    spool: Spool,
    links: LinkKey,
    /// When the folder was last looked through, in milliseconds of the real clock.
    walked_at: AtomicI64,
}

enum Place {
    Folder(Folder),
    Bucket(S3),
}

/// Where a download comes from.
pub enum Source {
    /// This server itself, at this path.
    Here(String),
    /// The bucket, by a link that it checks itself.
    There(Url),
}

impl Files {
    /// Takes up the place the settings name; a folder is made, a bucket must exist.
    ///
    /// # Errors
    /// Says what is in the way.
    pub fn open(storage: &Storage, data: &Path, master_key: &[u8; 32]) -> Result<Self, String> {
        let url = Url::parse(&storage.url).map_err(|error| format!("FONDACO_STORAGE_URL is no URL: {error}"))?;
        let (place, spool) = match url.scheme() {
            "s3" => (Place::Bucket(S3::open(&url)?), data.join("incoming")),
            _ => {
                let folder = Folder::open(&storage.url)?;
                let spool = folder.root().join("incoming");
                (Place::Folder(folder), spool)
            }
        };
        let inner = Inner {
            place,
            spool: Spool::open(spool)?,
            links: LinkKey::of(master_key),
            walked_at: AtomicI64::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Where uploads stand until they are kept.
    pub fn spool(&self) -> &Spool {
        &self.inner.spool
    }

    /// What signs links to files that lie here.
    pub fn links(&self) -> &LinkKey {
        &self.inner.links
    }

    /// Keeps what was spooled under its id; answers once it would survive a loss of power.
    ///
    /// # Errors
    /// `Unavailable` where the bucket is, `Internal` where the disk refuses.
    pub async fn keep(&self, id: Uuid, spooled: &Spooled) -> Result<()> {
        match &self.inner.place {
            Place::Folder(folder) => folder.keep(id, spooled).await,
            Place::Bucket(s3) => s3.keep(id, spooled).await,
        }
    }

    /// Removes a file; one that is not there is as good.
    ///
    /// # Errors
    /// As [`Files::keep`].
    pub async fn remove(&self, id: Uuid) -> Result<()> {
        match &self.inner.place {
            Place::Folder(folder) => folder.remove(id).await,
            Place::Bucket(s3) => s3.remove(id).await,
        }
    }

    /// The bytes of a file, piece by piece.
    ///
    /// # Errors
    /// `NotFound` where there is none, else as [`Files::keep`].
    pub async fn read(&self, id: Uuid) -> Result<BoxStream<'static, std::io::Result<Bytes>>> {
        match &self.inner.place {
            Place::Folder(folder) => Ok(reading::whole(folder.file(id).await?)),
            Place::Bucket(s3) => s3.read(id).await,
        }
    }

    /// A file that lies in the folder; a bucket hands its own out by itself.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    pub async fn here(&self, id: Uuid) -> Result<std::fs::File> {
        match &self.inner.place {
            Place::Folder(folder) => folder.file(id).await,
            Place::Bucket(_) => Err(Error::not_found("file")),
        }
    }

    /// A link that downloads a file under a name and ends at `until`. A bucket counts from its own time, which is the real
    /// one: `real_now`.
    pub fn link(&self, id: Uuid, name: &str, until: Timestamp, real_now: Timestamp) -> Result<Source> {
        match &self.inner.place {
            Place::Folder(_) => {
                let plain = crate::domain::files::name::plain(name);
                Ok(Source::Here(self.inner.links.write(id, &plain, until.seconds())))
            }
            Place::Bucket(s3) => s3.link(id, name, real_now).map(Source::There),
        }
    }

    /// Whether a day has passed since somebody was told so.
    pub fn is_walk_due(&self, real_now: Timestamp) -> bool {
        let last = self.inner.walked_at.load(Ordering::Relaxed);
        let is_due = real_now.0 - last >= DAY_MS;
        let swap = || {
            self.inner
                .walked_at
                .compare_exchange(last, real_now.0, Ordering::Relaxed, Ordering::Relaxed)
        };
        is_due && swap().is_ok()
    }

    /// Removes what uploads that were cut off left in the spool before a moment of the real clock.
    ///
    /// # Errors
    /// `Internal` where the folder cannot be read.
    pub async fn clear_spool(&self, before: Timestamp) -> Result<()> {
        self.inner.spool.clear(before).await
    }
}

/// Runs what blocks on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?
}
