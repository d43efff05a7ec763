//! One function per operation. Whatever changes a key tells the tenant's actor to forget its copy before answering.

use super::store;
use super::types::{CreateKey, KeyView, ListKeys, OldKeyView, RevokeRaw, RotateKey, RotationView, UpdateKey};
use crate::context::{Answer, Ctx, Principal, Room};
use crate::domain::api_key::{self, Digest, TenantRoute};
use crate::domain::dialect::{Dialect, Done, PageInfo, PageRequest};
use crate::domain::{Code, Error, Mode, Result, Timestamp};
use crate::store::AuditEntry;
use entities::Names;
use entities::api_key::Model;
use ipnet::IpNet;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const WARNING: &str = "Store this key now: it is shown only once.";
/// Keys a tenant may have that are not revoked.
const KEYS_MAX: u64 = 1_000;

/// Creates a key.
///
/// # Errors
/// `Validation` for scopes, limits, dialect or networks that cannot be; `LimitReached`.
pub async fn create(ctx: &Ctx, form: CreateKey) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let dialect = dialect_of(ctx, &room, form.dialect.as_deref())?;
    let mode = mode_of(&dialect, form.mode.as_deref())?;
    let scopes = scopes_of(ctx, &dialect, form.scopes.as_deref())?;
    let (per_minute, per_day) = limits_of(ctx, &room, &dialect, form.rate_limit_per_minute, form.rate_limit_per_day).await?;
    if form.expires_at.is_some_and(|at| at <= ctx.now) {
        return Err(Error::field("expires_at", "past", "expires_at must be in the future"));
    }
    let networks = form.allowed_networks.as_deref().map(networks_of).transpose()?;
    let key = api_key::mint(dialect.prefix_for(mode)?, ctx.house.ids.bytes(), room.route);
    let raw = key.expose().to_owned();
    let row = Model {
        id: ctx.id(),
        tenant: room.tenant,
        mode: mode.into(),
        dialect: dialect.name.clone(),
        name: form.name,
        note: form.note,
        digest: Digest::of(&raw).0.to_vec(),
        key_prefix: api_key::key_prefix(&raw),
        scopes: scopes.into(),
        per_minute,
        per_day,
        expires_at: form.expires_at.map(|at| at.0),
        is_active: true,
        grace_until_at: None,
        revoked_at: None,
        revoked_reason: None,
        allowed_networks: networks,
        last_used_at: None,
        last_used_ip: None,
        usage_count: 0,
        created_by: ctx.person_id(),
        rotated_from: None,
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    };
    let entry = entry(
        ctx,
        &room,
        "api_key.created",
        row.id,
        json!({"name": row.name, "scopes": row.scopes.0}),
    );
    ctx.command(async move |tx| {
        if store::count_alive(tx, &room).await? >= KEYS_MAX {
            return Err(Error::new(
                Code::LimitReached,
                "A shop can have 1000 keys that are not revoked.",
            ));
        }
        store::insert(tx, &row).await?;
        tx.audit(entry.clone());
        let mut view = KeyView::new(&row, &room.slug);
        view.key = Some(raw.clone());
        view.warning = Some(WARNING);
        Answer::created("api_key", &view)
    })
    .await
}

/// Lists the room's keys, newest first, without their values.
///
/// # Errors
/// `Malformed` for a bad cursor.
pub async fn list(ctx: &Ctx, filter: ListKeys, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), room, filter.live_only, &page).await?;
    let views: Vec<KeyView> = rows.iter().map(|row| KeyView::new(row, &room.slug)).collect();
    Answer::page("api_key", &views, info)
}

/// Lists every tenant's keys, for the operator; at most 10,000.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn list_all(ctx: &Ctx) -> Result<Answer> {
    let rows = store::list_all(ctx.store()).await?;
    let views: Vec<KeyView> = rows.iter().map(|(row, slug)| KeyView::new(row, slug)).collect();
    Answer::page("api_key", &views, PageInfo::default())
}

/// Reads a key, without its value.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let room = ctx.room()?;
    let row = store::find(ctx.store().read(), room, id).await?.ok_or_else(missing)?;
    Answer::one("api_key", &KeyView::new(&row, &room.slug))
}

