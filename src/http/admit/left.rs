//! What is left of a caller's limits where his call does not get as far as admission: a path or a method that no route has,
//! a body that is too large. Such a call costs nothing.

use super::limits::with_day;
use super::session::PERSON_PER_MINUTE;
use crate::actors::meter::MeterKey;
use crate::actors::tenant::messages::Admit;
use crate::context::House;
use crate::domain::Timestamp;
use crate::domain::api_key::{self, Digest};
use crate::domain::dialect::{Choice, Rule};
use crate::domain::rate_limit::{Limits, Quota};
use crate::http::credential::Presented;
use crate::store::credentials;
use std::net::IpAddr;

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
    Some(with_day(quota, &choice.dialect, now))
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
    let (token, _) = presented.session()?;
    let digest = Digest::of(token);
    let found = credentials::session_by_digest(&house.store, &digest.0).await.ok()??;
    if found.session.expires_at <= now.0 {
        return None;
    }
    let shop = found.memberships.first();
    let dialect = shop.and_then(|(_, tenant)| house.dialects.get(&tenant.dialect));
    if dialect.is_some_and(|dialect| !dialect.limits.counts_sessions) {
        return None;
    }
    let (key, limits) = (MeterKey::Person(found.person.id), Limits::per_minute(PERSON_PER_MINUTE));
    house.actors.metered(key, limits, 0, now).await.ok()
}
