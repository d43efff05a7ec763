//! New products.

use super::around::{self, Around};
use super::{count, event};
use crate::context::{Answer, Ctx, Room};
use crate::domain::{Error, Result, Timestamp};
use crate::resources::products::rules::{self, selling};
use crate::resources::products::store;
use crate::resources::products::types::CreateProduct;
use crate::store::names::{LICENSE_SERVER, MARKETPLACE};
use entities::product::{Model, Status};
use serde_json::json;
use uuid::Uuid;

/// Creates a product.
///
/// # Errors
/// `AlreadyExists` where the slug is taken; `Validation` for what does not hold together.
pub async fn create(ctx: &Ctx, mut form: CreateProduct) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let derived = form.slug.is_none();
    let namespace = form
        .namespace
        .as_deref()
        .and_then(|name| [MARKETPLACE, LICENSE_SERVER].into_iter().find(|known| *known == name));
    around::imply_bundle(&mut form.rest);
    let mut row = row_of(ctx.id(), &room, &form, ctx.now);
    row.namespace = namespace.map(str::to_owned);
    let faults = selling::faults(&row, &form.rest, ctx.now);
    selling::settle(&mut row);
    let (now, event_ids) = (ctx.now, [ctx.id(), ctx.id()]);
    ctx.command(async move |tx| {
        let (mut row, mut faults) = (row.clone(), faults.clone());
        if derived {
            row.slug = store::free_slug(tx, &room, (&row.slug, row.id), namespace).await?;
        } else if faults.is_empty() && namespace.is_some() {
            // Before the name is claimed, which would be refused in other words.
            store::refuse_taken(tx, &room, &row.slug).await?;
        }
        if !faults.is_empty() {
            return Err(Error::fields(faults));
        }
        if let Some(namespace) = namespace {
            store::claim_name(tx, namespace, &row).await?;
        }
        store::insert(tx, &row).await?;
        let around = if around::stands_alone(&row, &form.rest) {
            Around::default()
        } else {
            faults.extend(around::write(tx, &room, &row, &form.rest).await?);
            if !faults.is_empty() {
                return Err(Error::fields(faults));
            }
            Around::of(tx, &room, &row).await?
        };
        count(tx, &room, None, Some(row.status));
        let view = around.view(&row);
        tx.emit(event(event_ids[0], &room, "product.created", &view, now)?);
        if view.is_active {
            tx.emit(event(event_ids[1], &room, "product.published", &view, now)?);
        }
        Answer::created("product", &view)
    })
    .await
}

fn row_of(id: Uuid, room: &Room, form: &CreateProduct, now: Timestamp) -> Model {
    let rest = &form.rest;
    let (status, is_listed) = rules::state(rest, Status::Published, true);
    Model {
        id,
        tenant: room.tenant,
        mode: room.mode.into(),
        slug: form.slug.clone().unwrap_or_else(|| rules::slug_of(&form.name)),
        name: form.name.clone(),
        description: rest.description.clone().flatten(),
        kind: rest.kind.clone().flatten(),
        published_at: (status == Status::Published).then_some(now.0),
        status,
        is_listed,
        is_featured: rest.is_featured.unwrap_or(false),
        price_minor: rest.price_minor.unwrap_or(0),
        currency: rest.currency.clone().unwrap_or_else(|| "USD".to_owned()),
        key_prefix: rest.key_prefix.clone().unwrap_or_else(|| "LIC".to_owned()),
        metadata: rest.metadata.clone().unwrap_or_else(|| json!({})).into(),
        attributes: rules::merge_attributes(&json!({}), &rest.attributes).into(),
        licenses_count: 0,
        namespace: None,
        category: rest.category.clone().flatten(),
        shelved_at: None,
        rating_sum: 0,
        rating_count: 0,
        rating_rank: 0,
        sales_count: 0,
        views_count: 0,
        created_at: now.0,
        updated_at: now.0,
        deleted_at: None,
    }
}
