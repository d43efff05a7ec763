//! Pure decisions about keys.

use super::types::UpdateKey;
use crate::domain::dialect::Dialect;
use crate::domain::rate_limit::{Grant, Limits};
use crate::domain::{Code, Error, Result, ScopeSet, Timestamp};
use entities::Names;
use entities::api_key::Model;
use ipnet::IpNet;
use std::net::IpAddr;
use std::time::Duration;

const ROTATED: &str = " (rotated)";
/// Longest name of a key, in characters; what rotation adds must not break it.
const NAME_MAX: usize = 100;

/// The limits in force for a key.
pub(super) fn limits(row: &Model, grant: &Grant, dialect: &Dialect) -> Limits {
    let own = |limit: Option<i32>| limit.and_then(|limit| u32::try_from(limit).ok());
    let own = Limits {
        per_minute: own(row.per_minute),
        per_day: own(row.per_day),
    };
    grant.limits(own, dialect.limits.usual())
}

/// The scopes as the key's own dialect tells them.
pub(super) fn shown_scopes(row: &Model, dialect: &Dialect) -> Vec<String> {
    if row.scopes.0.iter().any(|name| name == "*") {
        dialect.scopes_write(ScopeSet::ALL)
    } else {
        row.scopes.0.clone()
    }
}

/// Each name once, in the order they came.
pub(super) fn each_once(names: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    kept
}

/// The column of a limit that was asked for; it must lie within the bounds.
///
/// # Errors
/// `Validation`.
pub(super) fn asked_limit(asked: Option<u32>, grant: &Grant, dialect: &Dialect) -> Result<Option<i32>> {
    let (lowest, highest) = (dialect.limits.per_minute_min, grant.highest(dialect.limits.per_minute_max));
    match asked {
        Some(asked) if asked < lowest || asked > highest => {
            let text = format!("rate_limit_per_minute must be between {lowest} and {highest}");
            Err(Error::field("rate_limit_per_minute", "range", text))
        }
        asked => Ok(column(asked)),
    }
}

/// A limit as its column holds it.
pub(super) fn column(limit: Option<u32>) -> Option<i32> {
    limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX))
}

/// An expiry that lies ahead, or none.
///
/// # Errors
/// `Validation`.
pub(super) fn ahead(expires_at: Option<Timestamp>, now: Timestamp) -> Result<Option<i64>> {
    match expires_at {
        Some(at) if at <= now => Err(Error::field("expires_at", "past", "expires_at must be in the future")),
        at => Ok(at.map(|at| at.0)),
    }
}

/// Networks and addresses a key may be used from; none means anywhere.
///
/// # Errors
/// `Validation`, naming each that is neither.
pub(super) fn networks(texts: Option<&[String]>) -> Result<Option<Names>> {
    let texts = texts.unwrap_or_default();
    let is_bad = |text: &str| text.parse::<IpNet>().is_err() && text.parse::<IpAddr>().is_err();
    let bad = texts.iter().enumerate().filter(|(_, text)| is_bad(text));
    let errors: Vec<_> = bad
        .map(|(place, text)| crate::domain::FieldError {
            field: format!("allowed_networks.{place}").into(),
            message: format!("`{text}` is no network.").into(),
            rule: "network",
        })
        .collect();
    match errors.is_empty() {
        true => Ok((!texts.is_empty()).then(|| texts.to_vec().into())),
        false => Err(Error::fields(errors)),
    }
}

/// Revokes a row for good.
pub(super) fn end(row: &mut Model, now: Timestamp, reason: Option<String>) {
    row.revoked_at = Some(now.0);
    row.revoked_reason = reason;
    row.is_active = false;
    row.grace_until_at = None;
    row.updated_at = now.0;
}

/// # Errors
/// `Validation` for a key that is revoked.
pub(super) fn refuse_revoked(row: &Model) -> Result<()> {
    match row.revoked_at {
        Some(_) => Err(Error::new(Code::Validation, "This key is revoked.")),
        None => Ok(()),
    }
}

/// # Errors
/// `Validation` for a key that no longer works for good: what replaces it would not work either.
pub(super) fn refuse_spent(row: &Model, now: Timestamp) -> Result<()> {
    refuse_revoked(row)?;
    if !row.is_active {
        return Err(Error::new(Code::Validation, "A key that is not active cannot be rotated."));
    }
    if row.expires_at.is_some_and(|at| at <= now.0) {
        return Err(Error::new(Code::Validation, "A key that has expired cannot be rotated."));
    }
    Ok(())
}

/// Until when a replaced key stays good: never beyond its own expiry; `None` means not at all.
pub(super) fn grace(expires_at: Option<i64>, hours: u32, now: Timestamp) -> Option<i64> {
    let end = now + Duration::from_secs(u64::from(hours) * 3600);
    (hours > 0).then(|| expires_at.map_or(end.0, |own| own.min(end.0)))
}

/// The name of the key that takes over.
pub(super) fn rotated_name(name: &str) -> String {
    if name.ends_with(ROTATED) {
        return name.to_owned();
    }
    let kept: String = name.chars().take(NAME_MAX - ROTATED.len()).collect();
    format!("{kept}{ROTATED}")
}

/// The names of what a change changes, for the audit log.
pub(super) fn fields_of(change: &UpdateKey) -> Vec<&'static str> {
    let named = [
        ("name", change.name.is_some()),
        ("scopes", change.scopes.is_some()),
        ("rate_limit_per_minute", change.rate_limit_per_minute.is_some()),
        ("rate_limit_per_day", change.rate_limit_per_day.is_some()),
        ("is_active", change.is_active.is_some()),
        ("note", change.note.is_some()),
        ("expires_at", change.expires_at.is_some()),
        ("allowed_networks", change.allowed_networks.is_some()),
    ];
    let changed = named.into_iter().filter(|(_, is_named)| *is_named);
    changed.map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);
    const HOUR_MS: i64 = 3_600_000;

    #[test]
    fn grace_ends_to_the_second_and_never_outlives_the_old_key() {
        assert_eq!(grace(None, 0, NOW), None);
        assert_eq!(grace(None, 24, NOW), Some(NOW.0 + 24 * HOUR_MS));
        assert_eq!(grace(Some(NOW.0 + HOUR_MS), 24, NOW), Some(NOW.0 + HOUR_MS));
        assert_eq!(grace(Some(NOW.0 + 48 * HOUR_MS), 24, NOW), Some(NOW.0 + 24 * HOUR_MS));
    }

    #[test]
    fn a_rotated_name_says_so_once_and_stays_short_enough() {
        assert_eq!(rotated_name("ci"), "ci (rotated)");
        assert_eq!(rotated_name("ci (rotated)"), "ci (rotated)");
        assert_eq!(rotated_name(&"é".repeat(100)).chars().count(), 100);
    }

    #[test]
    fn networks_are_cidrs_or_addresses() {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(networks(Some(&texts(&["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"]))).is_ok());
        assert_eq!(networks(Some(&[])).unwrap(), None);
        let error = networks(Some(&texts(&["10.0.0.0/8", "here", "10.0.0.0/33"]))).unwrap_err();
        let fields: Vec<_> = error.fields.iter().map(|field| field.field.as_ref()).collect();
        assert_eq!(fields, ["allowed_networks.1", "allowed_networks.2"]);
    }
}
