//! Queries only.

use super::rules::{self, Sum, Window};
use super::types::ListOrders;
use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx};
use entities::{customer, enrollment, entitlement, payment, payment_line, receipt, refund, tenant};
use sea_orm::sea_query::{Alias, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use std::collections::HashMap;
use uuid::Uuid;

/// Orders are the payments that were made.
fn paid(room: &Room) -> Select<payment::Entity> {
    payment::of(room.tenant, room.mode).filter(payment::Column::PaidAt.is_not_null())
}

pub(super) async fn list(
    store: &Store,
    room: &Room,
    filter: &ListOrders,
    page: &PageRequest,
) -> Result<(Vec<payment::Model>, PageInfo)> {
    use payment::Column;
    let mut select = paid(room);
    if let Some(status) = filter.status.as_deref().and_then(rules::status_of) {
        select = select.filter(Column::Status.eq(status));
    }
    if let Some(student) = filter.student_id {
        select = select.filter(Column::Customer.eq(student));
    }
    if let Some(email) = &filter.email {
        select = select.filter(Column::Email.eq(email));
    }
    let sort = Sort::newest(Column::CreatedAt, Column::Id);
    listing::list(store.read(), select, payment::of(room.tenant, room.mode), sort, page).await
}

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<payment::Model>> {
    paid(room).filter(payment::Column::Id.eq(id)).one(db).await.map_err(map)
}

/// Lines of these payments, in order.
pub(super) async fn lines(db: &impl ConnectionTrait, room: &Room, payments: &[Uuid]) -> Result<Vec<payment_line::Model>> {
    let found = payment_line::of(room.tenant, room.mode)
        .filter(payment_line::Column::Payment.is_in(payments.iter().copied()))
        .order_by_asc(payment_line::Column::Position);
    found.all(db).await.map_err(map)
}

/// Everything that these causes gave and took, in order.
pub(super) async fn entries(db: &impl ConnectionTrait, room: &Room, causes: &[Uuid]) -> Result<Vec<entitlement::Model>> {
    let found = entitlement::of(room.tenant, room.mode)
        .filter(entitlement::Column::CauseId.is_in(causes.iter().copied()))
        .order_by_asc(entitlement::Column::Id);
    found.all(db).await.map_err(map)
}

/// Names of customers, deleted ones too.
pub(super) async fn names(db: &impl ConnectionTrait, room: &Room, ids: &[Uuid]) -> Result<HashMap<Uuid, Option<String>>> {
    let rows: Vec<(Uuid, Option<String>)> = customer::with_deleted_of(room.tenant, room.mode)
        .filter(customer::Column::Id.is_in(ids.iter().copied()))
        .select_only()
        .columns([customer::Column::Id, customer::Column::Name])
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    Ok(rows.into_iter().collect())
}

/// Payment -> what is not to be guessed in its receipt's address.
pub(super) async fn tokens(db: &impl ConnectionTrait, room: &Room, payments: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let found = receipt::of(room.tenant, room.mode).filter(receipt::Column::Payment.is_in(payments.iter().copied()));
    let rows = found.all(db).await.map_err(map)?;
    Ok(rows.into_iter().map(|row| (row.payment, row.token)).collect())
}

/// Gives a payment its receipt, unless it has one.
pub(super) async fn add_receipt(tx: &Tx, row: &receipt::Model) -> Result<()> {
    let once = OnConflict::column(receipt::Column::Payment).do_nothing().to_owned();
    receipt::Entity::insert(row.clone().into_active_model())
        .on_conflict(once)
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// The receipt behind a token, and whose sale it tells of.
pub(super) async fn by_token(db: &impl ConnectionTrait, token: &str) -> Result<Option<(receipt::Model, tenant::Model)>> {
    let Some(row) = receipt::by_token_anywhere(token).one(db).await.map_err(map)? else {
        return Ok(None);
    };
    let seller = tenant::by_id(row.tenant).one(db).await.map_err(map)?;
    Ok(seller.map(|seller| (row, seller)))
}

/// What was paid in a window, by currency.
pub(super) async fn paid_within(db: &impl ConnectionTrait, room: &Room, window: Window) -> Result<Vec<Sum>> {
    use payment::Column;
    let rows: Vec<(String, i64, i64, i64)> = payment::of(room.tenant, room.mode)
        .filter(Column::PaidAt.gte(window.starts_at().0))
        .filter(Column::PaidAt.lt(window.ends_before().0))
        .select_only()
        .column(Column::Currency)
        .column_as(Column::AmountMinor.sum().cast_as(Alias::new("bigint")), "amount")
        .column_as(Column::FeeMinor.sum().cast_as(Alias::new("bigint")), "fees")
        .column_as(Column::Id.count(), "number")
        .group_by(Column::Currency)
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    let sum = |(currency, amount_minor, fees_minor, count)| Sum {
        currency,
        amount_minor,
        fees_minor,
        count,
    };
    Ok(rows.into_iter().map(sum).collect())
}

/// What went back in a window, by currency.
pub(super) async fn returned_within(db: &impl ConnectionTrait, room: &Room, window: Window) -> Result<Vec<Sum>> {
    use refund::Column;
    let rows: Vec<(String, i64, i64)> = refund::of(room.tenant, room.mode)
        .filter(Column::Status.eq(refund::Status::Succeeded))
        .filter(Column::CompletedAt.gte(window.starts_at().0))
        .filter(Column::CompletedAt.lt(window.ends_before().0))
        .select_only()
        .column(Column::Currency)
        .column_as(Column::AmountMinor.sum().cast_as(Alias::new("bigint")), "amount")
        .column_as(Column::Id.count(), "number")
        .group_by(Column::Currency)
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    let sum = |(currency, amount_minor, count)| Sum {
        currency,
        amount_minor,
        fees_minor: 0,
        count,
    };
    Ok(rows.into_iter().map(sum).collect())
}

/// Enrolments made in a window, and how many of them are completed.
pub(super) async fn enrolled_within(db: &impl ConnectionTrait, room: &Room, window: Window) -> Result<(u64, u64)> {
    use enrollment::Column;
    let made = enrollment::of(room.tenant, room.mode)
        .filter(Column::EnrolledAt.gte(window.starts_at().0))
        .filter(Column::EnrolledAt.lt(window.ends_before().0));
    let all = made.clone().count(db).await.map_err(map)?;
    let completed = made.filter(Column::CompletedAt.is_not_null()).count(db).await.map_err(map)?;
    Ok((all, completed))
}
