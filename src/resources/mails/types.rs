//! What goes in and out, in neutral names.

use serde::{Deserialize, Serialize};

/// A kind of mail as a shop has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindView {
    /// Its name.
    pub kind: &'static str,
    /// When it is written.
    pub about: &'static str,
    /// Whether it is written at all.
    pub enabled: bool,
    /// The subject in force.
    pub subject: String,
    /// The body in force.
    pub body: String,
    /// Whether either is the shop's own.
    pub is_custom: bool,
    /// Names that may stand in double braces.
    pub placeholders: Vec<&'static str>,
}

/// Texts to be tried before they are kept; what is left out is as it is in force.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// One line.
    pub subject: Option<String>,
    /// Plain text.
    pub body: Option<String>,
}

/// A mail with made-up values.
#[derive(Clone, Debug, Serialize)]
pub struct PreviewView {
    /// Its kind.
    pub kind: &'static str,
    /// Where it goes, where it goes anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}
