//! One function per operation.

use super::store;
use super::types::{Chosen, CreateFeature, FeatureView, UpdateFeature};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Code, Error, Result};
use crate::resources::licensing::{issue, policies, store as shared, views};
use entities::feature;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

/// What unlocks features.
#[derive(Clone, Copy, Debug)]
pub enum Owner {
    /// One licence.
    License(Uuid),
    /// A policy, and so all its licences.
    Policy(Uuid),
}

/// Lists the room's features, newest first.
///
/// # Errors
/// `Malformed` for a bad cursor.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Answer> {
    let (rows, info) = store::list(ctx.store(), ctx.room()?, &page).await?;
    let views: Vec<FeatureView> = rows.iter().map(FeatureView::from).collect();
    Answer::page("feature", &views, info)
}

/// Creates a feature.
///
/// # Errors
/// `AlreadyExists` where the code is taken.
pub async fn create(ctx: &Ctx, form: CreateFeature) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        if store::by_code(tx, &deed.room, &form.code).await?.is_some() {
            let message = format!("An entitlement `{}` exists.", form.code);
            return Err(Error::new(Code::AlreadyExists, message));
        }
        let row = feature::Model {
            id: deed.id(),
            tenant: deed.room.tenant,
            mode: deed.room.mode.into(),
            name: form.name.clone(),
            code: form.code.clone(),
            description: form.description.clone(),
            metadata: form.metadata.clone().unwrap_or_else(|| json!({})).into(),
            created_at: deed.now.0,
            updated_at: deed.now.0,
            deleted_at: None,
        };
        shared::insert(tx, &row).await?;
        Answer::created("feature", &FeatureView::from(&row))
    })
    .await
}

/// Reads a feature.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let row = store::find(ctx.store().read(), ctx.room()?, id).await?.ok_or_else(missing)?;
    Answer::one("feature", &FeatureView::from(&row))
}

/// Says whether the feature is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    let found = store::find(ctx.store().read(), ctx.room()?, id).await?;
    found.map(|_| ()).ok_or_else(missing)
}

/// Changes a feature.
///
/// # Errors
/// `NotFound`; `Validation` for another code.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdateFeature) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let mut row = store::find(tx, &deed.room, id).await?.ok_or_else(missing)?;
        if change.code.as_ref().is_some_and(|code| *code != row.code) {
            return Err(Error::field("code", "immutable", "code cannot change"));
        }
        row.name = change.name.clone().unwrap_or(row.name);
        row.description = change.description.clone().unwrap_or(row.description);
        row.metadata = change.metadata.clone().map_or(row.metadata, Into::into);
        row.updated_at = deed.now.0;
        shared::replace(tx, &row).await?;
        Answer::one("feature", &FeatureView::from(&row))
    })
    .await
}

/// Deletes a feature; no licence unlocks it any more.
///
/// # Errors
/// `NotFound`.
pub async fn delete(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let mut row = store::find(tx, &deed.room, id).await?.ok_or_else(missing)?;
        row.deleted_at = Some(deed.now.0);
        row.updated_at = deed.now.0;
        shared::replace(tx, &row).await?;
        Answer::deleted("feature", &FeatureView::from(&row))
    })
    .await
}

/// Lists what a licence or a policy unlocks, a licence's inherited ones among them.
///
/// # Errors
/// `NotFound`.
pub async fn held(ctx: &Ctx, owner: Owner) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let ids = match owner {
        Owner::License(id) => {
            let row = shared::license(db, room, id).await?.ok_or_else(issue::missing)?;
            let policy = shared::policy_of(db, &row).await?;
            let inherited = policy.map(|policy| policy.features.0).unwrap_or_default();
            [row.features.0, inherited].concat()
        }
        Owner::Policy(id) => {
            let row = shared::policy(db, room, id).await?;
            row.ok_or_else(policies::service::missing)?.features.0
        }
    };
    let rows = shared::features(db, room.tenant, room.mode.into(), ids).await?;
    let views: Vec<FeatureView> = rows.iter().map(FeatureView::from).collect();
    Answer::page("feature", &views, PageInfo::default())
}

