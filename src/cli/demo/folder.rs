//! A folder that is gone when the demonstration is over, however it ends.

use crate::clock::Ids;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

pub(super) struct Throwaway(PathBuf);

impl Throwaway {
    pub(super) fn make(ids: &Ids) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("fondaco-demo-{}", hex::encode(ids.bytes::<8>())));
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, path = %self.0.display(), "a temporary folder stays behind");
        }
    }
}
