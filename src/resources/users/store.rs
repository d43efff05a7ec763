//! Queries only.

pub(super) mod list;

use super::types::Presence;
use crate::context::Room;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Result, Timestamp};
use crate::store::Tx;
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use entities::access::{Column, EndReason};
use entities::{access, customer, entitlement, person, product, sign_in};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Accesses that are shown: those that hold and those that ran out.
fn shown() -> Condition {
    Condition::any()
        .add(Column::EndedAt.is_null())
        .add(Column::EndReason.eq(EndReason::Expired))
}

/// One access of a user, shown or not.
pub(super) async fn access(db: &impl ConnectionTrait, room: &Room, user: Uuid, id: Uuid) -> Result<Option<access::Model>> {
    let select = access::of(room.tenant, room.mode).filter(Column::Id.eq(id));
    select.filter(Column::Customer.eq(user)).one(db).await.map_err(map)
}

/// A user's access to a product, shown or not.
pub(super) async fn access_to(
    db: &impl ConnectionTrait,
    room: &Room,
    user: Uuid,
    product: Uuid,
) -> Result<Option<access::Model>> {
    let select = access::of(room.tenant, room.mode).filter(Column::Customer.eq(user));
    select.filter(Column::Product.eq(product)).one(db).await.map_err(map)
}

/// A page of what a user may use, the newest first.
pub(super) async fn accesses(
    db: &impl ConnectionTrait,
    room: &Room,
    user: Uuid,
    page: &PageRequest,
) -> Result<(Vec<access::Model>, PageInfo)> {
    let all = access::of(room.tenant, room.mode).filter(Column::Customer.eq(user));
    let sort = Sort {
        name: "granted_at",
        column: Column::GrantedAt,
        id: Column::Id,
        descending: true,
    };
    listing::list(db, all.clone().filter(shown()), all, sort, page).await
}

/// Everything that was ever said for or against an access, in order.
pub(super) async fn entries(db: &impl ConnectionTrait, room: &Room, access: Uuid) -> Result<Vec<entitlement::Model>> {
    let select = entitlement::of(room.tenant, room.mode).filter(entitlement::Column::Access.eq(access));
    select.order_by_asc(entitlement::Column::Id).all(db).await.map_err(map)
}

/// Marks an access that ran out as withdrawn.
pub(super) async fn mark_revoked(tx: &Tx, row: &access::Model, now: Timestamp) -> Result<()> {
    let update = access::update_of(row.tenant, row.mode)
        .filter(Column::Id.eq(row.id))
        .col_expr(Column::EndReason, Expr::value(EndReason::Revoked))
        .col_expr(Column::UpdatedAt, Expr::value(now.0));
    update.exec(tx).await.map(|_| ()).map_err(map)
}

/// A product, deleted or not: what was given stays known.
pub(super) async fn product(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<product::Model>> {
    let select = product::with_deleted_of(room.tenant, room.mode).filter(product::Column::Id.eq(id));
    select.one(db).await.map_err(map)
}

/// Products by their ids, deleted or not.
pub(super) async fn products(
    db: &impl ConnectionTrait,
    room: &Room,
    ids: BTreeSet<Uuid>,
) -> Result<HashMap<Uuid, product::Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let select = product::with_deleted_of(room.tenant, room.mode).filter(product::Column::Id.is_in(ids));
    let rows = select.all(db).await.map_err(map)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// What each of some users may use, the newest first.
pub(super) async fn owned(
    db: &impl ConnectionTrait,
    room: &Room,
    users: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<(access::Model, product::Model)>>> {
    let mut owned: HashMap<Uuid, Vec<(access::Model, product::Model)>> = HashMap::new();
    if users.is_empty() {
        return Ok(owned);
    }
    let select = access::of(room.tenant, room.mode).filter(Column::Customer.is_in(users));
    let select = select
        .filter(shown())
        .order_by_desc(Column::GrantedAt)
        .order_by_desc(Column::Id);
    let rows = select.all(db).await.map_err(map)?;
    let known = products(db, room, rows.iter().map(|row| row.product).collect()).await?;
    for row in rows {
        if let Some(product) = known.get(&row.product) {
            owned.entry(row.customer).or_default().push((row, product.clone()));
        }
    }
    Ok(owned)
}

/// When the persons behind customers proved their addresses and last signed in.
pub(super) async fn presence(db: &impl ConnectionTrait, rows: &[customer::Model]) -> Result<HashMap<Uuid, Presence>> {
    let persons: Vec<Uuid> = rows.iter().filter_map(|row| row.person).collect();
    let mut all: HashMap<Uuid, Presence> = HashMap::new();
    if persons.is_empty() {
        return Ok(all);
    }
    let known = person::anywhere().filter(person::Column::Id.is_in(persons.clone()));
    for row in known.all(db).await.map_err(map)? {
        all.entry(row.id).or_default().confirmed_at = row.email_verified_at;
    }
    let times = sign_in::anywhere().filter(sign_in::Column::Person.is_in(persons));
    for row in times.all(db).await.map_err(map)? {
        all.entry(row.person).or_default().signed_in_at = Some(row.last_at);
    }
    Ok(all)
}
