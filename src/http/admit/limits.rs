//! Limits per address: failed authentications, and operations whose contract counts addresses.

use super::holding::hold_back;
use super::{Door, Entry, Refused};
use crate::actors::meter::MeterKey;
use crate::context::{House, Principal};
use crate::domain::dialect::Dialect;
use crate::domain::rate_limit::{Limits, Quota};
use crate::domain::{Code, Kind, Timestamp};
use std::net::IpAddr;

impl Door<'_> {
    /// A 401: it costs nothing but, where a credential was sent, one of the failures its address may make.
    pub(super) async fn failed(&self, mut refused: Refused) -> Refused {
        let cost = u32::from(refused.error.code == Code::InvalidToken);
        let key = MeterKey::FailedAuth(self.address);
        let limits = Limits::per_minute(self.choice.dialect.limits.failures_per_minute);
        let quota = match self.house.actors.metered(key, limits, cost, self.now).await {
            Ok(quota) => quota,
            Err(refusal) => {
                if cost > 0 {
                    refused.error = refusal.error;
                    hold_back().await;
                }
                refusal.quota.unwrap_or_default()
            }
        };
        refused.quota = Some(match self.tier() {
            Some((key, limits)) if refused.error.kind() == Kind::Unauthenticated => {
                let seen = self.house.actors.metered(key, limits, 0, self.now).await;
                seen.unwrap_or_else(|refusal| refusal.quota.unwrap_or(quota))
            }
            _ => with_day(self.house, quota, &self.choice.dialect, (self.address, self.now)).await,
        });
        refused
    }

    /// The limit per address that stands in place of the caller's own, where the contract has one for the operation.
    pub(super) fn tier(&self) -> Option<(MeterKey, Limits)> {
        let limit = *self.choice.dialect.limits.tiers.get(self.route.op)?;
        Some((MeterKey::Op(self.route.op, self.address), Limits::per_minute(limit)))
    }

    pub(super) async fn in_tier(&self, mut entry: Entry) -> Result<Entry, Refused> {
        let Some((key, limits)) = self.tier() else { return Ok(entry) };
        match self.house.actors.metered(key, limits, 1, self.now).await {
            Ok(quota) => {
                entry.quota = Some(quota);
                Ok(entry)
            }
            Err(refusal) => {
                let tenant = entry.room.map(|room| room.tenant);
                Err(Refused {
                    dialect: entry.dialect,
                    tenant,
                    ..Refused::from(refusal)
                })
            }
        }
    }

    /// Counts a call of an operation that the contract gives a window of its own, by who calls.
    pub(super) async fn in_window(&self, entry: Entry) -> Result<Entry, Refused> {
        let Some(window) = self.choice.dialect.limits.windows.get(self.route.op) else {
            return Ok(entry);
        };
        let who = match &entry.principal {
            Principal::Key(key) => key.id,
            Principal::Person(signed) => signed.person,
            _ => return Ok(entry),
        };
        let width_ms = i64::from(window.seconds.max(1)) * 1_000;
        let start = self.now.floor(width_ms);
        // The window's first minute stands for all of it.
        let key = MeterKey::PersonOp(self.route.op, who);
        let counted = self.house.actors.meter(key, Limits::per_minute(window.calls), start).await;
        let Err(mut error) = counted else { return Ok(entry) };
        if error.kind() == Kind::RateLimited {
            error.message = format!("This can be done {} times in {} seconds.", window.calls, window.seconds).into();
            error.retry_after_s = Some(Timestamp(start.0 + width_ms).seconds_from(self.now).max(1));
        }
        Err(Refused {
            error,
            quota: entry.quota,
            dialect: entry.dialect,
            tenant: entry.room.map(|room| room.tenant),
        })
    }

    /// A 403 costs what a good call costs, and 429 goes before it.
    pub(super) async fn refused_in_tier(&self, mut refused: Refused) -> Refused {
        let Some((key, limits)) = self.tier() else { return refused };
        match self.house.actors.metered(key, limits, 1, self.now).await {
            Ok(quota) => refused.quota = Some(quota),
            Err(refusal) => (refused.error, refused.quota) = (refusal.error, refusal.quota),
        }
        refused
    }
}

/// Where a contract counts days too, what is left of the address's. The day is told and refuses nothing: who guesses is held by
/// the minute, and many who share an address are not shut out until midnight.
pub(super) async fn with_day(house: &House, quota: Quota, dialect: &Dialect, (address, now): (IpAddr, Timestamp)) -> Quota {
    if dialect.limits.per_day.is_none() {
        return quota;
    }
    let limits = Limits {
        per_minute: None,
        per_day: dialect.limits.per_day,
    };
    let seen = house.actors.metered(MeterKey::FailedAuth(address), limits, 0, now).await;
    let day = seen.map_or_else(|refusal| refusal.quota.and_then(|quota| quota.day), |quota| quota.day);
    Quota { day, ..quota }
}
