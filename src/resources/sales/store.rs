//! Queries only.

use super::types::Line;
use crate::context::Room;
use crate::domain::{Error, Result};
use crate::resources::analytics::rollup;
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::{checkout, ledger_entry, payment, payment_line, product, refund};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

/// A checkout of this room.
pub async fn checkout(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<checkout::Model>> {
    checkout::of(room.tenant, room.mode)
        .filter(checkout::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// A checkout of this room, by the provider's name for it.
pub async fn checkout_of_session(db: &impl ConnectionTrait, room: &Room, session: &str) -> Result<Option<checkout::Model>> {
    checkout::of(room.tenant, room.mode)
        .filter(checkout::Column::SessionRef.eq(session))
        .one(db)
        .await
        .map_err(map)
}

/// A checkout of whatever tenant; its id is the buyer's secret.
pub async fn checkout_anywhere(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<checkout::Model>> {
    checkout::anywhere()
        .filter(checkout::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// Adds a checkout.
pub async fn insert_checkout(tx: &Tx, row: &checkout::Model) -> Result<()> {
    rows::insert(tx, row).await
}

/// Writes a checkout back.
pub async fn replace_checkout(tx: &Tx, row: &checkout::Model) -> Result<()> {
    rows::replace(tx, row).await
}

/// The lines a checkout was begun with.
///
/// # Errors
/// `Internal` for a row that holds none.
pub fn lines_of(row: &checkout::Model) -> Result<Vec<Line>> {
    serde_json::from_value(row.lines.0.clone()).map_err(Error::internal)
}

/// A payment of this room.
pub async fn payment(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<payment::Model>> {
    payment::of(room.tenant, room.mode)
        .filter(payment::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// A payment of this room, by any of the provider's names for it.
pub(super) async fn payment_by_ref(
    db: &impl ConnectionTrait,
    room: &Room,
    intent: Option<&str>,
    charge: Option<&str>,
) -> Result<Option<payment::Model>> {
    let mut any = Condition::any();
    if let Some(intent) = intent {
        any = any.add(payment::Column::IntentRef.eq(intent));
    }
    if let Some(charge) = charge {
        any = any.add(payment::Column::ChargeRef.eq(charge));
    }
    if any.is_empty() {
        return Ok(None);
    }
    payment::of(room.tenant, room.mode).filter(any).one(db).await.map_err(map)
}

/// The payment of a subscription's invoice.
pub(super) async fn payment_of_invoice(db: &impl ConnectionTrait, room: &Room, invoice: &str) -> Result<Option<payment::Model>> {
    payment::of(room.tenant, room.mode)
        .filter(payment::Column::InvoiceRef.eq(invoice))
        .one(db)
        .await
        .map_err(map)
}

/// Adds a payment with its lines.
pub(super) async fn insert_payment(tx: &Tx, row: &payment::Model, lines: Vec<payment_line::Model>) -> Result<()> {
    rows::insert(tx, row).await?;
    if !lines.is_empty() {
        payment_line::Entity::insert_many(lines.into_iter().map(IntoActiveModel::into_active_model))
            .exec_without_returning(tx)
            .await
            .map_err(map)?;
    }
    rollup::note(tx, None, row).await
}

/// Writes a payment back; the sums of its day follow.
pub(super) async fn replace_payment(tx: &Tx, row: &payment::Model) -> Result<()> {
    let own = payment::of(row.tenant, row.mode).filter(payment::Column::Id.eq(row.id));
    let before = own.one(tx).await.map_err(map)?;
    rows::replace(tx, row).await?;
    rollup::note(tx, before.as_ref(), row).await
}

/// The lines of a payment, in order.
pub async fn payment_lines(db: &impl ConnectionTrait, room: &Room, payment: Uuid) -> Result<Vec<payment_line::Model>> {
    payment_line::of(room.tenant, room.mode)
        .filter(payment_line::Column::Payment.eq(payment))
        .order_by_asc(payment_line::Column::Position)
        .all(db)
        .await
        .map_err(map)
}

/// The refunds of a payment, in order.
pub(super) async fn refunds(db: &impl ConnectionTrait, room: &Room, payment: Uuid) -> Result<Vec<refund::Model>> {
    refund::of(room.tenant, room.mode)
        .filter(refund::Column::Payment.eq(payment))
        .order_by_asc(refund::Column::Id)
        .all(db)
        .await
        .map_err(map)
}

/// A refund of this room.
pub(super) async fn refund(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<refund::Model>> {
    refund::of(room.tenant, room.mode)
        .filter(refund::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// Adds a refund.
pub(super) async fn insert_refund(tx: &Tx, row: &refund::Model) -> Result<()> {
    rows::insert(tx, row).await
}

/// Writes a refund back.
pub(super) async fn replace_refund(tx: &Tx, row: &refund::Model) -> Result<()> {
    rows::replace(tx, row).await
}

/// Adds entries to the books.
pub(super) async fn add_entries(tx: &Tx, rows: Vec<ledger_entry::Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    ledger_entry::Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// A product of this room, deleted or not: what was sold stays known.
pub async fn product(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<product::Model>> {
    product::with_deleted_of(room.tenant, room.mode)
        .filter(product::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}
