//! The plain settings of a dialect: credentials, keys, limits, routing and replies, as its file states them.

use super::casing::Casing;
use crate::domain::Timestamp;
use crate::domain::rate_limit::Limits;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What tells that a request is meant for this dialect.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Routing {
    /// Host names that mean this dialect, without port.
    pub hosts: Vec<String>,
    /// Path prefixes that belong to it alone, such as `/v1/`.
    pub prefixes: Vec<String>,
    /// Verbs that stand alone at the root, such as `createApiKey`.
    pub root_verbs: Vec<String>,
    /// Whether any other verb of that look at the root is asked of it too, to be told that there is none.
    pub root_camel: bool,
    /// Of the paths below of other contracts, those where its tenants' owners are answered in their own words.
    pub owner_paths: Vec<String>,
    /// Kinds of things that it names otherwise than by their ids: `product`, `api_key`, `license`.
    pub named: Vec<String>,
    /// Whether a key of this dialect decides on all of `/api/v1`, before the paths below.
    pub key_wins: bool,
    /// Paths below `/api/v1/` that belong to one contract, such as `licenses`.
    pub paths: Vec<String>,
    /// How a credential begins, even one that is not valid; the key prefixes count by themselves.
    pub key_hints: Vec<String>,
    /// Path prefixes below which an error is `{"error": text}`, whatever the dialect; those of the native file count.
    pub flat: Vec<String>,
    /// Authorization schemes of its own, compared without regard to case.
    pub schemes: Vec<String>,
}

/// Who may manage keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manage {
    /// The owner's session.
    #[default]
    Session,
    /// The holder of the operator's secret.
    AdminSecret,
}

/// What a creation without scopes, or with an empty list, means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeDefault {
    /// Every permission.
    All,
    /// A validation error.
    #[default]
    Refuse,
    /// A key that may do nothing.
    None,
}

/// The form and the making of keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRules {
    /// Prefix of live keys, such as `fo_live_`.
    pub live: String,
    /// Prefix of test keys, where the dialect has any.
    #[serde(default)]
    pub test: Option<String>,
    /// How many leading characters are kept for display.
    #[serde(default = "twelve")]
    pub prefix_shown: usize,
    /// Who may manage keys.
    #[serde(default)]
    pub manage: Manage,
    /// What a creation without `scopes` gives.
    #[serde(default)]
    pub omitted_scopes: ScopeDefault,
    /// What a creation with an empty `scopes` gives.
    #[serde(default)]
    pub empty_scopes: ScopeDefault,
    /// Whether a key can be replaced by another that takes over its place.
    #[serde(default = "yes")]
    pub rotation: bool,
    /// Whether a creation also tells the tenant's signing keys.
    #[serde(default)]
    pub tells_signing_keys: bool,
    /// Whether a licence's key is told to its tenant again whenever the licence is.
    #[serde(default)]
    pub tells_license_keys: bool,
}

fn yes() -> bool {
    true
}

fn twelve() -> usize {
    12
}

/// Where a credential may stand.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CredentialRules {
    /// `Authorization: Bearer …`.
    pub bearer: bool,
    /// `Authorization: …` without a scheme.
    pub bare_authorization: bool,
    /// `X-API-Key: …`.
    pub x_api_key: bool,
    /// A query parameter of this name.
    pub query: Option<String>,
    /// A member of the JSON body of this name.
    pub body: Option<String>,
    /// A member of the JSON body (or a query parameter) that carries the operator's secret.
    pub admin_body: Option<String>,
    /// A header that carries the operator's secret.
    pub admin_header: Option<String>,
    /// A member of the JSON body (or a query parameter) by which the operator names the tenant.
    pub tenant_body: Option<String>,
    /// `Authorization: License …`, a licence key.
    pub license_scheme: bool,
}

