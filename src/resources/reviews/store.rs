//! Queries only.

use super::rules::Ratings;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx, rows};
use entities::payment::Status;
use entities::review::{self, Column, Model};
use entities::{customer, payment, payment_line, product};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

pub(super) async fn list(store: &Store, product: &product::Model, page: &PageRequest) -> Result<(Vec<Model>, PageInfo)> {
    let select = review::of_product(product.id);
    let sort = Sort::newest(Column::CreatedAt, Column::Id);
    let (rows, mut info) = listing::list(store.read(), select.clone(), select, sort, page).await?;
    if info.total.is_none() {
        info.total = u64::try_from(product.rating_count).ok();
    }
    Ok((rows, info))
}

pub(super) async fn find(db: &impl ConnectionTrait, product: Uuid, id: Uuid) -> Result<Option<Model>> {
    review::of_product(product)
        .filter(Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn is_written(tx: &Tx, product: Uuid, author: Uuid) -> Result<bool> {
    let written = review::of_product(product).filter(Column::Author.eq(author)).count(tx).await;
    Ok(written.map_err(map)? > 0)
}

/// Whether the person paid for the product, alone or with others, and has not been paid back.
pub(super) async fn has_bought(db: &impl ConnectionTrait, product: &product::Model, person: Uuid) -> Result<bool> {
    let his = Query::select()
        .column(customer::Column::Id)
        .from(customer::Entity)
        .and_where(Expr::col(customer::Column::Person).eq(person))
        .to_owned();
    let within = Query::select()
        .column(payment_line::Column::Payment)
        .from(payment_line::Entity)
        .and_where(Expr::col(payment_line::Column::Product).eq(product.id))
        .to_owned();
    let for_it = Condition::any()
        .add(payment::Column::Product.eq(product.id))
        .add(payment::Column::Id.in_subquery(within));
    let bought = payment::of(product.tenant, product.mode)
        .filter(payment::Column::Customer.in_subquery(his))
        .filter(payment::Column::Status.eq(Status::Completed))
        .filter(for_it);
    Ok(bought.count(db).await.map_err(map)? > 0)
}

pub(super) async fn product(tx: &Tx, id: Uuid) -> Result<Option<product::Model>> {
    product::anywhere()
        .filter(product::Column::Id.eq(id))
        .one(tx)
        .await
        .map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn delete(tx: &Tx, row: &Model) -> Result<()> {
    let deleted = review::delete_of(row.tenant, row.mode).filter(Column::Id.eq(row.id)).exec(tx);
    deleted.await.map(|_| ()).map_err(map)
}

/// Writes what a product's ratings are now.
pub(super) async fn rate(tx: &Tx, of: &product::Model, ratings: Ratings) -> Result<()> {
    product::update_of(of.tenant, of.mode)
        .filter(product::Column::Id.eq(of.id))
        .col_expr(product::Column::RatingSum, Expr::value(ratings.sum))
        .col_expr(product::Column::RatingCount, Expr::value(ratings.count))
        .col_expr(product::Column::RatingRank, Expr::value(ratings.rank()))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}
