//! Pure decisions about licences: where one stands, what it may still do, and what a validation says.

use crate::domain::time::{DAY_MS, MINUTE_MS};
use crate::domain::{Code, Error, Timestamp};
use entities::license::{self, Kind, Status};
use entities::machine;
use entities::policy::{self, Expiration};
use serde_json::json;

/// No limit, as one contract writes it.
pub const UNLIMITED: i64 = -1;
/// Missed heartbeats cost a session its seat after this long: three intervals of five minutes.
pub const SEAT_MS: i64 = 15 * MINUTE_MS;
/// A suspended licence works on for this long at the license server.
pub const SUSPENSION_GRACE_MS: i64 = 3 * DAY_MS;

/// Where a licence stands at this moment: its end may have come since it was last looked at.
pub fn standing(row: &license::Model, now: Timestamp) -> Status {
    let is_over = row.expires_at.is_some_and(|at| at <= now.0);
    match row.status {
        Status::Active | Status::Degraded if is_over => Status::Expired,
        status => status,
    }
}

/// What becomes of it once it has run out.
pub fn expiration(policy: Option<&policy::Model>) -> Expiration {
    policy.map_or(Expiration::RestrictAccess, |policy| policy.expiration)
}

/// A limit of a licence's own, which counts as long as its policy lets it have any.
fn own(limit: Option<i64>, policy: Option<&policy::Model>) -> Option<i64> {
    limit.filter(|_| policy.is_none_or(|policy| policy.overridable))
}

/// Its greatest number of machines; `None` is no limit.
pub fn machines_max(row: &license::Model, policy: Option<&policy::Model>) -> Option<i64> {
    let own = own(row.max_machines, policy).or_else(|| policy.and_then(|policy| policy.max_machines));
    own.filter(|max| *max != UNLIMITED && row.kind != Kind::Site)
}

/// Its greatest number of validations; `None` is no limit.
pub fn uses_max(row: &license::Model, policy: Option<&policy::Model>) -> Option<i64> {
    own(row.max_uses, policy).or_else(|| policy.and_then(|policy| policy.max_uses))
}

/// Its end, where nobody names one, counted from `now`.
pub fn end_from(policy: Option<&policy::Model>, now: Timestamp) -> Option<i64> {
    let policy = policy?;
    let trial = policy.trial_days.filter(|_| policy.is_trial);
    trial.or(policy.duration_days).map(|days| after_days(now.0, days))
}

/// So many days later.
pub fn after_days(from: i64, days: i64) -> i64 {
    from.saturating_add(days.saturating_mul(DAY_MS))
}

/// Gives a licence another end; one that had run out is good again where the new one is ahead.
pub fn reschedule(row: &mut license::Model, expires_at: Option<i64>, now: Timestamp) {
    row.expires_at = expires_at;
    row.due_at = expires_at.filter(|_| is_open(row.status));
    if row.status == Status::Expired && expires_at.is_none_or(|at| at > now.0) {
        row.status = if row.threat_level == 2 {
            Status::Degraded
        } else {
            Status::Active
        };
        row.due_at = expires_at;
    }
}

fn is_open(status: Status) -> bool {
    !matches!(status, Status::Expired | Status::Revoked | Status::Banned)
}

/// Why a licence may not be used for anything new; an expired one may where its policy says so.
pub fn obstacle(row: &license::Model, policy: Option<&policy::Model>, now: Timestamp) -> Option<Error> {
    let refused = |message: &'static str, text: &'static str| Some(Error::new(Code::Conflict, message).with_text(text));
    match standing(row, now) {
        Status::Active | Status::Degraded => None,
        Status::Suspended => refused("The licence is suspended.", "license_suspended"),
        Status::Revoked => refused("The licence is revoked.", "license_revoked"),
        Status::Banned => refused("The licence is banned.", "license_banned"),
        Status::Expired if expiration(policy) == Expiration::AllowAccess => None,
        Status::Expired => refused("The licence has expired.", "license_expired"),
    }
}

/// A house that is full.
pub fn full(max: i64, current: i64, is_floating: bool) -> Error {
    let text = if is_floating { "floating_limit" } else { "machine_limit" };
    Error::new(Code::BusinessRule, "The licence has as many machines as it may have.")
        .with_text(text)
        .with_details(json!({ "max": max, "current": current }))
}

/// How a machine's heart beats.
pub fn heartbeat(row: &machine::Model, now: Timestamp) -> &'static str {
    let is_overdue = row.due_at.is_some_and(|at| at <= now.0);
    match row.last_heartbeat_at {
        _ if row.dead_at.is_some() || is_overdue => "DEAD",
        None => "NOT_STARTED",
        Some(_) => "ALIVE",
    }
}

/// When a machine heard of at `now` counts as dead.
pub fn heartbeat_due(policy: Option<&policy::Model>, now: Timestamp) -> Option<i64> {
    let policy = policy.filter(|policy| policy.require_heartbeat)?;
    Some(now.0.saturating_add(policy.heartbeat_minutes.saturating_mul(MINUTE_MS)))
}

/// What a validation is about.
pub struct Question<'a> {
    /// The licence of the key.
    pub license: &'a license::Model,
    /// Its policy.
    pub policy: Option<&'a policy::Model>,
    /// Whether a fingerprint was sent.
    pub has_fingerprint: bool,
    /// The machine of that fingerprint.
    pub machine: Option<&'a machine::Model>,
    /// Features it has.
    pub held: &'a [String],
    /// Features it is asked for.
    pub wanted: &'a [String],
    /// The moment.
    pub now: Timestamp,
}

/// The answer to a validation: whether it is good, and the code.
pub fn validate(question: &Question<'_>) -> (bool, &'static str) {
    let Question {
        license,
        policy,
        machine,
        ..
    } = question;
    let mut good = "VALID";
    match standing(license, question.now) {
        Status::Active | Status::Degraded => {}
        Status::Suspended => return (false, "SUSPENDED"),
        Status::Revoked => return (false, "REVOKED"),
        Status::Banned => return (false, "BANNED"),
        Status::Expired => match expiration(*policy) {
            Expiration::RestrictAccess => return (false, "EXPIRED"),
            Expiration::AllowAccess => good = "EXPIRED",
            Expiration::Revoke => return (false, "REVOKED"),
        },
    }
    let needs_machine = policy.is_none_or(|policy| policy.require_fingerprint);
    if question.has_fingerprint && machine.is_none() && needs_machine {
        return (false, "FINGERPRINT_NOT_FOUND");
    }
    if machines_max(license, *policy).is_some_and(|max| license.machines_count > max) {
        return (false, "MACHINE_LIMIT_EXCEEDED");
    }
    let needs_heart = policy.is_some_and(|policy| policy.require_heartbeat);
    if needs_heart && machine.is_some_and(|machine| heartbeat(machine, question.now) != "ALIVE") {
        return (false, "HEARTBEAT_REQUIRED");
    }
    if question.wanted.iter().any(|code| !question.held.contains(code)) {
        return (false, "ENTITLEMENTS_MISSING");
    }
    if uses_max(license, *policy).is_some_and(|max| license.uses_count >= max) {
        return (false, "USES_EXCEEDED");
    }
    (true, good)
}