/// How often a caller may call.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitRules {
    /// Calls a minute of a key that names no limit of its own.
    pub per_minute: u32,
    /// Least calls a minute a key may be given.
    pub per_minute_min: u32,
    /// Most calls a minute a key may be given.
    pub per_minute_max: u32,
    /// Calls a UTC day of a key, where the dialect has such a bucket.
    pub per_day: Option<u32>,
    /// Failed authentications a minute of an address.
    pub failures_per_minute: u32,
    /// Whether the calls of people's sessions are counted, as a bound against runaway pages.
    pub counts_sessions: bool,
    /// Whether answers carry the `X-RateLimit-Daily-*` headers.
    pub daily_headers: bool,
    /// Calls a minute per address of single operations, in place of the key's bucket.
    pub tiers: BTreeMap<String, u32>,
    /// Calls an hour of single operations per subject, such as a licence key.
    pub hourly: BTreeMap<String, u32>,
    /// Calls of single operations that one caller may make in so many seconds, beside his bucket.
    pub windows: BTreeMap<String, CallWindow>,
}

/// So many calls in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallWindow {
    /// How many.
    pub calls: u32,
    /// In how long.
    pub seconds: u32,
}

impl Default for LimitRules {
    fn default() -> Self {
        Self {
            per_minute: 60,
            per_minute_min: 1,
            per_minute_max: 1000,
            per_day: None,
            failures_per_minute: 60,
            counts_sessions: true,
            daily_headers: false,
            tiers: BTreeMap::new(),
            hourly: BTreeMap::new(),
            windows: BTreeMap::new(),
        }
    }
}

impl LimitRules {
    /// The limits of a key that names none, where the operator gave its tenant none either.
    pub const fn usual(&self) -> Limits {
        Limits {
            per_minute: Some(self.per_minute),
            per_day: self.per_day,
        }
    }
}

/// How moments are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeForm {
    /// `2026-01-10T08:00:00.000Z`.
    #[default]
    Millis,
    /// `2026-01-10T08:00:00Z`.
    Seconds,
}

impl TimeForm {
    /// Writes a moment in this form.
    pub fn write(self, at: Timestamp) -> String {
        match self {
            Self::Millis => at.millis_text(),
            Self::Seconds => at.seconds_text(),
        }
    }

    /// Adds a moment in this form to a text.
    pub(super) fn push(self, at: Timestamp, out: &mut String) {
        at.push_text(out, self == Self::Millis);
    }
}

/// Spelling of names in bodies.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CasingRules {
    /// How names in bodies are spelt where no view or form prints them.
    pub(super) body: Casing,
    /// Members whose content is the caller's own and is never respelt.
    pub(super) opaque: Vec<String>,
}

/// How bodies are read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReadingRules {
    /// Whether `null` for a field that may not be null means that it was not sent.
    pub(super) null_is_absent: bool,
}

/// What a member of an answer is wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wrap {
    /// `{"data": …}`.
    #[default]
    Data,
    /// `{"product": …}`.
    Noun,
    /// The members stand at the top.
    Flat,
}

/// What a deletion answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// Nothing at all.
    #[default]
    Empty,
    /// `{"success": true}`.
    Success,
    /// The view, as any other answer.
    View,
}

/// The shape of good answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct EnvelopeRules {
    pub(super) single: Wrap,
    pub(super) list: Wrap,
    /// Name of a member that says true beside every good answer.
    pub(super) success: Option<String>,
    pub(super) created: u16,
    pub(super) accepted: u16,
    pub(super) deleted: u16,
    pub(super) deleted_reply: Reply,
}

impl Default for EnvelopeRules {
    fn default() -> Self {
        Self {
            single: Wrap::Data,
            list: Wrap::Data,
            success: None,
            created: 201,
            accepted: 202,
            deleted: 204,
            deleted_reply: Reply::Empty,
        }
    }
}

/// What one operation does otherwise than its dialect.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OpRules {
    pub(super) status: Option<u16>,
    pub(super) reply: Option<Reply>,
    pub(super) wrap: Option<Wrap>,
    pub(super) noun: Option<String>,
    pub(super) view: Option<String>,
    /// Name of the member that says whether it went well, in place of the envelope's.
    pub(super) success: Option<String>,
    /// Members of the view that stand beside the wrapped rest.
    pub(super) beside: Vec<String>,
    pub(super) codes: BTreeMap<String, super::error_body::Spelling>,
    /// Texts of its errors, before those of all operations.
    pub(super) messages: BTreeMap<String, String>,
}
