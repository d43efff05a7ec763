//! One endpoint as its deliveries need it.

use crate::domain::Timestamp;
use crate::domain::seal::Sealer;
use entities::endpoint;
use serde_json::{Map, Value};
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// An endpoint's row; what is sealed in it is opened at the first attempt and kept for as long as the row is believed.
pub struct Subscriber {
    row: endpoint::Model,
    opened: OnceLock<Option<Opened>>,
}

/// What stood sealed in the row.
struct Opened {
    secret: Zeroizing<String>,
    /// The secrets before it with their ends, the newest first; one may not open where the present one does.
    replaced: Vec<(Zeroizing<String>, i64)>,
    headers: Vec<(String, Zeroizing<String>)>,
}

impl Subscriber {
    /// The secrets in force, the new one first; `None` where the present one does not open.
    pub fn secrets(&self, sealer: &Sealer, now: Timestamp) -> Option<Vec<&str>> {
        let opened = self.opened(sealer)?;
        let in_force = opened
            .replaced
            .iter()
            .filter(|(_, until)| now.0 < *until)
            .map(|(secret, _)| secret);
        Some(
            std::iter::once(&opened.secret)
                .chain(in_force)
                .map(|secret| secret.as_str())
                .collect(),
        )
    }

    /// The owner's own headers; what cannot be read is left out.
    pub fn custom_headers(&self, sealer: &Sealer) -> impl Iterator<Item = (&str, &str)> {
        let opened = self.opened(sealer).into_iter();
        opened.flat_map(|opened| opened.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    fn opened(&self, sealer: &Sealer) -> Option<&Opened> {
        self.opened.get_or_init(|| open(&self.row, sealer)).as_ref()
    }
}

impl From<endpoint::Model> for Subscriber {
    fn from(row: endpoint::Model) -> Self {
        Self {
            row,
            opened: OnceLock::new(),
        }
    }
}

impl Deref for Subscriber {
    type Target = endpoint::Model;

    fn deref(&self) -> &endpoint::Model {
        &self.row
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber").field("id", &self.row.id).finish_non_exhaustive()
    }
}

fn open(row: &endpoint::Model, sealer: &Sealer) -> Option<Opened> {
    let context = row.id.to_string();
    Some(Opened {
        secret: sealer.open_text(&row.secret_sealed, &context)?,
        replaced: replaced(row)
            .filter_map(|(sealed, until)| Some((sealer.open_text(sealed, &context)?, until)))
            .collect(),
        headers: headers(row, sealer, &context),
    })
}

/// The replaced secrets as they stand in the row, the newest first.
fn replaced(row: &endpoint::Model) -> impl Iterator<Item = (&str, i64)> {
    let previous = row.previous_secret_sealed.as_deref().zip(row.previous_until_at);
    let older = row.older_secrets_sealed.iter().flat_map(|older| older.0.iter());
    previous
        .into_iter()
        .chain(older.map(|secret| (secret.sealed.as_str(), secret.until_at)))
}

/// A sealed JSON object of texts.
fn headers(row: &endpoint::Model, sealer: &Sealer, context: &str) -> Vec<(String, Zeroizing<String>)> {
    let Some(sealed) = &row.custom_headers_sealed else {
        return Vec::new();
    };
    let text = sealer.open_text(sealed, context);
    let members = text.and_then(|text| serde_json::from_str::<Map<String, Value>>(&text).ok());
    let Some(members) = members else {
        tracing::error!(endpoint.id = %row.id, "custom headers of an endpoint cannot be opened");
        return Vec::new();
    };
    let texts = members.into_iter().filter_map(|(name, value)| match value {
        Value::String(value) => Some((name, Zeroizing::new(value))),
        _ => None,
    });
    texts.collect()
}
