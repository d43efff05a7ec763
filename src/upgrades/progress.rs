//! How far an upgrade is: one small file, since the process that began it is not the one that ends it.

use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Name of the file in the data folder.
const FILE: &str = "upgrade.json";

/// Where an upgrade stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Which upgrade.
    pub token: Uuid,
    /// A word of the contract, such as `downloading`.
    pub step: String,
    /// 0 to 100; -1 where it failed.
    pub progress: i32,
    /// For people.
    pub message: String,
    /// Whether the earlier version was put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<bool>,
    /// When this was written.
    pub at: Timestamp,
}

impl Progress {
    /// Whether nothing more will come.
    pub fn is_over(&self) -> bool {
        matches!(self.step.as_str(), "done" | "failed")
    }
}

/// The file.
pub fn file(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// Reads it; `None` where there is none that can be read.
pub fn read(file: &Path) -> Option<Progress> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// Puts it in the place of the one before.
///
/// # Errors
/// What the file system says.
pub fn write(file: &Path, progress: &Progress) -> io::Result<()> {
    let text = serde_json::to_vec(progress).map_err(io::Error::other)?;
    let fresh = file.with_extension("json.new");
    fs::write(&fresh, text)?;
    fs::rename(fresh, file)
}
