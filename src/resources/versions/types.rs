//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use entities::version::Model;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is known of a file that came with a form.
#[derive(Clone, Debug, Deserialize)]
pub struct FileFacts {
    /// What its sender calls it, made harmless.
    pub name: String,
    /// What its sender takes it for.
    pub media_type: String,
    /// Bytes.
    pub size_bytes: i64,
    /// In hex.
    pub sha256: String,
}

/// A new version.
#[derive(Clone, Debug, Deserialize)]
pub struct UploadVersion {
    /// Its name, unique for the product.
    pub version: String,
    /// What is new in it.
    #[serde(default)]
    pub changelog: Option<String>,
    /// Its file.
    pub file: FileFacts,
}

/// Another file in the place of a version's.
#[derive(Clone, Debug, Deserialize)]
pub struct ReplaceVersion {
    /// What is new in it; absent stays.
    #[serde(default)]
    pub changelog: Option<String>,
    /// The file.
    pub file: FileFacts,
}

/// A version.
#[derive(Clone, Debug, Serialize)]
pub struct VersionView {
    /// Identity.
    pub id: Uuid,
    /// Of which product.
    pub product_id: Uuid,
    /// Its name.
    pub version: String,
    /// What is new in it.
    pub changelog: Option<String>,
    /// What the file is saved as.
    pub file_name: String,
    /// What kind of file it is.
    pub media_type: String,
    /// Bytes.
    pub size_bytes: i64,
    /// In hex.
    pub sha256: String,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When its file was last replaced.
    pub updated_at: Timestamp,
}

impl From<&Model> for VersionView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            product_id: row.product,
            version: row.version.clone(),
            changelog: row.changelog.clone(),
            file_name: row.file_name.clone(),
            media_type: row.media_type.clone(),
            size_bytes: row.size_bytes,
            sha256: row.sha256.clone(),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}

/// Whether a version's file is what was uploaded.
#[derive(Clone, Debug, Serialize)]
pub struct VersionCheck {
    /// Which version.
    pub id: Uuid,
    /// Whether the bytes are those.
    pub is_intact: bool,
    /// What the bytes' checksum is now; absent where they cannot be read.
    pub sha256: Option<String>,
    /// What it was.
    pub expected_sha256: String,
    /// How many bytes there are now.
    pub size_bytes: Option<u64>,
}
