//! Queries only.

use super::types::{EntryView, ListEntries};
use crate::context::Room;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::page::{KeysetPage, Position};
use crate::store::{Store, Tx, rows};
use entities::waitlist_entry::{self, Column, Model};
use entities::{origin, product, tenant, waitlist_attempt, waitlist_launch};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
};
use std::collections::HashSet;
use uuid::Uuid;

/// Mails queued by one command.
pub(super) const BATCH_ROWS: u64 = 100;

/// A live product of any shop that is open, with its room.
pub(super) async fn wanted(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<(product::Model, Room)>> {
    let found = product::anywhere()
        .filter(product::Column::Id.eq(id))
        .filter(product::Column::DeletedAt.is_null());
    let Some(product) = found.one(db).await.map_err(map)? else {
        return Ok(None);
    };
    let tenant = tenant::by_id(product.tenant).one(db).await.map_err(map)?;
    let tenant = tenant.filter(|tenant| !tenant.suspended);
    Ok(tenant
        .and_then(|tenant| Room::of(&tenant, product.mode.into()))
        .map(|room| (product, room)))
}

/// When an address of the network signed up since a moment, oldest first.
pub(super) async fn attempts_since(tx: &Tx, address: &str, since: Timestamp) -> Result<Vec<i64>> {
    use waitlist_attempt::Column as Attempt;
    waitlist_attempt::anywhere()
        .filter(Attempt::Address.eq(address))
        .filter(Attempt::HappenedAt.gt(since.0))
        .select_only()
        .column(Attempt::HappenedAt)
        .order_by_asc(Attempt::HappenedAt)
        .into_tuple()
        .all(tx)
        .await
        .map_err(map)
}

/// Notes a sign-up and forgets those before a moment.
pub(super) async fn note_attempt(tx: &Tx, id: Uuid, address: &str, now: Timestamp, before: Timestamp) -> Result<()> {
    use waitlist_attempt::Column as Attempt;
    waitlist_attempt::delete_anywhere()
        .filter(Attempt::HappenedAt.lte(before.0))
        .exec(tx)
        .await
        .map_err(map)?;
    let row = waitlist_attempt::Model {
        id,
        address: address.to_owned(),
        happened_at: now.0,
    };
    rows::insert(tx, &row).await
}

pub(super) async fn is_waiting(tx: &Tx, product: Uuid, email: &str) -> Result<bool> {
    let found = waitlist_entry::anywhere()
        .filter(Column::Product.eq(product))
        .filter(Column::Email.eq(email));
    Ok(found.one(tx).await.map_err(map)?.is_some())
}

pub(super) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    rows::insert(tx, row).await
}

/// Which entries of a room are wanted.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    room: Room,
    filter: ListEntries,
}

impl Entries {
    pub(super) fn new(room: &Room, filter: ListEntries) -> Self {
        Self {
            room: room.clone(),
            filter,
        }
    }

    fn all(&self) -> Select<waitlist_entry::Entity> {
        waitlist_entry::of(self.room.tenant, self.room.mode)
    }

    fn select(&self) -> Select<waitlist_entry::Entity> {
        let search = self.filter.search.as_deref().filter(|text| !text.is_empty());
        let wanted = Condition::all()
            .add_option(self.filter.product_id.map(|id| Column::Product.eq(id)))
            .add_option(search.map(like));
        self.all().filter(wanted)
    }
}

fn like(text: &str) -> Expr {
    let escaped = text
        .to_lowercase()
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    Expr::col((waitlist_entry::Entity, Column::Email)).like(LikeExpr::new(format!("%{escaped}%")).escape('\\'))
}

pub(super) async fn list(store: &Store, wanted: &Entries, page: &PageRequest) -> Result<(Vec<Model>, PageInfo)> {
    let sort = Sort::newest(Column::CreatedAt, Column::Id);
    listing::list(store.read(), wanted.select(), wanted.all(), sort, page).await
}

/// The next rows of an export, newest first, and where to go on.
pub(super) async fn batch(
    db: &impl ConnectionTrait,
    wanted: &Entries,
    after: Option<&Position>,
    rows: u32,
) -> Result<(Vec<Model>, Option<Position>)> {
    let page = KeysetPage::new(wanted.select(), Column::CreatedAt, Column::Id)
        .descending(true)
        .limit(rows);
    let found = page.after(after)?.fetch(db).await?;
    Ok((found.items, found.next))
}

