//! Products made and changed inside another slice's command: a course is sold through a product of its own.

use super::rules;
use super::service::count;
use super::service::update::changed;
use super::store;
use super::types::{ProductView, UpdateProduct};
use crate::context::Deed;
use crate::domain::{Code, Error, Result};
use crate::store::Tx;
use entities::product::{Model, Status};
use serde_json::json;
use uuid::Uuid;

/// A product that stands for something else.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What it stands for, such as `course`.
    pub kind: &'static str,
    /// For people.
    pub name: String,
    /// Address; derived from the name where there is none.
    pub slug: Option<String>,
    /// Everything else.
    pub rest: UpdateProduct,
}

/// Makes a product, with its events.
///
/// # Errors
/// `AlreadyExists` where the slug is taken.
pub async fn make(tx: &Tx, deed: &Deed, asked: &Standing) -> Result<Model> {
    let room = &deed.room;
    let (status, is_listed) = rules::state(&asked.rest, Status::Draft, true);
    let id = deed.id();
    let slug = match &asked.slug {
        None => store::free_slug(tx, room, (&rules::slug_of(&asked.name), id), None).await?,
        Some(slug) => {
            store::refuse_taken(tx, room, slug)
                .await
                .map_err(|error| taken(error, slug))?;
            slug.clone()
        }
    };
    let row = Model {
        id,
        tenant: room.tenant,
        mode: room.mode.into(),
        slug,
        name: asked.name.clone(),
        description: asked.rest.description.clone().flatten(),
        kind: Some(asked.kind.to_owned()),
        published_at: (status == Status::Published).then_some(deed.now.0),
        status,
        is_listed,
        is_featured: false,
        price_minor: asked.rest.price_minor.unwrap_or(0),
        currency: asked.rest.currency.clone().unwrap_or_else(|| "USD".to_owned()),
        key_prefix: "LIC".to_owned(),
        metadata: json!({}).into(),
        attributes: json!({}).into(),
        licenses_count: 0,
        namespace: None,
        category: asked.rest.category.clone().flatten(),
        shelved_at: None,
        rating_sum: 0,
        rating_count: 0,
        rating_rank: 0,
        sales_count: 0,
        views_count: 0,
        created_at: deed.now.0,
        updated_at: deed.now.0,
        deleted_at: None,
    };
    store::insert(tx, &row).await?;
    count(tx, room, None, Some(row.status));
    let view = ProductView::from(&row);
    tx.emit(deed.event("product.created", "product", &view, vec![row.id])?);
    if view.is_active {
        tx.emit(deed.event("product.published", "product", &view, vec![row.id])?);
    }
    Ok(row)
}

/// Changes a product, with its events; answers the row before and after.
///
/// # Errors
/// `NotFound`, `AlreadyExists` where the new slug is taken.
pub async fn alter(tx: &Tx, deed: &Deed, id: Uuid, change: &UpdateProduct) -> Result<(Model, Model)> {
    let room = &deed.room;
    let old = store::find(tx, room, id).await?.ok_or_else(|| Error::not_found("product"))?;
    let mut new = changed(tx, room, &old, change, deed.now).await?;
    if new == old {
        return Ok((old, new));
    }
    new.updated_at = deed.now.0;
    if new.slug != old.slug {
        let renamed = store::rename(tx, room, &old, &new.slug).await;
        renamed.map_err(|error| taken(error, &new.slug))?;
    }
    store::replace(tx, &new).await?;
    count(tx, room, Some(old.status), Some(new.status));
    let view = ProductView::from(&new);
    tx.emit(deed.event("product.updated", "product", &view, vec![id])?);
    if new.status == Status::Published && old.status != Status::Published {
        tx.emit(deed.event("product.published", "product", &view, vec![id])?);
    }
    Ok((old, new))
}

/// A slug that is taken, without a word of products: whoever made a course knows of none.
fn taken(error: Error, slug: &str) -> Error {
    match error.code {
        Code::AlreadyExists => Error::new(Code::AlreadyExists, format!("The slug `{slug}` is taken.")),
        _ => error,
    }
}
