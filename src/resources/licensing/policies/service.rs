//! One function per operation.

use super::store;
use super::types::{CreatePolicy, ListPolicies, UpdatePolicy};
use crate::context::{Answer, Ctx, Deed};
use crate::domain::dialect::PageRequest;
use crate::domain::{Code, Error, Result};
use crate::resources::licensing::views::PolicyView;
use crate::resources::licensing::{issue, store as shared};
use entities::policy::{Cull, Expiration, Model, Uniqueness};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

/// Lists the room's policies, newest first.
///
/// # Errors
/// `Malformed` for a bad cursor.
pub async fn list(ctx: &Ctx, filter: ListPolicies, page: PageRequest) -> Result<Answer> {
    let (room, db) = (ctx.room()?, ctx.store().read());
    let (rows, info) = store::list(ctx.store(), room, &filter, &page).await?;
    let ids = rows.iter().flat_map(|row| row.features.iter().copied()).collect();
    let features = shared::features(db, room.tenant, room.mode.into(), ids).await?;
    let codes = |row: &Model| {
        let held = features.iter().filter(|feature| row.features.contains(&feature.id));
        held.map(|feature| feature.code.clone()).collect()
    };
    let views: Vec<PolicyView> = rows.iter().map(|row| PolicyView::new(row, codes(row))).collect();
    Answer::page("policy", &views, info)
}

/// Creates a policy.
///
/// # Errors
/// `BusinessRule` where its product is not there.
pub async fn create(ctx: &Ctx, form: CreatePolicy) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let product = shared::product(tx, &deed.room, form.product_id).await?;
        let product = product.ok_or_else(|| issue::dangling("product", form.product_id))?;
        let mut row = Model {
            id: deed.id(),
            tenant: deed.room.tenant,
            mode: deed.room.mode.into(),
            product: product.id,
            name: form.name.clone(),
            template: None,
            max_machines: None,
            max_uses: None,
            floating: false,
            duration_days: None,
            expiration: Expiration::RestrictAccess,
            require_heartbeat: false,
            heartbeat_minutes: 60,
            heartbeat_cull: Cull::DeactivateDead,
            require_fingerprint: true,
            uniqueness: Uniqueness::PerLicense,
            offline_allowed: true,
            offline_max_days: 14,
            allow_transfer: false,
            is_trial: false,
            trial_days: None,
            overridable: true,
            features: Vec::new().into(),
            licenses_count: 0,
            metadata: json!({}).into(),
            created_at: deed.now.0,
            updated_at: deed.now.0,
            deleted_at: None,
        };
        form.rest.apply(&mut row);
        shared::insert(tx, &row).await?;
        Answer::created("policy", &PolicyView::new(&row, Vec::new()))
    })
    .await
}

/// Reads a policy.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let db = ctx.store().read();
    let row = shared::policy(db, ctx.room()?, id).await?.ok_or_else(missing)?;
    Answer::one("policy", &view(db, &row).await?)
}

/// Says whether the policy is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    let found = shared::policy(ctx.store().read(), ctx.room()?, id).await?;
    found.map(|_| ()).ok_or_else(missing)
}

/// Changes a policy; its licences follow the new rules at once, their ends stay.
///
/// # Errors
/// `NotFound`.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdatePolicy) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let mut row = shared::policy(tx, &deed.room, id).await?.ok_or_else(missing)?;
        change.apply(&mut row);
        row.updated_at = deed.now.0;
        shared::replace(tx, &row).await?;
        Answer::one("policy", &view(tx, &row).await?)
    })
    .await
}

/// Deletes a policy.
///
/// # Errors
/// `NotFound`; `Conflict` while licences follow it.
pub async fn delete(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let mut row = shared::policy(tx, &deed.room, id).await?.ok_or_else(missing)?;
        if row.licenses_count > 0 {
            return Err(Error::new(Code::Conflict, "Licences follow this policy; delete them first."));
        }
        row.deleted_at = Some(deed.now.0);
        row.updated_at = deed.now.0;
        shared::replace(tx, &row).await?;
        Answer::deleted("policy", &view(tx, &row).await?)
    })
    .await
}

/// A policy with the codes of its features.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn view(db: &impl ConnectionTrait, row: &Model) -> Result<PolicyView> {
    let features = shared::features(db, row.tenant, row.mode, row.features.0.clone()).await?;
    Ok(PolicyView::new(
        row,
        features.into_iter().map(|feature| feature.code).collect(),
    ))
}

/// Nothing of that id.
pub fn missing() -> Error {
    Error::not_found("policy")
}
