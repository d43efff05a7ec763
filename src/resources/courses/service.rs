//! One function per operation; every command is one transaction with its events.

use super::rules;
use super::store;
use super::types::{CourseForm, CourseView, ListCourses, ModuleView};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::{Error, Result};
use crate::resources::products::within::{self, Standing};
use crate::store::Tx;
use entities::course::Model;
use entities::product;
use entities::product::Status;
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

/// The kind of products that stand for courses.
pub const KIND: &str = "course";

/// Lists courses: published ones, for people of the tenant those of any status.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, filter: &ListCourses, page: &PageRequest) -> Result<Answer> {
    let status = match filter.status.as_deref().filter(|_| ctx.person_id().is_some()) {
        None | Some("published") => Some(Status::Published),
        Some("draft") => Some(Status::Draft),
        Some("archived") => Some(Status::Archived),
        Some(_) => None,
    };
    let (rows, info) = store::list(ctx.store(), ctx.room()?, status, page).await?;
    let views: Vec<CourseView> = rows
        .iter()
        .map(|(course, product)| CourseView::of(course, product, None))
        .collect();
    Answer::page("course", &views, info)
}

/// Creates a course and the product it is sold as.
///
/// # Errors
/// `AlreadyExists` where the slug is taken, `Validation` for ids in what is new.
pub async fn create(ctx: &Ctx, form: CourseForm) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let standing = Standing {
            kind: KIND,
            name: form.title.clone().unwrap_or_default(),
            slug: form.slug.clone(),
            rest: form.product(),
        };
        let product = within::make(tx, &deed, &standing).await?;
        let row = Model {
            id: deed.id(),
            tenant: deed.room.tenant,
            mode: deed.room.mode.into(),
            product: product.id,
            created_at: deed.now.0,
            updated_at: deed.now.0,
        };
        store::insert(tx, &row).await?;
        let asked = form.modules.as_deref().unwrap_or_default();
        let modules = rules::content(&[], asked, || deed.id())?;
        store::put_content(tx, &deed.room, row.id, &modules).await?;
        let view = CourseView::of(&row, &product, Some(modules));
        tell(tx, &deed, &view, rules::status_event(None, product.status))?;
        Answer::created("course", &view)
    })
    .await
}

/// Reads a course with its content; one that is not published is there for people of the tenant alone.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let (course, product) = store::find(db, room, id).await?.ok_or_else(missing)?;
    if product.status != Status::Published && ctx.person_id().is_none() {
        return Err(missing());
    }
    let modules = store::content(db, room, id).await?;
    Answer::one("course", &CourseView::of(&course, &product, Some(modules)))
}

/// Says whether the course is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    store::find(ctx.store().read(), ctx.room()?, id)
        .await?
        .map(|_| ())
        .ok_or_else(missing)
}

/// Changes a course; what is not named stays.
///
/// # Errors
/// `NotFound`, `AlreadyExists` where the new slug is taken, `Validation` for ids that are no parts of it.
pub async fn update(ctx: &Ctx, id: Uuid, form: CourseForm) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let (mut row, _) = store::find(tx, &deed.room, id).await?.ok_or_else(missing)?;
        let (old, new) = within::alter(tx, &deed, row.product, &form.product()).await?;
        let before = store::content(tx, &deed.room, id).await?;
        let modules = changed(tx, &deed, &mut row, before, &form).await?;
        let view = CourseView::of(&row, &new, Some(modules));
        tell(tx, &deed, &view, rules::status_event(Some(old.status), new.status))?;
        Answer::one("course", &view)
    })
    .await
}

/// The content after a change; written only where it differs.
async fn changed(tx: &Tx, deed: &Deed, row: &mut Model, before: Vec<ModuleView>, form: &CourseForm) -> Result<Vec<ModuleView>> {
    let Some(asked) = &form.modules else { return Ok(before) };
    let modules = rules::content(&before, asked, || deed.id())?;
    if modules != before {
        store::put_content(tx, &deed.room, row.id, &modules).await?;
        row.updated_at = deed.now.0;
        store::replace(tx, row).await?;
    }
    Ok(modules)
}

fn tell(tx: &Tx, deed: &Deed, view: &CourseView, name: Option<&str>) -> Result<()> {
    if let Some(name) = name {
        tx.emit(deed.event(name, "course", view, vec![view.product_id])?);
    }
    Ok(())
}

/// Tells a new status of the product behind a course as the course's own, wherever it was changed.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn follow(tx: &Tx, deed: &Deed, (old, new): (&product::Model, &product::Model)) -> Result<()> {
    let Some(event) = rules::status_event(Some(old.status), new.status) else {
        return Ok(());
    };
    let Some(row) = store::find_by_product(tx, &deed.room, new.id).await? else {
        return Ok(());
    };
    let modules = store::content(tx, &deed.room, row.id).await?;
    tell(tx, deed, &CourseView::of(&row, new, Some(modules)), Some(event))
}

/// The product behind a course that is for sale; what a checkout of a course sells.
///
/// # Errors
/// `NotFound`, also for courses that are not published.
pub async fn product_of(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Uuid> {
    on_sale(db, room, id).await.map(|(_, product)| product.id)
}

/// The product behind a course of whatever shop: for buyers, who name a course and no shop.
///
/// # Errors
/// `NotFound`.
pub async fn product_anywhere(db: &impl ConnectionTrait, id: Uuid) -> Result<Uuid> {
    store::product_anywhere(db, id).await?.ok_or_else(missing)
}

/// A course that is published, with its product.
///
/// # Errors
/// `NotFound`, also for courses that are not published.
pub async fn on_sale(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<(Model, product::Model)> {
    let found = store::find(db, room, id).await?;
    found
        .filter(|(_, product)| product.status == Status::Published)
        .ok_or_else(missing)
}

/// The course that a product stands for, if it stands for one.
///
/// # Errors
/// What the database says.
pub async fn of_product(db: &impl ConnectionTrait, room: &Room, product: Uuid) -> Result<Option<Model>> {
    store::find_by_product(db, room, product).await
}

/// Product -> course, for those products that stand for one.
///
/// # Errors
/// What the database says.
pub async fn of_products(db: &impl ConnectionTrait, room: &Room, products: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let rows = store::of_products(db, room, products).await?;
    Ok(rows.into_iter().map(|row| (row.product, row.id)).collect())
}

pub(super) fn missing() -> Error {
    Error::not_found("course").with_text("course.not_found")
}
