//! Every secret that a test's answers showed, and a search for them where none may stand: a secret leaves the server once.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Files of the data folder that are secrets themselves.
const SECRET_FILES: [&str; 2] = ["admin-secret", "master-key"];

/// Secrets seen so far; clones share them.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<BTreeSet<String>>>);

impl Ledger {
    /// Notes one secret.
    pub(crate) fn add(&self, secret: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(secret.to_owned());
    }

    /// Notes every key, session token and signing secret of an answer.
    pub(super) fn note(&self, answer: &Value) {
        match answer {
            Value::String(text) if is_secret(text) => self.add(text),
            Value::Array(items) => items.iter().for_each(|item| self.note(item)),
            Value::Object(members) => members.values().for_each(|member| self.note(member)),
            _ => {}
        }
    }

    /// The secrets, oldest forms first.
    pub(crate) fn all(&self) -> Vec<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().cloned().collect()
    }

    /// Fails where a secret stands in a text; says which and where, never more of it than its first characters.
    #[track_caller]
    pub(crate) fn search(&self, place: &str, text: &str) {
        for secret in self.all() {
            assert!(!text.contains(&secret), "{place} holds the secret {}…", &secret[..8]);
        }
    }

    /// Fails where a secret stands in a file of a folder, in the folders below it too.
    #[track_caller]
    pub(crate) fn search_folder(&self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.search_folder(&path);
            } else if !SECRET_FILES.iter().any(|name| path.ends_with(name)) {
                // A secret is plain ASCII, so that what else the file holds may be replaced.
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                self.search(&path.display().to_string(), &text);
            }
        }
    }
}

/// Keys and tokens are a prefix and 64 hex digits; digests have no prefix.
fn is_secret(text: &str) -> bool {
    let body = text.rsplit_once('_').map_or("", |(_, body)| body);
    text.starts_with("whsec_") || (body.len() == 64 && body.bytes().all(|b| b.is_ascii_hexdigit()))
}
