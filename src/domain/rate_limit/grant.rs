//! Whose limits count: the key's own, what the operator gave its tenant, or what its dialect says.

use super::Limits;
use serde::{Deserialize, Serialize};

/// Quotas the operator gave a tenant beyond its dialect's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Grant {
    /// Calls a minute of a key that names no limit of its own.
    pub per_minute: Option<u32>,
    /// Calls a day of such a key.
    pub per_day: Option<u32>,
    /// Highest per-minute limit a key may have.
    pub keys_per_minute_max: Option<u32>,
}

impl Grant {
    /// The limits in force: `own` are the key's, `usual` its dialect's. A lowered maximum holds for old keys too.
    #[must_use]
    pub fn limits(&self, own: Limits, usual: Limits) -> Limits {
        let most = |limit: u32| self.keys_per_minute_max.map_or(limit, |max| limit.min(max));
        Limits {
            per_minute: own.per_minute.map(most).or(self.per_minute).or(usual.per_minute),
            per_day: own.per_day.or(self.per_day).or(usual.per_day),
        }
    }

    /// The highest per-minute limit that may be asked for, where the dialect allows `usual_max`.
    #[must_use]
    pub fn highest(&self, usual_max: u32) -> u32 {
        let raised = self.per_minute.map_or(usual_max, |granted| granted.max(usual_max));
        self.keys_per_minute_max.unwrap_or(raised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Limits = Limits {
        per_minute: Some(60),
        per_day: Some(1_000),
    };
    const NONE: Limits = Limits {
        per_minute: None,
        per_day: None,
    };

    #[test]
    fn a_key_without_a_limit_follows_the_operator_and_then_the_dialect() {
        let grant = Grant {
            per_minute: Some(5_000),
            ..Grant::default()
        };
        assert_eq!(Grant::default().limits(NONE, USUAL), USUAL);
        assert_eq!(grant.limits(NONE, USUAL).per_minute, Some(5_000));
        assert_eq!(grant.limits(NONE, USUAL).per_day, Some(1_000));
        assert_eq!(grant.limits(Limits::per_minute(7), USUAL).per_minute, Some(7));
        assert_eq!(grant.highest(1_000), 5_000);
    }

    #[test]
    fn a_maximum_holds_for_the_limits_keys_named_themselves() {
        let grant = Grant {
            keys_per_minute_max: Some(100),
            ..Grant::default()
        };
        assert_eq!(grant.limits(Limits::per_minute(500), USUAL).per_minute, Some(100));
        assert_eq!(grant.limits(NONE, USUAL).per_minute, Some(60));
        assert_eq!(grant.highest(1_000), 100);
    }
}
