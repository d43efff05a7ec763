//! What goes in and out, in neutral names.

use crate::resources::products::types::present;
use serde::{Deserialize, Serialize};

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did something.
    Done,
    /// It had been done before, or there is nothing to do.
    Known,
    /// It waits until what it is about is known.
    Waits,
    /// It fits nothing here and never will.
    Misfit(&'static str),
}

/// A tenant's own secrets; absent leaves one, `null` clears it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SetSecrets {
    /// `sk_…` or `rk_…`.
    #[serde(deserialize_with = "present")]
    pub stripe_secret_key: Option<Option<String>>,
    /// `whsec_…`, several separated by commas.
    #[serde(deserialize_with = "present")]
    pub stripe_webhook_secret: Option<Option<String>>,
    /// `pk_…`, which the embedded checkout gives to pages.
    #[serde(deserialize_with = "present")]
    pub stripe_publishable_key: Option<Option<String>>,
}

/// Through whom payments go; never a secret.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentSettings {
    /// `stripe` or `sandbox`.
    pub provider: &'static str,
    /// Whether the tenant has a key of his own.
    pub has_stripe_secret_key: bool,
    /// Whether he has a webhook secret of his own.
    pub has_stripe_webhook_secret: bool,
    /// The key that pages are given.
    pub stripe_publishable_key: Option<String>,
    /// Where Stripe is to post.
    pub webhook_url: String,
    /// What it is to post.
    pub webhook_events: Vec<&'static str>,
}