/// Says whether the key is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    store::find(ctx.store().read(), ctx.room()?, id)
        .await?
        .map(|_| ())
        .ok_or_else(missing)
}

/// Changes a key that is not revoked.
///
/// # Errors
/// `NotFound`, `Validation`.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdateKey) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let row = store::find(ctx.store().read(), &room, id).await?.ok_or_else(missing)?;
    let dialect = dialect_of(ctx, &room, Some(&row.dialect))?;
    let scopes = change
        .scopes
        .as_deref()
        .map(|names| dialect.scopes_granted(Some(names)))
        .transpose()?;
    let asked = change.rate_limit_per_minute;
    let (per_minute, _) = limits_of(ctx, &room, &dialect, asked, change.rate_limit_per_day.flatten()).await?;
    let networks = change
        .allowed_networks
        .clone()
        .map(|list| list.as_deref().map(networks_of).transpose())
        .transpose()?;
    if change.expires_at.flatten().is_some_and(|at| at <= ctx.now) {
        return Err(Error::field("expires_at", "past", "expires_at must be in the future"));
    }
    let (now, digest) = (ctx.now, digest_of(&row));
    let entry = entry(ctx, &room, "api_key.updated", id, json!({"fields": fields_of(&change)}));
    let slug = room.slug.clone();
    let route = room.route;
    let answer = ctx
        .command(async move |tx| {
            let mut row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
            refuse_revoked(&row)?;
            row.name = change.name.clone().unwrap_or(row.name);
            row.note = change.note.clone().unwrap_or(row.note);
            row.scopes = scopes.clone().map_or(row.scopes, Into::into);
            row.per_minute = asked.and(per_minute).or(row.per_minute);
            if let Some(day) = change.rate_limit_per_day {
                row.per_day = day.and_then(|day| i32::try_from(day).ok());
            }
            row.is_active = change.is_active.unwrap_or(row.is_active);
            row.expires_at = change.expires_at.map_or(row.expires_at, |at| at.map(|at| at.0));
            row.allowed_networks = networks.clone().unwrap_or(row.allowed_networks);
            if change.is_active == Some(true) {
                row.grace_until_at = None;
            }
            row.updated_at = now.0;
            store::replace(tx, &row).await?;
            tx.audit(entry.clone());
            Answer::one("api_key", &KeyView::new(&row, &slug))
        })
        .await?;
    ctx.house.actors.forget_key(route, digest).await;
    Ok(answer)
}

/// Revokes a key for ever; the row stays.
///
/// # Errors
/// `NotFound`; `Validation` where it is revoked already.
pub async fn revoke(ctx: &Ctx, id: Uuid, reason: Option<String>) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let row = store::find(ctx.store().read(), &room, id).await?.ok_or_else(missing)?;
    let digest = digest_of(&row);
    let (now, route) = (ctx.now, room.route);
    let entry = entry(ctx, &room, "api_key.revoked", id, json!({"reason": reason}));
    let answer = ctx
        .command(async move |tx| {
            let mut row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
            refuse_revoked(&row)?;
            end(&mut row, now, reason.clone());
            store::replace(tx, &row).await?;
            tx.audit(entry.clone());
            Answer::deleted("api_key", &KeyView::new(&row, &room.slug))
        })
        .await?;
    ctx.house.actors.forget_key(route, digest).await;
    Ok(answer)
}

