//! What a key's row says of a call: the same words wherever it is judged.

use super::messages::{Admit, Admitted, KeyRecord, Refusal, Verdict};
use crate::domain::rate_limit::{Quota, Refused, Which};
use crate::domain::{Code, Error, Timestamp};
use serde_json::json;
use std::sync::Arc;

/// Whether the credential proves anything at this moment and from this address.
pub fn is_good(key: &KeyRecord, admit: &Admit) -> bool {
    let is_before = |end: Timestamp| admit.now < end;
    // A rotated key is good until its grace ends, whatever the switch says.
    let is_on = key.grace_until_at.map_or(key.is_active, is_before);
    let is_at_home = key.allowed_networks.is_empty() || {
        let address = admit.address.to_canonical();
        key.allowed_networks.iter().any(|network| network.contains(&address))
    };
    is_on && !key.is_revoked && key.expires_at.is_none_or(is_before) && is_at_home
}

/// The verdict on a call that was charged: 403 where the key may not do it.
pub fn charged(key: Arc<KeyRecord>, admit: &Admit, quota: Quota) -> Verdict {
    match forbidden(&key, admit) {
        None => Ok(Admitted { key, quota }),
        Some(error) => Err(Refusal {
            error,
            quota: Some(quota),
            key: Some(key),
        }),
    }
}

fn forbidden(key: &KeyRecord, admit: &Admit) -> Option<Error> {
    if key.is_tenant_suspended {
        return Some(Error::new(Code::Forbidden, "This account is suspended."));
    }
    let scope = admit.scope.filter(|scope| !key.scopes.contains(*scope))?;
    let error = Error::new(Code::ScopeMissing, format!("This key lacks the scope {scope}."));
    Some(error.with_details(json!({ "required_scope": scope.name() })))
}

/// The 401 of a key that proves nothing.
pub fn invalid_key() -> Error {
    Error::new(Code::InvalidToken, "Invalid or expired API key.")
}

/// The refusal of a key whose window is full.
pub fn over_quota(refused: &Refused, key: Arc<KeyRecord>) -> Refusal {
    Refusal {
        error: rate_limited(refused),
        quota: Some(refused.quota),
        key: Some(key),
    }
}

/// The 429 of a full window; the message names the window and the seconds, as the bigclass contract asks.
pub fn rate_limited(refused: &Refused) -> Error {
    let (which, seconds) = (refused.which.name(), refused.retry_after_s);
    let message = format!("Rate limit per {which} exceeded; try again in {seconds} seconds.");
    let window = match refused.which {
        Which::Minute => refused.quota.minute,
        Which::Day => refused.quota.day,
    };
    let limit = window.map(|window| window.limit);
    let mut error = Error::new(Code::RateLimited, message).with_details(json!({ "bucket": which, "limit": limit }));
    error.retry_after_s = Some(seconds);
    error
}
