//! New keys, and keys that come from elsewhere.

use super::{dialect_of, entry, refuse_one_too_many, scopes_of, surroundings};
use crate::context::{Answer, Ctx, Room};
use crate::domain::api_key::{self, Digest};
use crate::domain::dialect::Dialect;
use crate::domain::rate_limit::Grant;
use crate::domain::{Error, Mode, Result};
use crate::resources::api_keys::rules;
use crate::resources::api_keys::store;
use crate::resources::api_keys::types::{CreateKey, GrantKey, KeyView};
use crate::resources::tenants::signing;
use crate::store::directory::{self, Listed};
use entities::api_key::Model;
use secrecy::ExposeSecret;
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

pub(super) const WARNING: &str = "Store this key now: it is shown only once.";
/// Bounds of the text of a key that comes from elsewhere; below, it could be guessed.
const FOREIGN_CHARS: std::ops::RangeInclusive<usize> = 24..=256;

/// What a new row is known by.
struct Text {
    digest: Digest,
    shown: String,
    /// The key itself, where it is new and has to be told.
    told: Option<String>,
    /// Whether the directory must say whose it is.
    is_listed: bool,
}

/// Creates a key.
///
/// # Errors
/// `Validation` for scopes, limits, dialect or networks that cannot be; `LimitReached`.
pub async fn create(ctx: &Ctx, form: CreateKey) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let is_his = |name: &str| name == room.slug || Uuid::try_parse(name) == Ok(room.tenant);
    if form.creator_id.as_deref().is_some_and(|name| !is_his(name)) {
        return Err(Error::not_found("creator").with_text("creator.not_found"));
    }
    let dialect = dialect_of(ctx, &room, form.dialect.as_deref())?;
    let mode = mode_of(&dialect, form.mode.as_deref())?;
    let key = api_key::mint(dialect.prefix_for(mode)?, ctx.house.ids.bytes(), room.route);
    let raw = key.expose();
    let text = Text {
        digest: Digest::of(raw),
        shown: api_key::key_prefix(raw),
        told: Some(raw.to_owned()),
        is_listed: false,
    };
    add(ctx, form, (dialect, mode), text).await
}

/// Creates a key for a tenant the operator named, or takes over one that exists elsewhere, by its text or its digest.
///
/// # Errors
/// As [`create`]; `AlreadyExists` for a key that is known here.
pub async fn grant(ctx: &Ctx, mut form: GrantKey) -> Result<Answer> {
    let room = ctx.room()?.clone();
    match (form.key.take(), form.digest.take()) {
        (None, None) => create(ctx, form.create).await,
        (Some(_), Some(_)) => Err(Error::field("digest", "either", "give either key or digest")),
        (Some(key), None) => {
            let ((dialect, mode), text) = foreign_text(ctx, &room, &key)?;
            let said = form.create.dialect.as_deref().is_some_and(|name| name != dialect.name);
            if said || form.create.mode.as_deref().is_some_and(|name| name != mode.name()) {
                let told = format!("this key is one of `{}`, mode `{}`", dialect.name, mode.name());
                return Err(Error::field("key", "prefix", told));
            }
            add(ctx, form.create, (dialect, mode), text).await
        }
        (None, Some(digest)) => {
            let digest =
                Digest::from_hex(&digest).ok_or_else(|| Error::field("digest", "hex", "digest must be 64 hex digits"))?;
            let dialect = dialect_of(ctx, &room, form.create.dialect.as_deref())?;
            let mode = mode_of(&dialect, form.create.mode.as_deref())?;
            let shown = match form.key_prefix.take() {
                Some(shown) => shown,
                None => dialect.prefix_for(mode)?.to_owned(),
            };
            let text = Text {
                digest,
                shown,
                told: None,
                is_listed: true,
            };
            add(ctx, form.create, (dialect, mode), text).await
        }
    }
}

