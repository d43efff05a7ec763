//! One function per operation.

use super::rules::Ratings;
use super::store;
use super::types::{ChangeReview, CreateReview, ReplyReview, ReviewView};
use crate::context::{Answer, Ctx};
use crate::domain::dialect::PageRequest;
use crate::domain::{Code, Error, Event, Result, Timestamp};
use crate::resources::{market, people};
use entities::product;
use entities::review::Model;
use uuid::Uuid;

/// Lists a product's reviews, the newest first.
///
/// # Errors
/// `NotFound`.
pub async fn list(ctx: &Ctx, slug: &str, page: PageRequest) -> Result<Answer> {
    let product = market::service::product(ctx, slug).await?;
    let (rows, info) = store::list(ctx.store(), &product, &page).await?;
    let views: Vec<ReviewView> = rows.iter().map(ReviewView::from).collect();
    Answer::page("review", &views, info)
}

/// Says whether the product is there, and the review where one is named.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, slug: &str, id: Option<Uuid>) -> Result<()> {
    let product = market::service::product(ctx, slug).await?;
    match id {
        None => Ok(()),
        Some(id) => found(ctx, &product, id).await.map(|_| ()),
    }
}

/// Writes a review.
///
/// # Errors
/// `Forbidden` without a purchase, `Conflict` where he wrote one already.
pub async fn create(ctx: &Ctx, slug: &str, form: CreateReview) -> Result<Answer> {
    let product = market::service::product(ctx, slug).await?;
    let author = people::service::behind(ctx).await?;
    let username = people::service::username(ctx.store().read(), &author).await?;
    let row = Model {
        id: ctx.id(),
        tenant: product.tenant,
        mode: product.mode,
        product: product.id,
        author: author.id,
        author_name: author.name.unwrap_or_else(|| username.clone()),
        author_username: username,
        rating: form.rating,
        title: form.title,
        body: form.body,
        creator_reply: None,
        replied_at: None,
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    };
    let (now, event_id) = (ctx.now, ctx.id());
    ctx.command(async move |tx| {
        let product = store::product(tx, row.product).await?.ok_or_else(no_product)?;
        if !store::has_bought(tx, &product, row.author).await? {
            let text = "Purchase required: only somebody who bought this product may review it.";
            return Err(Error::new(Code::Forbidden, text).with_text("review.purchase_required"));
        }
        if store::is_written(tx, row.product, row.author).await? {
            return Err(Error::new(Code::AlreadyExists, "You have reviewed this product already.").with_text("review.exists"));
        }
        store::insert(tx, &row).await?;
        store::rate(tx, &product, ratings(&product).with(row.rating)).await?;
        tx.emit(event(event_id, &row, "review.created", now)?);
        Answer::created("review", &ReviewView::from(&row))
    })
    .await
}

/// Changes a review; what is not named stays.
///
/// # Errors
/// `NotFound`; `Forbidden` for anybody but its author.
pub async fn update(ctx: &Ctx, slug: &str, id: Uuid, form: ChangeReview) -> Result<Answer> {
    let product = market::service::product(ctx, slug).await?;
    let author = people::service::behind(ctx).await?.id;
    let (now, event_id) = (ctx.now, ctx.id());
    ctx.command(async move |tx| {
        let old = store::find(tx, product.id, id).await?.ok_or_else(missing)?;
        refuse_others(&old, author)?;
        let new = changed(&old, &form, now);
        if new == old {
            return Answer::one("review", &ReviewView::from(&old));
        }
        let product = store::product(tx, product.id).await?.ok_or_else(no_product)?;
        store::replace(tx, &new).await?;
        store::rate(tx, &product, ratings(&product).changed(old.rating, new.rating)).await?;
        tx.emit(event(event_id, &new, "review.updated", now)?);
        Answer::one("review", &ReviewView::from(&new))
    })
    .await
}

/// Takes a review back, with its reply; its author may write another one.
///
/// # Errors
/// `NotFound`; `Forbidden` for anybody but its author.
pub async fn delete(ctx: &Ctx, slug: &str, id: Uuid) -> Result<Answer> {
    let product = market::service::product(ctx, slug).await?;
    let author = people::service::behind(ctx).await?.id;
    ctx.command(async move |tx| {
        let old = store::find(tx, product.id, id).await?.ok_or_else(missing)?;
        refuse_others(&old, author)?;
        let product = store::product(tx, product.id).await?.ok_or_else(no_product)?;
        store::delete(tx, &old).await?;
        store::rate(tx, &product, ratings(&product).without(old.rating)).await?;
        Answer::deleted("review", &ReviewView::from(&old))
    })
    .await
}

/// Adds the maker's reply, once.
///
/// # Errors
/// `NotFound`; `Forbidden` for anybody but the product's maker; `Conflict` where he replied already.
pub async fn reply(ctx: &Ctx, slug: &str, id: Uuid, form: ReplyReview) -> Result<Answer> {
    let product = market::service::product(ctx, slug).await?;
    found(ctx, &product, id).await?;
    if !people::service::acts_for(ctx, product.tenant).await? {
        let text = "Only the product's creator can reply to its reviews.";
        return Err(Error::new(Code::Forbidden, text).with_text("review.not_creator"));
    }
    let (now, event_id) = (ctx.now, ctx.id());
    ctx.command(async move |tx| {
        let mut row = store::find(tx, product.id, id).await?.ok_or_else(missing)?;
        if row.creator_reply.is_some() {
            return Err(Error::new(Code::Conflict, "This review has its reply already.").with_text("review.replied"));
        }
        row.creator_reply = Some(form.reply.clone());
        row.replied_at = Some(now.0);
        row.updated_at = now.0;
        store::replace(tx, &row).await?;
        tx.emit(event(event_id, &row, "review.updated", now)?);
        Answer::one("review", &ReviewView::from(&row))
    })
    .await
}

fn refuse_others(row: &Model, author: Uuid) -> Result<()> {
    match row.author == author {
        true => Ok(()),
        false => Err(Error::new(Code::Forbidden, "Only its author can change a review.").with_text("review.not_author")),
    }
}

fn changed(old: &Model, form: &ChangeReview, now: Timestamp) -> Model {
    let mut new = old.clone();
    new.rating = form.rating.unwrap_or(new.rating);
    new.title = form.title.clone().unwrap_or(new.title);
    new.body = form.body.clone().unwrap_or(new.body);
    if new != *old {
        new.updated_at = now.0;
    }
    new
}

async fn found(ctx: &Ctx, product: &product::Model, id: Uuid) -> Result<Model> {
    store::find(ctx.store().read(), product.id, id).await?.ok_or_else(missing)
}

fn ratings(product: &product::Model) -> Ratings {
    Ratings {
        sum: product.rating_sum,
        count: product.rating_count,
    }
}

fn event(id: Uuid, row: &Model, name: &str, now: Timestamp) -> Result<Event> {
    Ok(Event {
        id,
        tenant: row.tenant,
        mode: row.mode.into(),
        name: name.to_owned(),
        view: "review".to_owned(),
        data: serde_json::to_value(ReviewView::from(row)).map_err(Error::internal)?,
        products: vec![row.product],
        created_at: now,
    })
}

fn missing() -> Error {
    Error::not_found("review").with_text("review.not_found")
}

fn no_product() -> Error {
    Error::not_found("product").with_text("product.not_found")
}