/// Says whether a licence or a policy is there.
///
/// # Errors
/// `NotFound`.
pub async fn owner_exists(ctx: &Ctx, owner: Owner) -> Result<()> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    match owner {
        Owner::License(id) => shared::license(db, room, id).await?.map(|_| ()).ok_or_else(issue::missing),
        Owner::Policy(id) => {
            let found = shared::policy(db, room, id).await?;
            found.map(|_| ()).ok_or_else(policies::service::missing)
        }
    }
}

/// Lets a licence or a policy unlock features.
///
/// # Errors
/// `NotFound`; `BusinessRule` for a feature that is not there.
pub async fn attach(ctx: &Ctx, owner: Owner, chosen: Chosen) -> Result<Answer> {
    change(ctx, owner, chosen, true).await
}

/// Takes features from a licence or a policy; what it does not have is no error.
///
/// # Errors
/// As [`attach`].
pub async fn detach(ctx: &Ctx, owner: Owner, chosen: Chosen) -> Result<Answer> {
    change(ctx, owner, chosen, false).await
}

async fn change(ctx: &Ctx, owner: Owner, chosen: Chosen, is_attached: bool) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    owner_exists(ctx, owner).await?;
    ctx.command(async move |tx| {
        let ids = ids_of(tx, &deed.room, &chosen).await?;
        match owner {
            Owner::License(id) => {
                let mut row = shared::license(tx, &deed.room, id).await?.ok_or_else(issue::missing)?;
                row.features = merged(&row.features, &ids, is_attached).into();
                let view = issue::change(tx, &deed, &mut row, "license.updated").await?;
                Answer::one("license", &view)
            }
            Owner::Policy(id) => {
                let row = shared::policy(tx, &deed.room, id).await?;
                let mut row = row.ok_or_else(policies::service::missing)?;
                row.features = merged(&row.features, &ids, is_attached).into();
                row.updated_at = deed.now.0;
                shared::replace(tx, &row).await?;
                let features = shared::features(tx, row.tenant, row.mode, row.features.0.clone()).await?;
                let codes = features.into_iter().map(|feature| feature.code).collect();
                Answer::one("policy", &views::PolicyView::new(&row, codes))
            }
        }
    })
    .await
}

fn merged(held: &[Uuid], ids: &[Uuid], is_attached: bool) -> Vec<Uuid> {
    let mut merged: Vec<Uuid> = held.iter().copied().filter(|id| !ids.contains(id)).collect();
    if is_attached {
        merged.extend(ids);
    }
    merged
}

/// The ids of what a body names by code or by id.
async fn ids_of(db: &impl ConnectionTrait, room: &Room, chosen: &Chosen) -> Result<Vec<Uuid>> {
    let mut ids = chosen.ids.clone();
    let mut codes = Vec::new();
    for text in &chosen.codes {
        match Uuid::try_parse(text) {
            Ok(id) => ids.push(id),
            Err(_) => codes.push(text.clone()),
        }
    }
    if ids.is_empty() && codes.is_empty() {
        return Err(Error::field("codes", "required", "Name at least one entitlement"));
    }
    let mut found = shared::features(db, room.tenant, room.mode.into(), ids.clone()).await?;
    if !codes.is_empty() {
        found.extend(shared::features_by_code(db, room, &codes).await?);
    }
    if let Some(id) = ids.iter().find(|id| !found.iter().any(|row| row.id == **id)) {
        return Err(issue::dangling("entitlement", *id));
    }
    if let Some(code) = codes.iter().find(|code| !found.iter().any(|row| row.code == **code)) {
        let error = Error::new(Code::BusinessRule, format!("There is no entitlement `{code}`."));
        return Err(error.with_text("reference_not_found"));
    }
    found.sort_by_key(|row| row.id);
    found.dedup_by_key(|row| row.id);
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// Checks that ids of features are all there.
///
/// # Errors
/// `BusinessRule` for one that is not.
pub async fn checked(db: &impl ConnectionTrait, room: &Room, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let chosen = Chosen {
        codes: Vec::new(),
        ids: ids.to_vec(),
    };
    ids_of(db, room, &chosen).await
}

fn missing() -> Error {
    Error::not_found("entitlement")
}