/// Replaces a key; the old one stays good for the grace period, never beyond its own expiry.
///
/// # Errors
/// `NotFound`; `Validation` for a key that is revoked or not active.
pub async fn rotate(ctx: &Ctx, id: Uuid, form: RotateKey) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let old = store::find(ctx.store().read(), &room, id).await?.ok_or_else(missing)?;
    let dialect = dialect_of(ctx, &room, Some(&old.dialect))?;
    let mode = Mode::from(old.mode);
    let key = api_key::mint(dialect.prefix_for(mode)?, ctx.house.ids.bytes(), room.route);
    let raw = key.expose().to_owned();
    let digest = digest_of(&old);
    let (now, new_id, creator, route) = (ctx.now, ctx.id(), ctx.person_id(), room.route);
    let grace = (form.grace_period_hours > 0).then(|| now + Duration::from_secs(u64::from(form.grace_period_hours) * 3600));
    let entry = entry(
        ctx,
        &room,
        "api_key.rotated",
        id,
        json!({"new": new_id, "grace_hours": form.grace_period_hours}),
    );
    let answer = ctx
        .command(async move |tx| {
            let mut old = store::find(tx, &room, id).await?.ok_or_else(missing)?;
            refuse_revoked(&old)?;
            if !old.is_active {
                return Err(Error::new(Code::Validation, "A key that is not active cannot be rotated."));
            }
            let mut new = old.clone();
            new.id = new_id;
            new.name = rotated_name(&old.name);
            new.digest = Digest::of(&raw).0.to_vec();
            new.key_prefix = api_key::key_prefix(&raw);
            new.rotated_from = Some(old.id);
            new.created_by = creator;
            (new.last_used_at, new.last_used_ip, new.usage_count) = (None, None, 0);
            (new.created_at, new.updated_at) = (now.0, now.0);
            old.is_active = false;
            old.grace_until_at = grace.map(|at| old.expires_at.map_or(at.0, |end| end.min(at.0)));
            old.updated_at = now.0;
            store::replace(tx, &old).await?;
            store::insert(tx, &new).await?;
            tx.audit(entry.clone());
            let mut view = KeyView::new(&new, &room.slug);
            view.key = Some(raw.clone());
            view.warning = Some(WARNING);
            let message = match old.grace_until_at {
                Some(at) => format!("The old key works until {}.", Timestamp(at).seconds_text()),
                None => "The old key works no longer.".to_owned(),
            };
            let old_key = OldKeyView {
                id: old.id,
                grace_until_at: old.grace_until_at.map(Timestamp),
                message,
            };
            Answer::created("api_key_rotated", &RotationView { new_key: view, old_key })
        })
        .await?;
    ctx.house.actors.forget_key(route, digest).await;
    Ok(answer)
}

/// Revokes one key by its value, or all of a creator's.
///
/// # Errors
/// `Validation` where neither is named; `NotFound` for an unknown key or one of another creator.
pub async fn revoke_raw(ctx: &Ctx, form: RevokeRaw) -> Result<Answer> {
    let rows = match (&form.key, &form.creator_id) {
        (None, None) => return Err(Error::field("key", "required", "apiKeyToRevoke or creatorId is required")),
        (Some(raw), _) => {
            let digest = Digest::of(raw);
            let (row, tenant) = store::by_digest(ctx.store(), &digest).await?.ok_or_else(missing)?;
            if ctx.room.as_ref().is_some_and(|room| room.tenant != row.tenant) {
                return Err(missing());
            }
            vec![(row, tenant)]
        }
        (None, Some(_)) => match &ctx.room {
            Some(room) => store::alive_of(ctx.store(), room.tenant).await?,
            None => Vec::new(),
        },
    };
    let alive: Vec<_> = rows.into_iter().filter(|(row, _)| row.revoked_at.is_none()).collect();
    let count = alive.len();
    let forget: Vec<_> = alive
        .iter()
        .map(|(row, tenant)| (TenantRoute::from_slice(&tenant.route), digest_of(row)))
        .collect();
    let (now, actor, house) = (ctx.now, ctx.principal.name().unwrap_or_default(), ctx.house.clone());
    let answer = ctx
        .command(async move |tx| {
            for (row, _) in &alive {
                let mut row = row.clone();
                end(&mut row, now, None);
                store::replace(tx, &row).await?;
                tx.audit(AuditEntry {
                    id: house.ids.uuid(now),
                    tenant: row.tenant,
                    actor: actor.clone(),
                    action: "api_key.revoked".to_owned(),
                    target: row.id.to_string(),
                    detail: json!({}),
                    happened_at: now,
                });
            }
            Answer::with(Done::Ok, "api_key", &json!({"revoked_count": count}))
        })
        .await?;
    for (route, digest) in forget {
        if let Some(route) = route {
            ctx.house.actors.forget_key(route, digest).await;
        }
    }
    Ok(answer)
}

