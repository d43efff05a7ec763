//! Reading a key's row beside the mailbox; calls for the same key wait for one read.

use super::TenantActor;
use super::admit::refuse;
use super::messages::KeyRecord;
use super::verdict::invalid_key;
use crate::actors::deps::Deps;
use crate::domain::api_key::{Digest, TenantRoute};
use crate::domain::rate_limit::{Durable, Grant, Limits};
use crate::domain::{Result, Timestamp};
use crate::store::credentials::{self, KeyRow};
use crate::store::usage;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use std::sync::Arc;

/// A key's row as read, with what is durable of its counts.
struct Row {
    key: KeyRecord,
    durable: Durable,
}

impl TenantActor {
    pub(super) fn load(&mut self, digest: Digest, now: Timestamp, ctx: &mut Context<Self>) {
        self.loads += 1;
        if let Some(load) = self.loading.get_mut(&digest) {
            load.is_stale = false;
        }
        let (deps, route) = (Arc::clone(&self.deps), self.route);
        let known = self.copies.known_key(&digest);
        let is_counted = known.is_some_and(|key| self.kept.borrow().has_account(key.id));
        let read = async move { read(&deps, route, &digest, (now, is_counted)).await };
        let done = move |row, actor: &mut Self, ctx: &mut Context<Self>| actor.loaded(digest, now, row, ctx);
        ctx.spawn(read.into_actor(self).map(done));
    }

    fn loaded(&mut self, digest: Digest, now: Timestamp, row: Result<Option<Row>>, ctx: &mut Context<Self>) {
        if self.loading.get(&digest).is_some_and(|load| load.is_stale) {
            self.load(digest, now, ctx);
            return;
        }
        let waiting = self.loading.remove(&digest).map(|load| load.waiting).unwrap_or_default();
        let real_now = self.deps.clock.real_now();
        match row {
            Ok(Some(row)) => {
                self.kept.borrow_mut().account(row.key.id, row.key.limits, row.durable);
                self.copies.remember(digest, Arc::new(row.key), real_now);
                self.resume(waiting, ctx);
            }
            Ok(None) => {
                self.copies.remember_unknown(digest, real_now);
                refuse(waiting, &invalid_key());
            }
            Err(error) => refuse(waiting, &error),
        }
    }
}

/// Reads a key's row, and of one that is not counted here yet, what is durable of its counts.
async fn read(deps: &Deps, route: TenantRoute, digest: &Digest, (now, is_counted): (Timestamp, bool)) -> Result<Option<Row>> {
    let Some(row) = credentials::key_by_digest(&deps.store, &digest.0).await? else {
        return Ok(None);
    };
    // A route that is not the owner's would charge another actor's buckets.
    if row.tenant.route != route.0 {
        return Ok(None);
    }
    let key = record(deps, route, row);
    // A count that goes while this is read was one of an ended minute; of a day it must not go unread.
    let durable = if is_counted && key.limits.per_day.is_none() {
        Durable::default()
    } else {
        usage::durable(&deps.store, key.id, now).await?
    };
    Ok(Some(Row { key, durable }))
}

fn record(deps: &Deps, route: TenantRoute, KeyRow { key, tenant }: KeyRow) -> KeyRecord {
    let limits = limits(deps, &key, &tenant);
    let dialect = deps.dialects.get(&key.dialect).unwrap_or_else(|| deps.dialects.native());
    let scopes = dialect.scopes_held(&key.scopes);
    // A list of which nothing can be read must not become "anywhere": 255.255.255.255 never calls.
    let networks = key.allowed_networks.map(|names| names.0).unwrap_or_default();
    let allowed_networks = networks.iter().map(|text| network(text)).collect();
    KeyRecord {
        id: key.id,
        tenant: tenant.id,
        tenant_slug: tenant.slug,
        tenant_dialect: tenant.dialect,
        route,
        mode: key.mode.into(),
        dialect: key.dialect,
        name: key.name,
        scopes,
        limits,
        expires_at: key.expires_at.map(Timestamp),
        grace_until_at: key.grace_until_at.map(Timestamp),
        is_active: key.is_active,
        is_revoked: key.revoked_at.is_some(),
        allowed_networks,
        is_tenant_suspended: tenant.suspended,
    }
}

fn network(text: &str) -> ipnet::IpNet {
    let nowhere = ipnet::IpNet::from(std::net::IpAddr::from([255, 255, 255, 255]));
    text.parse()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from))
        .unwrap_or(nowhere)
}

/// The key's own limits, else the tenant's, else its dialect's.
fn limits(deps: &Deps, key: &entities::api_key::Model, tenant: &entities::tenant::Model) -> Limits {
    let grant: Grant = serde_json::from_value(tenant.limits.0.clone()).unwrap_or_default();
    let of_key = |limit: Option<i32>| limit.and_then(|limit| u32::try_from(limit).ok());
    let dialect = deps.dialects.get(&key.dialect).unwrap_or_else(|| deps.dialects.native());
    let own = Limits {
        per_minute: of_key(key.per_minute),
        per_day: of_key(key.per_day),
    };
    grant.limits(own, dialect.limits.usual())
}
