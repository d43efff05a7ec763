//! Codes that make a licence a trial.

use super::{admin, store};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::dialect::PageInfo;
use crate::domain::{Code, Error, Result, Timestamp};
use crate::resources::licensing::store as shared;
use crate::store::Tx;
use entities::trial_code::Model;
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A code as its creator describes it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TrialForm {
    /// The code.
    pub code: String,
    /// The product it is for; empty means every one of the creator's.
    pub product: Option<String>,
    /// Days a trial lasts.
    pub trial_days: Option<i64>,
    /// How often it may be used; `null` or -1 is no limit.
    #[serde(deserialize_with = "crate::resources::products::types::present")]
    pub max_uses: Option<Option<i64>>,
    /// Until when; `null` clears it.
    #[serde(deserialize_with = "crate::resources::products::types::present")]
    pub expires_at: Option<Option<Timestamp>>,
    /// Whether it works.
    pub is_active: Option<bool>,
}

impl TrialForm {
    fn product(&self) -> Option<&str> {
        self.product.as_deref().filter(|name| !name.is_empty())
    }

    fn apply(&self, row: &mut Model) {
        row.trial_days = self.trial_days.unwrap_or(row.trial_days);
        row.max_uses = self.max_uses.unwrap_or(row.max_uses).filter(|max| *max >= 0);
        row.expires_at = self.expires_at.map_or(row.expires_at, |at| at.map(|at| at.0));
        row.is_active = self.is_active.unwrap_or(row.is_active);
    }
}

/// Lists codes, the newest first.
///
/// # Errors
/// `NotFound` for a product or a creator out of reach.
pub async fn list(ctx: &Ctx, form: TrialForm) -> Result<Answer> {
    let (db, reach) = (ctx.store().read(), admin::reach(ctx)?);
    let product = match form.product() {
        Some(name) => Some(admin::product(db, reach.as_ref(), name).await?.0.id),
        None => None,
    };
    let mut rows = store::trials(db, reach.as_ref(), None).await?;
    rows.retain(|row| product.is_none_or(|product| row.product.is_none_or(|own| own == product)));
    let views = views(db, &rows).await?;
    Answer::page("trial_code", &views, PageInfo::default())
}

async fn views(db: &impl ConnectionTrait, rows: &[Model]) -> Result<Vec<Value>> {
    let mut rooms: HashMap<uuid::Uuid, Option<Room>> = HashMap::new();
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let room = match rooms.entry(row.tenant) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(Room::find(db, row.tenant, row.mode).await?),
        };
        let Some(room) = room else { continue };
        let product = shared::products(db, room, row.product.into_iter().collect()).await?;
        let product = product.first().map(|product| product.slug.clone()).unwrap_or_default();
        views.push(json!({
            "code": row.code, "product": product, "trial_days": row.trial_days, "used_count": row.used_count,
            "max_uses": row.max_uses, "is_active": row.is_active, "created_at": row.created_at,
            "expires_at": row.expires_at, "creator": room.slug,
        }));
    }
    Ok(views)
}

/// Creates a code.
///
/// # Errors
/// `AlreadyExists`; `NotFound` for a product out of reach; `Validation` where nobody is named whose code it is.
pub async fn create(ctx: &Ctx, form: TrialForm) -> Result<Answer> {
    let (reach, call) = (admin::reach(ctx)?, ctx.clone());
    ctx.command(async move |tx| {
        let (product, room) = match form.product() {
            Some(name) => {
                let (product, room) = admin::product(tx, reach.as_ref(), name).await?;
                admin::refuse_archived(&product)?;
                (Some(product.id), room)
            }
            None => (None, call.room()?.clone()),
        };
        if !store::trials(tx, Some(&room), Some(&form.code)).await?.is_empty() {
            return Err(Error::new(
                Code::AlreadyExists,
                format!("A trial code `{}` exists.", form.code),
            ));
        }
        let deed = admin::deed(&call, room);
        let mut row = Model {
            id: deed.id(),
            tenant: deed.room.tenant,
            mode: deed.room.mode.into(),
            product,
            folded: form.code.to_uppercase(),
            code: form.code.clone(),
            trial_days: 0,
            used_count: 0,
            max_uses: None,
            is_active: true,
            expires_at: None,
            created_at: deed.now.0,
            updated_at: deed.now.0,
            deleted_at: None,
        };
        form.apply(&mut row);
        shared::insert(tx, &row).await?;
        Answer::created("trial_code_made", &json!({ "code": row.code }))
    })
    .await
}

/// Changes a code.
///
/// # Errors
/// `NotFound`.
pub async fn update(ctx: &Ctx, form: TrialForm) -> Result<Answer> {
    change(ctx, form.code.clone(), move |row, _| form.apply(row)).await
}

/// Deletes a code.
///
/// # Errors
/// `NotFound`.
pub async fn delete(ctx: &Ctx, code: String) -> Result<Answer> {
    change(ctx, code, |row, now| row.deleted_at = Some(now.0)).await
}

async fn change(ctx: &Ctx, code: String, change: impl Fn(&mut Model, Timestamp) + Send + Sync + 'static) -> Result<Answer> {
    let (reach, now) = (admin::reach(ctx)?, ctx.now);
    ctx.command(async move |tx| {
        let mut found = store::trials(tx, reach.as_ref(), Some(&code)).await?;
        if found.len() > 1 {
            return Err(Error::field(
                "creator_id",
                "required",
                "creatorId is required: several creators have this code",
            ));
        }
        let mut row = found.pop().ok_or_else(|| Error::not_found("trial code"))?;
        change(&mut row, now);
        row.updated_at = now.0;
        shared::replace(tx, &row).await?;
        Answer::one("trial_code_made", &json!({ "code": row.code }))
    })
    .await
}

/// Uses a code for a product and answers its days; nothing where it is no code, used up, over, switched off, deleted or
/// another product's.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn redeem(tx: &Tx, deed: &Deed, product: uuid::Uuid, code: &str) -> Result<Option<i64>> {
    let found = store::trials(tx, Some(&deed.room), Some(code)).await?;
    let good = found.into_iter().find(|row| {
        row.is_active
            && row.product.is_none_or(|own| own == product)
            && row.expires_at.is_none_or(|at| at > deed.now.0)
            && row.max_uses.is_none_or(|max| row.used_count < max)
    });
    let Some(mut row) = good else { return Ok(None) };
    row.used_count += 1;
    row.updated_at = deed.now.0;
    shared::replace(tx, &row).await?;
    Ok(Some(row.trial_days))
}
