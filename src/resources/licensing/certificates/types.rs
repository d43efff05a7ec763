//! What goes in and out, in neutral names.

use super::super::views::LicenseView;
use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};

/// What a licence file is asked for.
#[derive(Clone, Debug, Deserialize)]
pub struct Checkout {
    /// The machine it is bound to.
    pub fingerprint: String,
    /// Seconds it is good for; by default two weeks, or less where the policy says so.
    #[serde(default)]
    pub ttl: Option<i64>,
}

/// A licence file.
#[derive(Clone, Debug, Serialize)]
pub struct LicenseFile {
    /// The file's text.
    pub certificate: String,
    /// The licence it is of.
    pub license: LicenseView,
    /// The machine it is bound to.
    pub fingerprint: String,
    /// Seconds it is good for.
    pub ttl: i64,
    /// Until when.
    pub expires_at: Timestamp,
}
