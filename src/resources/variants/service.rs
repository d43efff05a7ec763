//! One function per operation.

use super::store;
use super::types::{CreateGroup, GroupView, LinkView, Member, UpdateGroup};
use crate::clock::Ids;
use crate::context::{Answer, Ctx, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::{Code, Error, FieldError, Result, Timestamp};
use crate::resources::products::service as products;
use crate::resources::products::types::BriefView;
use crate::store::Tx;
use entities::variant_group::Model;
use entities::variant_link;
use sea_orm::ConnectionTrait;
use std::collections::HashSet;
use uuid::Uuid;

/// Lists the room's groups.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), room, &page).await?;
    let views = views(ctx.store().read(), room, &rows).await?;
    Answer::page("variant_group", &views, info)
}

/// Groups products as variants.
///
/// # Errors
/// `AlreadyExists` where the slug is taken; `Validation` for products that are not there or come twice.
pub async fn create(ctx: &Ctx, form: CreateGroup) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let row = Model {
        id: ctx.id(),
        tenant: room.tenant,
        mode: room.mode.into(),
        name: form.name,
        slug: form.slug,
        is_active: form.is_active,
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    };
    let (members, ids, now) = (form.products, ctx.house.ids.clone(), ctx.now);
    ctx.command(async move |tx| {
        refuse_taken(tx, &room, &row).await?;
        judge(tx, &room, &members).await?;
        store::insert(tx, &row).await?;
        store::replace_links(tx, &room, row.id, links(&room, row.id, &members, (&ids, now))).await?;
        Answer::created("variant_group", &view(tx, &room, &row).await?)
    })
    .await
}

/// Reads a group.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (room, db) = (ctx.room()?, ctx.store().read());
    let row = store::find(db, room, id).await?.ok_or_else(missing)?;
    Answer::one("variant_group", &view(db, room, &row).await?)
}

/// Changes a group; what is not named stays.
///
/// # Errors
/// `NotFound`; as [`create`].
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdateGroup) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let (ids, now) = (ctx.house.ids.clone(), ctx.now);
    ctx.command(async move |tx| {
        let old = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        let mut new = old.clone();
        new.name = change.name.clone().unwrap_or(new.name);
        new.slug = change.slug.clone().unwrap_or(new.slug);
        new.is_active = change.is_active.unwrap_or(new.is_active);
        refuse_taken(tx, &room, &new).await?;
        let is_regrouped = !change.products.is_empty();
        if is_regrouped {
            judge(tx, &room, &change.products).await?;
            store::replace_links(tx, &room, id, links(&room, id, &change.products, (&ids, now))).await?;
        }
        if is_regrouped || new != old {
            new.updated_at = now.0;
            store::replace(tx, &new).await?;
        }
        Answer::one("variant_group", &view(tx, &room, &new).await?)
    })
    .await
}

/// Dissolves a group; its products stay.
///
/// # Errors
/// `NotFound`.
pub async fn delete(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let room = ctx.room()?.clone();
    ctx.command(async move |tx| {
        let row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        let view = view(tx, &room, &row).await?;
        store::replace_links(tx, &room, id, Vec::new()).await?;
        store::delete(tx, &room, id).await?;
        Answer::deleted("variant_group", &view)
    })
    .await
}

/// Says whether the group is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    let found = store::find(ctx.store().read(), ctx.room()?, id).await?;
    found.map(|_| ()).ok_or_else(missing)
}

async fn refuse_taken(tx: &Tx, room: &Room, row: &Model) -> Result<()> {
    let Some(slug) = &row.slug else { return Ok(()) };
    match store::holder(tx, room, slug).await? {
        Some(id) if id != row.id => Err(Error::new(
            Code::AlreadyExists,
            format!("A group with the slug `{slug}` exists."),
        )),
        _ => Ok(()),
    }
}

/// Refuses products that are not there or come twice, each by its place.
async fn judge(tx: &Tx, room: &Room, members: &[Member]) -> Result<()> {
    let ids: Vec<Uuid> = members.iter().map(|member| member.product_id).collect();
    let known = products::by_ids(tx, room, &ids).await?;
    let mut seen = HashSet::new();
    let wrong = ids.iter().enumerate().filter_map(|(place, id)| {
        let (rule, message) = match (known.contains_key(id), seen.insert(*id)) {
            (false, _) => ("unknown", "There is no product with this id"),
            (true, false) => ("duplicate", "This product is in the list already"),
            (true, true) => return None,
        };
        Some(FieldError {
            field: format!("products.{place}.product_id").into(),
            message: message.into(),
            rule,
        })
    });
    let faults: Vec<FieldError> = wrong.collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::fields(faults))
    }
}

fn links(room: &Room, group: Uuid, members: &[Member], (ids, now): (&Ids, Timestamp)) -> Vec<variant_link::Model> {
    let rows = members.iter().zip(0..).map(|(member, place)| variant_link::Model {
        id: ids.uuid(now),
        tenant: room.tenant,
        mode: room.mode.into(),
        variant_group: group,
        product: member.product_id,
        variant_name: member.variant_name.clone(),
        display_order: member.display_order.unwrap_or(place),
        is_featured: member.is_featured,
        created_at: now.0,
    });
    rows.collect()
}

async fn view(db: &impl ConnectionTrait, room: &Room, row: &Model) -> Result<GroupView> {
    let mut all = views(db, room, std::slice::from_ref(row)).await?;
    all.pop().ok_or_else(missing)
}

async fn views(db: &impl ConnectionTrait, room: &Room, rows: &[Model]) -> Result<Vec<GroupView>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let links = store::links(db, room, &ids).await?;
    let wanted: Vec<Uuid> = links.iter().map(|link| link.product).collect();
    let known = products::by_ids(db, room, &wanted).await?;
    let of = |row: &Model| {
        let own = links.iter().filter(|link| link.variant_group == row.id);
        let told = own.map(|link| LinkView::new(link, known.get(&link.product).map(BriefView::from)));
        GroupView::new(row, told.collect())
    };
    Ok(rows.iter().map(of).collect())
}

fn missing() -> Error {
    Error::not_found("variant group")
}
