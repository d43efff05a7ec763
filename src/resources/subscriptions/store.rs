//! Queries only.

use crate::context::Room;
use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::subscription::{self, Column};
use entities::{checkout, customer, product, subscription_invoice};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

/// Most subscriptions that one person is shown.
const SHOWN_MAX: u64 = 500;
/// Subscriptions of one batch of due work.
pub(super) const BATCH_ROWS: u64 = 50;

pub(super) async fn by_ref(
    db: &impl ConnectionTrait,
    room: &Room,
    subscription_ref: &str,
) -> Result<Option<subscription::Model>> {
    subscription::of(room.tenant, room.mode)
        .filter(Column::SubscriptionRef.eq(subscription_ref))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn by_id(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<subscription::Model>> {
    subscription::of(room.tenant, room.mode)
        .filter(Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// Subscriptions of whatever tenant that bear this name.
pub(super) async fn by_ref_anywhere(db: &impl ConnectionTrait, subscription_ref: &str) -> Result<Option<subscription::Model>> {
    subscription::anywhere()
        .filter(Column::SubscriptionRef.eq(subscription_ref))
        .one(db)
        .await
        .map_err(map)
}

/// A subscription of whatever tenant; its id is known to its owner alone.
pub(super) async fn by_id_anywhere(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<subscription::Model>> {
    subscription::anywhere().filter(Column::Id.eq(id)).one(db).await.map_err(map)
}

/// What a person subscribes to, at whatever tenant, newest first.
pub(super) async fn of_person(db: &impl ConnectionTrait, person: Uuid) -> Result<Vec<subscription::Model>> {
    subscription::anywhere()
        .filter(Column::Customer.in_subquery(customers_of(person)))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(SHOWN_MAX)
        .all(db)
        .await
        .map_err(map)
}

/// A subscription, if it is this person's.
pub(super) async fn own(db: &impl ConnectionTrait, person: Uuid, id: Uuid) -> Result<Option<subscription::Model>> {
    subscription::anywhere()
        .filter(Column::Id.eq(id))
        .filter(Column::Customer.in_subquery(customers_of(person)))
        .one(db)
        .await
        .map_err(map)
}

fn customers_of(person: Uuid) -> sea_orm::sea_query::SelectStatement {
    let mut ids: Select<customer::Entity> = customer::anywhere()
        .filter(customer::Column::Person.eq(person))
        .filter(customer::Column::DeletedAt.is_null())
        .select_only()
        .column(customer::Column::Id);
    sea_orm::QuerySelect::query(&mut ids).take()
}

pub(super) async fn products(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<product::Model>> {
    product::anywhere()
        .filter(product::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await
        .map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &subscription::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &subscription::Model) -> Result<()> {
    rows::replace(tx, row).await
}

/// A product of this room, deleted or not: what is subscribed to stays known.
pub(super) async fn product(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<product::Model>> {
    product::with_deleted_of(room.tenant, room.mode)
        .filter(product::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn checkout(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<checkout::Model>> {
    checkout::of(room.tenant, room.mode)
        .filter(checkout::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn replace_checkout(tx: &Tx, row: &checkout::Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn invoice(
    db: &impl ConnectionTrait,
    room: &Room,
    invoice_ref: &str,
) -> Result<Option<subscription_invoice::Model>> {
    subscription_invoice::of(room.tenant, room.mode)
        .filter(subscription_invoice::Column::InvoiceRef.eq(invoice_ref))
        .one(db)
        .await
        .map_err(map)
}

/// Writes an invoice down, for the first time or again.
pub(super) async fn put_invoice(tx: &Tx, row: &subscription_invoice::Model, is_new: bool) -> Result<()> {
    match is_new {
        true => rows::insert(tx, row).await,
        false => rows::replace(tx, row).await,
    }
}

/// Names the payment that an invoice was booked as.
pub(super) async fn set_payment(tx: &Tx, room: &Room, invoice: Uuid, payment: Uuid) -> Result<()> {
    subscription_invoice::update_of(room.tenant, room.mode)
        .filter(subscription_invoice::Column::Id.eq(invoice))
        .col_expr(
            subscription_invoice::Column::Payment,
            sea_orm::sea_query::Expr::value(payment),
        )
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// What the sandbox has to do by `now`, the longest due first.
pub(super) async fn due(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<subscription::Model>> {
    due_by(db, Column::DueAt, now).await
}

/// The next moment after `after` at which the sandbox has something to do.
pub(super) async fn next_due(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    next_by(db, Column::DueAt, after).await
}

/// Whose provider is to be told by `now` that they end, the longest due first.
pub(super) async fn ends_wanted(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<subscription::Model>> {
    due_by(db, Column::EndWantedAt, now).await
}

/// The next moment after `after` at which a provider is to be told so.
pub(super) async fn next_end_wanted(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    next_by(db, Column::EndWantedAt, after).await
}

/// A batch of what is due by `now` by one of the moments of a subscription.
async fn due_by(db: &impl ConnectionTrait, moment: Column, now: Timestamp) -> Result<Vec<subscription::Model>> {
    subscription::anywhere()
        .filter(moment.lte(now.0))
        .order_by_asc(moment)
        .limit(BATCH_ROWS)
        .all(db)
        .await
        .map_err(map)
}

async fn next_by(db: &impl ConnectionTrait, moment: Column, after: Timestamp) -> Result<Option<Timestamp>> {
    let at: Option<i64> = subscription::anywhere()
        .filter(moment.gt(after.0))
        .select_only()
        .column(moment)
        .order_by_asc(moment)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
        .map_err(map)?;
    Ok(at.map(Timestamp))
}
