//! One function per operation.

use super::store;
use super::types::{CreateTenant, TenantLimits, TenantView, UpdateTenant};
use crate::context::{Answer, Ctx, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::{Code, Error, Mode, Result};
use crate::resources::people;
use crate::store::known;
use entities::tenant::Model;
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

/// Creates a tenant with its owner.
///
/// # Errors
/// `AlreadyExists` where the slug is taken; `Validation` for an unknown dialect.
pub async fn create(ctx: &Ctx, form: CreateTenant) -> Result<Answer> {
    let dialect = form.dialect.unwrap_or_else(|| ctx.house.config.dialects.default.clone());
    known_dialect(ctx, &dialect)?;
    let row = Model {
        id: ctx.id(),
        route: ctx.house.ids.bytes::<8>().to_vec(),
        slug: form.slug,
        name: form.name,
        dialect,
        limits: json!({}).into(),
        suspended: false,
        settings: json!({}).into(),
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    };
    let owner = match form.owner {
        None => None,
        Some(owner) => {
            let digest = people::hash_password(&ctx.house.ids, SecretString::from(owner.password)).await?;
            Some(entities::person::Model {
                id: ctx.id(),
                email: owner.email.to_lowercase(),
                name: None,
                password_hash: Some(digest),
                email_verified_at: Some(ctx.now.0),
                created_at: ctx.now.0,
                updated_at: ctx.now.0,
            })
        }
    };
    ctx.command(async move |tx| {
        if store::slug_taken(tx, &row.slug).await? {
            return Err(Error::new(Code::AlreadyExists, format!("The slug `{}` is taken.", row.slug)));
        }
        store::insert(tx, &row).await?;
        if let Some(owner) = &owner {
            let person = people::service::vouch(tx, owner).await?;
            store::own(tx, &row, person).await?;
        }
        Answer::created("tenant", &TenantView::from(&row))
    })
    .await
}

/// Lists tenants, newest first.
///
/// # Errors
/// `Malformed` for a bad cursor.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Answer> {
    let (rows, info) = store::list(ctx.store(), &page).await?;
    let views: Vec<TenantView> = rows.iter().map(TenantView::from).collect();
    Answer::page("tenant", &views, info)
}

/// Reads a tenant.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let row = store::find(ctx.store().read(), id).await?.ok_or_else(missing)?;
    Answer::one("tenant", &TenantView::from(&row))
}

/// Changes a tenant; its actor forgets what it knew before the answer is sent.
///
/// # Errors
/// `NotFound`, `Validation`.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdateTenant) -> Result<Answer> {
    if let Some(dialect) = &change.dialect {
        known_dialect(ctx, dialect)?;
    }
    let now = ctx.now;
    let route = room(ctx, id).await?.route;
    let answer = ctx
        .command(async move |tx| {
            let mut row = store::find(tx, id).await?.ok_or_else(missing)?;
            row.name = change.name.clone().unwrap_or(row.name);
            row.dialect = change.dialect.clone().unwrap_or(row.dialect);
            let was_suspended = row.suspended;
            row.suspended = change.suspended.unwrap_or(was_suspended);
            // What the marketplace shows comes or goes with its shop.
            tx.count(known::market(), i64::from(row.suspended != was_suspended));
            if let Some(limits) = &change.limits {
                row.limits = merged(&row.limits, limits)?.into();
            }
            row.updated_at = now.0;
            store::replace(tx, &row).await?;
            Answer::one("tenant", &TenantView::from(&row))
        })
        .await?;
    ctx.house.actors.forget_tenant(route).await;
    Ok(answer)
}

/// The live room of a tenant, for operators' routes that name it in the path.
///
/// # Errors
/// `NotFound`.
pub async fn room(ctx: &Ctx, id: Uuid) -> Result<Room> {
    let row = store::find(ctx.store().read(), id).await?.ok_or_else(missing)?;
    Room::of(&row, Mode::Live).ok_or_else(missing)
}

/// Old quotas with the new members laid over them.
fn merged(old: &Value, change: &Value) -> Result<Value> {
    let mut limits = old.as_object().cloned().unwrap_or_default();
    for (name, value) in change.as_object().into_iter().flatten() {
        limits.insert(name.clone(), value.clone());
    }
    let limits = Value::Object(limits);
    let read: TenantLimits = serde_json::from_value(limits).map_err(|_| {
        Error::field(
            "limits",
            "type",
            "limits takes per_minute, per_day and keys_per_minute_max, whole numbers or null",
        )
    })?;
    serde_json::to_value(read).map_err(Error::internal)
}

fn known_dialect(ctx: &Ctx, name: &str) -> Result<()> {
    match ctx.house.dialects.get(name) {
        Some(_) => Ok(()),
        None => {
            let names: Vec<&str> = ctx.house.dialects.names().collect();
            Err(Error::field(
                "dialect",
                "unknown",
                format!("dialect must be one of {}", names.join(", ")),
            ))
        }
    }
}

fn missing() -> Error {
    Error::not_found("tenant")
}
