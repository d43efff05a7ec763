//! Pure decisions about users and what they may use: orders, ends, what a product was worth.

use super::types::{ExtendAccess, GrantAccess};
use crate::domain::money;
use crate::domain::time::DAY_MS;
use crate::domain::{Error, Result, Timestamp};
use entities::access::{EndReason, Model};

/// The latest moment a grant may name, in days from now.
const FAR_DAYS: i64 = 3_650;

/// What a list of users is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// When they became customers.
    Created,
    /// Their address.
    Email,
    /// When they last signed in.
    SignIn,
    /// How many products they may use.
    Products,
    /// What those cost.
    Value,
    /// When they last got one.
    Granted,
}

impl Order {
    /// The order of a name; one nobody knows is by creation, silently.
    pub fn of(name: Option<&str>) -> Self {
        match name {
            Some("email") => Self::Email,
            Some("last_sign_in_at") => Self::SignIn,
            Some("total_products") => Self::Products,
            Some("total_value") => Self::Value,
            Some("last_access_granted_at") => Self::Granted,
            _ => Self::Created,
        }
    }

    /// The name a cursor keeps.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created_at",
            Self::Email => "email",
            Self::SignIn => "last_sign_in_at",
            Self::Products => "total_products",
            Self::Value => "total_value",
            Self::Granted => "last_access_granted_at",
        }
    }
}

/// Whether an access is shown: it holds, or its time ran out; what was withdrawn is gone.
pub fn is_shown(row: &Model) -> bool {
    row.ended_at.is_none() || row.end_reason == Some(EndReason::Expired)
}

/// When a grant ends and the length it was given as; a length goes before a date, neither is for ever.
///
/// # Errors
/// `Validation` for a date that is over or too far away.
pub fn grant_end(asked: &GrantAccess, now: Timestamp) -> Result<(Option<Timestamp>, Option<i64>)> {
    match (asked.access_duration_days, asked.access_expires_at) {
        (Some(days), _) => Ok((Some(after(now, days)), Some(days))),
        (None, Some(at)) => Ok((Some(future(at, now)?), None)),
        (None, None) => Ok((None, None)),
    }
}

/// When an access ends after a change, and its new length: the first member present decides.
///
/// # Errors
/// `Validation` for none of them, or for a date that is over or too far away.
pub fn new_end(asked: &ExtendAccess, row: &Model, now: Timestamp) -> Result<(Option<Timestamp>, Option<i64>)> {
    if let Some(days) = asked.extend_days {
        let runs_until = row.expires_at.filter(|at| row.ended_at.is_none() && *at > now.0);
        return Ok((Some(after(Timestamp(runs_until.unwrap_or(now.0)), days)), None));
    }
    match (asked.access_expires_at, asked.access_duration_days) {
        (Some(Some(at)), _) => Ok((Some(future(at, now)?), None)),
        (Some(None), _) => Ok((None, None)),
        (None, Some(days)) => Ok((Some(after(now, days)), Some(days))),
        (None, None) => Err(Error::field(
            "extend_days",
            "required",
            "Send extend_days, access_expires_at or access_duration_days",
        )),
    }
}

fn after(from: Timestamp, days: i64) -> Timestamp {
    Timestamp(from.0.saturating_add(days.saturating_mul(DAY_MS)))
}

fn future(at: Timestamp, now: Timestamp) -> Result<Timestamp> {
    let bad = |text| Err(Error::field("access_expires_at", "range", text));
    match at {
        _ if at <= now => bad("access_expires_at must be in the future"),
        // A day of grace: ten years of the calendar have two or three leap days.
        _ if at > after(now, FAR_DAYS + 3) => bad("access_expires_at must be within ten years"),
        _ => Ok(at),
    }
}

/// What several products cost together, in hundredths and in their currency where it is one; otherwise in hundredths of
/// whole units, added whatever they are of.
pub fn worth<'a>(prices: impl IntoIterator<Item = (i64, &'a str)>) -> (i64, Option<String>) {
    let prices: Vec<(i64, &str)> = prices.into_iter().collect();
    let first = prices.first().map(|(_, currency)| *currency);
    if let Some(only) = first.filter(|first| prices.iter().all(|(_, currency)| currency == first)) {
        let sum = prices.iter().map(|(price, _)| price).sum();
        return (sum, Some(only.to_owned()));
    }
    let hundredths =
        |(price, currency): &(i64, &str)| price.saturating_mul(10_i64.pow(2_u32.saturating_sub(money::exponent(currency))));
    (prices.iter().map(hundredths).sum(), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_000 * DAY_MS);

    fn access(expires_at: Option<i64>, ended: Option<EndReason>) -> Model {
        Model {
            id: Uuid::nil(),
            tenant: Uuid::nil(),
            mode: entities::Mode::Live,
            customer: Uuid::nil(),
            product: Uuid::nil(),
            granted_at: 0,
            expires_at,
            duration_days: None,
            ended_at: ended.map(|_| NOW.0),
            end_reason: ended,
            updated_at: 0,
        }
    }

    fn days(number: i64) -> i64 {
        NOW.0 + number * DAY_MS
    }

    #[test]
    fn a_length_goes_before_a_date() {
        let asked = |length, at| GrantAccess {
            product_id: Uuid::nil(),
            access_duration_days: length,
            access_expires_at: at,
        };
        let later = Some(Timestamp(days(3)));
        assert_eq!(
            grant_end(&asked(Some(10), later), NOW).unwrap(),
            (Some(Timestamp(days(10))), Some(10))
        );
        assert_eq!(grant_end(&asked(None, later), NOW).unwrap(), (later, None));
        assert_eq!(grant_end(&asked(None, None), NOW).unwrap(), (None, None));
        assert!(grant_end(&asked(None, Some(NOW)), NOW).is_err());
        assert!(grant_end(&asked(None, Some(Timestamp(days(3_660)))), NOW).is_err());
    }

    #[test]
    fn time_is_added_to_what_is_left_or_to_now() {
        let more = ExtendAccess {
            extend_days: Some(5),
            ..ExtendAccess::default()
        };
        let end = |row: &Model| new_end(&more, row, NOW).unwrap().0;
        assert_eq!(end(&access(Some(days(2)), None)), Some(Timestamp(days(7))));
        assert_eq!(end(&access(None, None)), Some(Timestamp(days(5))));
        assert_eq!(
            end(&access(Some(days(-2)), Some(EndReason::Expired))),
            Some(Timestamp(days(5)))
        );
        let for_ever = ExtendAccess {
            access_expires_at: Some(None),
            ..ExtendAccess::default()
        };
        assert_eq!(new_end(&for_ever, &access(Some(days(2)), None), NOW).unwrap(), (None, None));
        assert!(new_end(&ExtendAccess::default(), &access(None, None), NOW).is_err());
    }

    #[test]
    fn withdrawn_access_is_gone_and_expired_one_is_not() {
        assert!(is_shown(&access(None, None)));
        assert!(is_shown(&access(Some(1), Some(EndReason::Expired))));
        assert!(!is_shown(&access(None, Some(EndReason::Revoked))));
    }

    #[test]
    fn prices_are_added_in_their_currency_or_in_whole_units() {
        assert_eq!(worth([]), (0, None));
        assert_eq!(worth([(500, "JPY"), (20, "JPY")]), (520, Some("JPY".to_owned())));
        assert_eq!(worth([(500, "JPY"), (1_995, "USD")]), (51_995, None));
    }
}
