//! One function per operation.

use super::store;
use super::tally;
use super::types::{Browse, Detail, VersionBrief, creator};
use crate::context::{Answer, Ctx, Principal};
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Error, Result, Timestamp};
use crate::resources::products::types::ProductView;
use crate::resources::versions;
use entities::product::Model;
use serde_json::{Value, json};
use uuid::Uuid;

/// Pictures shown.
const IMAGES_MAX: usize = 50;

/// Lists what the marketplace shows.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn browse(ctx: &Ctx, filter: Browse, page: PageRequest) -> Result<Answer> {
    let (rows, total) = store::browse(ctx.store(), &filter, &page).await?;
    let views: Vec<ProductView> = rows.iter().map(ProductView::from).collect();
    let info = PageInfo {
        limit: page.limit,
        page: Some(page.page.unwrap_or(1)),
        total: Some(total),
        ..PageInfo::default()
    };
    Answer::page("product", &views, info)
}

/// Reads a product the marketplace shows, and counts the look of whoever is no part of its shop; asking for the head alone is
/// no look.
///
/// # Errors
/// `NotFound`, also for drafts.
pub async fn show(ctx: &Ctx, slug: &str, is_head: bool) -> Result<Answer> {
    let (row, tenant) = store::shown(ctx.store().read(), slug).await?.ok_or_else(missing)?;
    let versions = versions::service::of_product(ctx.store().read(), row.id).await?;
    let mut product = ProductView::from(&row);
    product.creator = Some(creator(&tenant));
    let detail = Detail {
        images: images(&product.attributes),
        product,
        versions: versions
            .iter()
            .map(|version| VersionBrief {
                version: version.version.clone(),
                changelog: version.changelog.clone(),
                size_bytes: version.size_bytes,
                created_at: Timestamp(version.created_at),
            })
            .collect(),
    };
    if !is_head && is_looker(ctx, row.tenant) {
        tally::count(&ctx.house.tally, &row, ctx.now);
    }
    Answer::one("product", &detail)
}

/// A product of the marketplace by its slug.
///
/// # Errors
/// `NotFound`.
pub async fn product(ctx: &Ctx, slug: &str) -> Result<Model> {
    let found = store::shown(ctx.store().read(), slug).await?;
    found.map(|(row, _)| row).ok_or_else(missing)
}

/// A product of the marketplace by its id.
///
/// # Errors
/// `NotFound`.
pub async fn product_by_id(ctx: &Ctx, id: Uuid) -> Result<Model> {
    store::shown_by_id(ctx.store().read(), id).await?.ok_or_else(missing)
}

/// People count unless the shop is theirs; programs do not.
fn is_looker(ctx: &Ctx, tenant: Uuid) -> bool {
    match &ctx.principal {
        Principal::Anonymous => true,
        Principal::Person(signed) => {
            let is_theirs = ctx.room.as_ref().is_some_and(|room| room.tenant == tenant);
            !(is_theirs && signed.role.is_some())
        }
        Principal::Key(_) | Principal::License(_) | Principal::Operator { .. } => false,
    }
}

/// The pictures a product names, in order: a list of its own, else the one it is shown with everywhere.
fn images(attributes: &Value) -> Vec<Value> {
    let own = attributes["images"].as_array().cloned().unwrap_or_default();
    let shown = |(place, image): (usize, Value)| {
        let url = image.as_str().or_else(|| image["url"].as_str())?.to_owned();
        let position = image["position"].as_u64().unwrap_or(place as u64);
        Some(json!({"url": url, "position": position}))
    };
    let alone = attributes["image_url"].as_str().map(|url| json!({ "url": url }));
    let all = if own.is_empty() { alone.into_iter().collect() } else { own };
    let mut all: Vec<Value> = all.into_iter().take(IMAGES_MAX).enumerate().filter_map(shown).collect();
    all.sort_by_key(|image| image["position"].as_u64());
    all
}

fn missing() -> Error {
    Error::not_found("product").with_text("product.not_found")
}
