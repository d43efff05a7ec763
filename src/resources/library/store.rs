//! Queries only.

use crate::domain::Result;
use crate::domain::dialect::PageRequest;
use crate::store::Store;
use crate::store::errors::map;
use entities::payment::{self, Column, Status};
use entities::{Mode, access, customer, product};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::collections::HashMap;
use uuid::Uuid;

/// What a person paid, in whatever shop.
fn of_person(person: Uuid) -> Select<payment::Entity> {
    let his = Query::select()
        .column(customer::Column::Id)
        .from(customer::Entity)
        .and_where(Expr::col(customer::Column::Person).eq(person))
        .to_owned();
    payment::anywhere()
        .filter(Column::Customer.in_subquery(his))
        .filter(Column::Mode.eq(Mode::Live))
}

/// One page of what a person bought and keeps, the newest first, with the products and the total.
pub(super) async fn list(
    store: &Store,
    person: Uuid,
    page: &PageRequest,
) -> Result<(Vec<(payment::Model, product::Model)>, u64)> {
    let kept = of_person(person).filter(Column::Status.is_in([Status::Completed, Status::Disputed]));
    let total = kept.clone().count(store.read()).await.map_err(map)?;
    let offset = u64::from(page.page.unwrap_or(1).saturating_sub(1)) * u64::from(page.limit);
    let rows = kept
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .offset(offset)
        .limit(u64::from(page.limit))
        .all(store.read())
        .await
        .map_err(map)?;
    let products = products(store.read(), rows.iter().map(|row| row.product)).await?;
    let with_product = |row: payment::Model| Some((products.get(&row.product)?.clone(), row));
    let found = rows.into_iter().filter_map(with_product).map(|(product, row)| (row, product));
    Ok((found.collect(), total))
}

async fn products(db: &impl ConnectionTrait, ids: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, product::Model>> {
    let found = product::anywhere().filter(product::Column::Id.is_in(ids)).all(db).await;
    Ok(found.map_err(map)?.into_iter().map(|row| (row.id, row)).collect())
}

/// A purchase of a person's.
pub(super) async fn find(db: &impl ConnectionTrait, person: Uuid, id: Uuid) -> Result<Option<payment::Model>> {
    of_person(person).filter(Column::Id.eq(id)).one(db).await.map_err(map)
}

/// Any payment by its id, with its product.
pub(super) async fn purchase(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<(payment::Model, product::Model)>> {
    let Some(row) = payment::anywhere().filter(Column::Id.eq(id)).one(db).await.map_err(map)? else {
        return Ok(None);
    };
    let product = products(db, [row.product].into_iter()).await?.remove(&row.product);
    Ok(product.map(|product| (row, product)))
}

/// Whether who paid may use what he paid for.
pub(super) async fn may_use(db: &impl ConnectionTrait, payment: &payment::Model) -> Result<bool> {
    let held = access::of(payment.tenant, payment.mode)
        .filter(access::Column::Customer.eq(payment.customer))
        .filter(access::Column::Product.eq(payment.product))
        .filter(access::Column::EndedAt.is_null());
    Ok(held.count(db).await.map_err(map)? > 0)
}