/// What the text of a key from elsewhere says of it.
fn foreign_text(ctx: &Ctx, room: &Room, raw: &str) -> Result<((Arc<Dialect>, Mode), Text)> {
    let refused = |rule, text: &str| Err(Error::field("key", rule, text.to_owned()));
    if !FOREIGN_CHARS.contains(&raw.len()) || !raw.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refused("text", "key must be 24 to 256 visible ASCII characters");
    }
    let Some((dialect, mode)) = ctx.house.dialects.by_key(raw) else {
        return refused("prefix", "key must begin like a key of one of the dialects");
    };
    let parsed = api_key::parse(raw);
    if parsed.route.is_some_and(|route| route != room.route) {
        return refused("route", "this key was made for another tenant");
    }
    let text = Text {
        digest: parsed.digest,
        shown: api_key::key_prefix(raw),
        told: None,
        is_listed: parsed.route.is_none(),
    };
    Ok(((dialect.clone(), mode), text))
}

async fn add(ctx: &Ctx, form: CreateKey, (dialect, mode): (Arc<Dialect>, Mode), text: Text) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let around = surroundings(ctx, &room).await?;
    let row = row_of(ctx, form, (&dialect, mode), &around.grant)?;
    let row = Model {
        tenant: room.tenant,
        digest: text.digest.0.to_vec(),
        key_prefix: text.shown,
        ..row
    };
    let detail = json!({"name": row.name, "scopes": row.scopes.0, "imported": text.told.is_none()});
    let entry = entry(ctx, &room, "api_key.created", row.id, detail);
    let (digest, route, told) = (text.digest, room.route, text.told);
    let listed = text.is_listed.then_some(Listed {
        digest,
        route,
        created_at: ctx.now,
    });
    let draw = dialect.keys.tells_signing_keys.then(|| signing::Draw::new(&ctx.house));
    let (house, now) = (ctx.house.clone(), ctx.now);
    let answer = ctx
        .command(async move |tx| {
            refuse_one_too_many(store::count_working(tx, &room).await?)?;
            store::insert(tx, &row).await?;
            if let Some(listed) = listed {
                directory::add(tx, listed).await?;
            }
            tx.audit(entry.clone());
            let mut view = KeyView::new(&row, &around);
            view.key.clone_from(&told);
            view.warning = told.as_ref().map(|_| WARNING);
            if let Some(draw) = &draw {
                let keys = signing::within(tx, &house, row.tenant, draw, now).await?;
                view.public_key = Some(keys.public_key());
                view.signing_key = Some(keys.answers().expose_secret().to_owned());
            }
            Answer::created("api_key", &view)
        })
        .await?;
    if let Some(listed) = listed {
        ctx.house.actors.introduce(listed).await;
    }
    // It may have been tried before it was known.
    ctx.house.actors.forget_key(route, digest).await;
    Ok(answer)
}

/// The row of a new key, as far as its form says.
fn row_of(ctx: &Ctx, form: CreateKey, (dialect, mode): (&Dialect, Mode), grant: &Grant) -> Result<Model> {
    Ok(Model {
        id: ctx.id(),
        tenant: Uuid::nil(),
        mode: mode.into(),
        dialect: dialect.name.clone(),
        scopes: scopes_of(ctx, dialect, form.scopes.as_deref())?.into(),
        per_minute: rules::asked_limit(form.rate_limit_per_minute, grant, dialect)?,
        per_day: rules::column(form.rate_limit_per_day),
        expires_at: rules::ahead(form.expires_at, ctx.now)?,
        allowed_networks: rules::networks(form.allowed_networks.as_deref())?,
        name: form.name,
        note: form.note,
        digest: Vec::new(),
        key_prefix: String::new(),
        is_active: true,
        grace_until_at: None,
        revoked_at: None,
        revoked_reason: None,
        last_used_at: None,
        last_used_ip: None,
        usage_count: 0,
        created_by: ctx.person_id(),
        rotated_from: None,
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    })
}

fn mode_of(dialect: &Dialect, name: Option<&str>) -> Result<Mode> {
    let mode = match name {
        None => Mode::Live,
        Some(name) => Mode::parse(name).ok_or_else(|| Error::field("mode", "one_of", "mode is `live` or `test`"))?,
    };
    dialect.prefix_for(mode)?;
    Ok(mode)
}