/// The digest of a row; one that is not 32 bytes long is nobody's.
fn digest_of(row: &Model) -> Digest {
    Digest::from_slice(&row.digest).unwrap_or(Digest([0; 32]))
}

fn end(row: &mut Model, now: Timestamp, reason: Option<String>) {
    row.revoked_at = Some(now.0);
    row.revoked_reason = reason;
    row.is_active = false;
    row.grace_until_at = None;
    row.updated_at = now.0;
}

fn refuse_revoked(row: &Model) -> Result<()> {
    match row.revoked_at {
        Some(_) => Err(Error::new(Code::Validation, "This key is revoked.")),
        None => Ok(()),
    }
}

fn rotated_name(name: &str) -> String {
    if name.ends_with("(rotated)") {
        name.to_owned()
    } else {
        format!("{name} (rotated)")
    }
}

fn dialect_of(ctx: &Ctx, room: &Room, name: Option<&str>) -> Result<Arc<Dialect>> {
    let name = name.unwrap_or(&room.dialect);
    let found = ctx.house.dialects.get(name).cloned();
    found.ok_or_else(|| Error::field("dialect", "unknown", format!("There is no dialect `{name}`.")))
}

/// The scopes of a new key; the operator, who may do everything, gives everything where he names none.
fn scopes_of(ctx: &Ctx, dialect: &Dialect, asked: Option<&[String]>) -> Result<Vec<String>> {
    match (&ctx.principal, asked) {
        (Principal::Operator { .. }, None) => Ok(vec!["*".to_owned()]),
        _ => dialect.scopes_granted(asked),
    }
}

fn mode_of(dialect: &Dialect, name: Option<&str>) -> Result<Mode> {
    let mode = match name {
        None => Mode::Live,
        Some(name) => Mode::parse(name).ok_or_else(|| Error::field("mode", "one_of", "mode is `live` or `test`"))?,
    };
    dialect.prefix_for(mode)?;
    Ok(mode)
}

/// The limits of a key: within the dialect's bounds, unless the operator gave the tenant wider ones.
async fn limits_of(
    ctx: &Ctx,
    room: &Room,
    dialect: &Dialect,
    per_minute: Option<u32>,
    per_day: Option<u32>,
) -> Result<(Option<i32>, Option<i32>)> {
    let tenant = store::tenant_limits(ctx.store(), room.tenant).await?;
    let rules = &dialect.limits;
    let highest = tenant.keys_per_minute_max.unwrap_or(rules.per_minute_max);
    let minute = per_minute.or(tenant.per_minute).unwrap_or(rules.per_minute);
    if per_minute.is_some_and(|asked| asked < rules.per_minute_min || asked > highest) {
        let text = format!("rate_limit_per_minute must be between {} and {highest}", rules.per_minute_min);
        return Err(Error::field("rate_limit_per_minute", "range", text));
    }
    let day = per_day.or(tenant.per_day).or(rules.per_day);
    Ok((i32::try_from(minute).ok(), day.and_then(|day| i32::try_from(day).ok())))
}

fn networks_of(texts: &[String]) -> Result<Names> {
    for (place, text) in texts.iter().enumerate() {
        if text.parse::<IpNet>().is_err() && text.parse::<std::net::IpAddr>().is_err() {
            return Err(Error::field(
                format!("allowed_networks.{place}"),
                "network",
                format!("`{text}` is no network."),
            ));
        }
    }
    Ok(texts.to_vec().into())
}

fn fields_of(change: &UpdateKey) -> Vec<&'static str> {
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
    named
        .into_iter()
        .filter(|(_, is_named)| *is_named)
        .map(|(name, _)| name)
        .collect()
}

fn entry(ctx: &Ctx, room: &Room, action: &str, target: Uuid, detail: Value) -> AuditEntry {
    AuditEntry {
        id: ctx.id(),
        tenant: room.tenant,
        actor: ctx.principal.name().unwrap_or_default(),
        action: action.to_owned(),
        target: target.to_string(),
        detail,
        happened_at: ctx.now,
    }
}

fn missing() -> Error {
    Error::not_found("API key").with_text("api_key.not_found")
}
