//! Queries only.

use super::types::ListRequests;
use crate::context::Room;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx, rows};
use entities::refund_request::{self, Column, Status};
use entities::{customer, payment, product, refund};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Pending refunds told again in one batch.
pub(super) const BATCH_ROWS: u64 = 20;

pub(super) async fn request(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<refund_request::Model>> {
    refund_request::of(room.tenant, room.mode)
        .filter(Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn requests_of_payment(tx: &Tx, room: &Room, payment: Uuid) -> Result<Vec<refund_request::Model>> {
    refund_request::of(room.tenant, room.mode)
        .filter(Column::Payment.eq(payment))
        .all(tx)
        .await
        .map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &refund_request::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &refund_request::Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn list(
    store: &Store,
    room: &Room,
    filter: &ListRequests,
    page: &PageRequest,
) -> Result<(Vec<refund_request::Model>, PageInfo)> {
    let mut wanted = refund_request::of(room.tenant, room.mode);
    if let Some(status) = filter.status.as_deref().and_then(Status::parse) {
        wanted = wanted.filter(Column::Status.eq(status));
    }
    if let Some(customer) = filter.user_id {
        wanted = wanted.filter(Column::Customer.eq(customer));
    }
    if let Some(product) = filter.product_id {
        wanted = wanted.filter(Column::Product.eq(product));
    }
    let all = refund_request::of(room.tenant, room.mode);
    let sort = Sort::newest(Column::CreatedAt, Column::Id);
    listing::list(store.read(), wanted, all, sort, page).await
}

/// What requests are about.
pub(super) async fn about(
    db: &impl ConnectionTrait,
    room: &Room,
    rows: &[refund_request::Model],
) -> Result<(Vec<product::Model>, Vec<payment::Model>)> {
    let products = product::with_deleted_of(room.tenant, room.mode)
        .filter(product::Column::Id.is_in(rows.iter().map(|row| row.product)))
        .all(db)
        .await
        .map_err(map)?;
    let payments = payment::of(room.tenant, room.mode)
        .filter(payment::Column::Id.is_in(rows.iter().map(|row| row.payment)))
        .all(db)
        .await
        .map_err(map)?;
    Ok((products, payments))
}

/// A payment that a person made, in whatever shop.
pub(super) async fn own_payment(
    db: &impl ConnectionTrait,
    person: Uuid,
    id: Uuid,
) -> Result<Option<(Room, payment::Model, customer::Model)>> {
    let Some(payment) = payment::anywhere()
        .filter(payment::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)?
    else {
        return Ok(None);
    };
    let customer = customer::of(payment.tenant, payment.mode)
        .filter(customer::Column::Id.eq(payment.customer))
        .filter(customer::Column::Person.eq(person))
        .one(db)
        .await
        .map_err(map)?;
    let room = Room::find(db, payment.tenant, payment.mode).await?;
    Ok(room.zip(customer).map(|(room, customer)| (room, payment, customer)))
}

/// Refunds that have been pending since before `until`, the oldest first, but none of some tenants'.
pub(super) async fn stuck(db: &impl ConnectionTrait, until: Timestamp, but: Vec<Uuid>) -> Result<Vec<refund::Model>> {
    refund::anywhere()
        // Written out, not a parameter: the index of pending refunds serves no other query.
        .filter(Expr::cust("status = 'pending'"))
        .filter(refund::Column::CreatedAt.lte(until.0))
        .filter(refund::Column::Tenant.is_not_in(but))
        .order_by_asc(refund::Column::CreatedAt)
        .limit(BATCH_ROWS)
        .all(db)
        .await
        .map_err(map)
}
