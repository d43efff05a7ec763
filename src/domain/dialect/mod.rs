//! Dialects: the same server spoken to in several sets of wire conventions, each one TOML file.
//!
//! [`Dialects`] holds all of them, read once and checked; `choose` picks the one of a request; a [`Dialect`] then reads
//! bodies into neutral values and renders neutral values, errors and events in its own words. Neutral members are
//! snake_case, moments are epoch milliseconds in members ending `_at`, money is minor units in members ending `_minor`
//! with a `currency` beside it. Nothing here does I/O but the reading of the files at the start.
//!
//! It must never know a resource, and no code may ask for a dialect's name: what differs is a key in its file.
//! Read on in `file` (what a file may say), then `form`, `view` and `envelope`; `plan` and `sheet` are how these two are written
//! fast.

mod amount;
mod casing;
mod choose;
mod coerce;
mod entry;
mod envelope;
mod error_body;
mod file;
mod folder;
mod form;
mod paging;
mod plan;
mod questions;
mod reading;
mod rules;
mod schema;
mod scopes;
mod sheet;
mod view;
mod webhook;

#[cfg(test)]
mod tests;

pub use amount::Unit;
pub use casing::{Casing, to_camel, to_snake};
pub use choose::{Choice, Hints, Rule};
pub use paging::{CursorForm, OutOfRange, PageInfo, PageRequest, PageStyle, PagingRules};
pub use rules::{CallWindow, CredentialRules, KeyRules, LimitRules, Manage, Routing, ScopeDefault, TimeForm};
pub use sheet::Written;
pub use webhook::{Attempt, HeaderNames, Shaping, SignatureForm, WebhookRules};

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The name of the dialect that every other falls back to.
const NATIVE: &str = "fondaco";

/// All dialects of a server; cloning shares them.
#[derive(Clone, Debug)]
pub struct Dialects {
    all: Arc<[Arc<Dialect>]>,
    native: Arc<Dialect>,
}

/// One set of wire conventions.
#[derive(Debug)]
pub struct Dialect {
    /// The file's name, by which tenants and keys refer to it.
    pub name: String,
    /// The name shown to people.
    pub brand: String,
    /// What tells that a request is meant for it.
    pub routing: Routing,
    /// The form and the making of keys.
    pub keys: KeyRules,
    /// Where a credential may stand.
    pub credential: CredentialRules,
    /// How often a caller may call.
    pub limits: LimitRules,
    /// How lists are cut.
    pub paging: PagingRules,
    /// How events are delivered.
    pub webhooks: WebhookRules,
    /// Units of catalogue prices.
    pub money: MoneyRules,
    /// How moments are written in answers.
    pub times: TimeForm,
    casing: rules::CasingRules,
    reading: rules::ReadingRules,
    envelope: rules::EnvelopeRules,
    errors: error_body::ErrorRules,
    messages: BTreeMap<String, String>,
    scopes: scopes::ScopeRules,
    nouns: BTreeMap<String, (String, String)>,
    ops: BTreeMap<String, rules::OpRules>,
    forms: BTreeMap<String, form::Form>,
    views: BTreeMap<String, Vec<entry::Entry>>,
    maps: BTreeMap<String, Map<String, Value>>,
    /// Stands in for forms and views this one lacks; `None` in the native dialect alone.
    native: Option<Arc<Dialect>>,
    /// What was worked out of all this.
    sheets: sheet::Sheets,
}

/// The section `[money]`.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoneyRules {
    /// The unit of catalogue prices.
    pub catalog: Unit,
}

/// What became of the thing an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// It was read or changed.
    Ok,
    /// It was made.
    Created,
    /// It will be done later.
    Accepted,
    /// It is gone.
    Deleted,
}

/// An answer, complete but for its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body; `None` means no body at all.
    pub body: Option<Value>,
    /// Headers that belong to this answer, such as `Retry-After`.
    pub headers: Vec<(String, String)>,
}

impl Dialects {
    /// Loads the dialects that are compiled in and those of a folder; the error names file, key, value and remedy.
    pub fn load(folder: Option<&Path>) -> Result<Self, String> {
        folder::load(folder)
    }

    /// Finds a dialect by name.
    pub fn get(&self, name: &str) -> Option<&Arc<Dialect>> {
        self.all.iter().find(|dialect| dialect.name == name)
    }

    /// The dialect that every other falls back to.
    pub fn native(&self) -> &Arc<Dialect> {
        &self.native
    }

    /// Names of all dialects, the native one first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|dialect| dialect.name.as_str())
    }

    /// All dialects, the native one first.
    pub fn all(&self) -> &[Arc<Dialect>] {
        &self.all
    }
}
