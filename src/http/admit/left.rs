//! What is left of a caller's limits where his call does not get as far as admission: a path or a method that no route has,
//! a body that is too large. Such a call costs nothing.

use super::limits::with_day;
use super::session::PERSON_PER_MINUTE;
use crate::actors::meter::MeterKey;
use crate::actors::tenant::messages::Admit;
use crate::context::House;
use crate::domain::Timestamp;
use crate::domain::api_key::{self, Digest};
use crate::domain::dialect::{Choice, Dialect, Rule};
use crate::domain::rate_limit::{Limits, Quota};
use crate::http::credential::Presented;
use crate::store::credentials;
use std::net::IpAddr;
use std::sync::Arc;

/// What the key, the person or else the address behind a call has left; `None` where nothing tells that an API is meant.
pub async fn left(house: &House, presented: &Presented, choice: &Choice, (address, now): (IpAddr, Timestamp)) -> Option<Quota> {
    // Where a contract has its limits told on every answer, they are told to everybody.
    let is_silent = !choice.dialect.limits.daily_headers;
    if choice.by == Rule::Default && presented.is_nothing() && is_silent {
        return None;
    }
    if let Some(quota) = of_key(house, presented, (address, now)).await {
        return Some(quota);
    }
    if let Some(quota) = of_person(house, presented, now).await {
        return Some(quota);
    }
    let limits = Limits::per_minute(choice.dialect.limits.failures_per_minute);
    let seen = house.actors.metered(MeterKey::FailedAuth(address), limits, 0, now).await;
    let quota = seen.or_else(|refusal| refusal.quota.ok_or(())).ok()?;
    Some(with_day(house, quota, &choice.dialect, (address, now)).await)
}

/// The dialect of the shop that a signed-in person acts for, by `X-Tenant` or else his first.
pub async fn spoken(house: &House, presented: &Presented, wanted: Option<&str>, now: Timestamp) -> Option<Arc<Dialect>> {
    let found = session(house, presented, now).await?;
    let mut shops = found.memberships.iter().map(|(_, tenant)| tenant);
    let shop = shops.find(|tenant| wanted.is_none_or(|slug| tenant.slug == slug))?;
    house.dialects.get(&shop.dialect).cloned()
}

async fn session(house: &House, presented: &Presented, now: Timestamp) -> Option<credentials::SessionRow> {
    let (token, _) = presented.session()?;
    let digest = Digest::of(token);
    let found = credentials::session_by_digest(&house.store, &digest.0).await.ok()??;
    (found.session.expires_at > now.0).then_some(found)
}

async fn of_key(house: &House, presented: &Presented, (address, now): (IpAddr, Timestamp)) -> Option<Quota> {
    let parsed = api_key::parse(presented.key(&house.dialects)?);
    let route = match parsed.route {
        Some(route) => route,
        None => house.actors.locate(parsed.digest).await.ok()??,
    };
    let admit = Admit {
        digest: parsed.digest,
        scope: None,
        cost: 0,
        address,
        now,
    };
    match house.actors.admit(route, admit).await {
        Ok(admitted) => Some(admitted.quota),
        Err(refusal) => refusal.quota,
    }
}

async fn of_person(house: &House, presented: &Presented, now: Timestamp) -> Option<Quota> {
    let found = session(house, presented, now).await?;
    let shop = found.memberships.first();
    let dialect = shop.and_then(|(_, tenant)| house.dialects.get(&tenant.dialect));
    if dialect.is_some_and(|dialect| !dialect.limits.counts_sessions) {
        return None;
    }
    let (key, limits) = (MeterKey::Person(found.person.id), Limits::per_minute(PERSON_PER_MINUTE));
    house.actors.metered(key, limits, 0, now).await.ok()
}