/// Entries with their products, deleted ones too.
pub(super) async fn told(db: &impl ConnectionTrait, room: &Room, rows: &[Model]) -> Result<Vec<EntryView>> {
    let ids: HashSet<Uuid> = rows.iter().map(|row| row.product).collect();
    let products = match ids.is_empty() {
        true => Vec::new(),
        false => product::anywhere()
            .filter(product::Column::Id.is_in(ids))
            .all(db)
            .await
            .map_err(map)?,
    };
    let is_own = |product: &&product::Model| product.tenant == room.tenant;
    let of = |row: &Model| EntryView::new(row, products.iter().filter(is_own).find(|product| product.id == row.product));
    Ok(rows.iter().map(of).collect())
}

fn waiting(product: Uuid) -> Select<waitlist_entry::Entity> {
    waitlist_entry::anywhere()
        .filter(Column::Product.eq(product))
        .filter(Column::NotifiedAt.is_null())
}

/// Whether anybody waits for a product who was not told yet.
pub(super) async fn has_waiting(tx: &Tx, product: Uuid) -> Result<bool> {
    Ok(waiting(product).one(tx).await.map_err(map)?.is_some())
}

/// Those who are told next.
pub(super) async fn next_waiting(tx: &Tx, product: Uuid) -> Result<Vec<Model>> {
    let rows = waiting(product).order_by_asc(Column::Id).limit(BATCH_ROWS);
    rows.all(tx).await.map_err(map)
}

/// Notes that these were told.
pub(super) async fn notified(tx: &Tx, rows: &[Model], now: Timestamp) -> Result<()> {
    // By the primary key alone: beside it, SQLite would rather walk all of the tenant's rows.
    waitlist_entry::update_anywhere()
        .filter(Column::Id.is_in(rows.iter().map(|row| row.id)))
        .col_expr(Column::NotifiedAt, Expr::value(now.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn set_launch(tx: &Tx, room: &Room, product: Uuid, now: Timestamp) -> Result<()> {
    let row = waitlist_launch::Model {
        product,
        tenant: room.tenant,
        mode: room.mode.into(),
        due_at: now.0,
    };
    let mut kept = OnConflict::column(waitlist_launch::Column::Product);
    kept.update_column(waitlist_launch::Column::DueAt);
    let insert = waitlist_launch::Entity::insert(row.into_active_model()).on_conflict(kept);
    insert.exec_without_returning(tx).await.map(|_| ()).map_err(map)
}

pub(super) async fn end_launch(tx: &Tx, product: Uuid) -> Result<()> {
    let row = waitlist_launch::delete_anywhere().filter(waitlist_launch::Column::Product.eq(product));
    row.exec(tx).await.map(|_| ()).map_err(map)
}

/// The launch that is due longest.
pub(super) async fn due_launch(db: &impl ConnectionTrait, now: Timestamp) -> Result<Option<waitlist_launch::Model>> {
    waitlist_launch::anywhere()
        .filter(waitlist_launch::Column::DueAt.lte(now.0))
        .order_by_asc(waitlist_launch::Column::DueAt)
        .one(db)
        .await
        .map_err(map)
}

/// The next moment after this one at which a launch is due.
pub(super) async fn next_launch(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    let due: Option<i64> = waitlist_launch::anywhere()
        .filter(waitlist_launch::Column::DueAt.gt(after.0))
        .select_only()
        .column(waitlist_launch::Column::DueAt)
        .order_by_asc(waitlist_launch::Column::DueAt)
        .into_tuple()
        .one(db)
        .await
        .map_err(map)?;
    Ok(due.map(Timestamp))
}

/// The product of a launch with its shop, where it is on sale still.
pub(super) async fn launched(tx: &Tx, launch: &waitlist_launch::Model) -> Result<Option<(product::Model, tenant::Model)>> {
    let product = product::of(launch.tenant, launch.mode)
        .filter(product::Column::Id.eq(launch.product))
        .filter(product::Column::Status.eq(product::Status::Published));
    let tenant = tenant::by_id(launch.tenant);
    let found = product.one(tx).await.map_err(map)?;
    Ok(found.zip(tenant.one(tx).await.map_err(map)?))
}

/// Where the shop is on the web, as far as it has said: the first of the origins that may embed it.
pub(super) async fn site(tx: &Tx, tenant: &tenant::Model) -> Result<Option<String>> {
    let origins = origin::anywhere()
        .filter(origin::Column::Tenant.eq(tenant.id))
        .order_by_asc(origin::Column::Origin);
    let found = origins.one(tx).await.map_err(map)?;
    Ok(found.map(|row| row.origin))
}
