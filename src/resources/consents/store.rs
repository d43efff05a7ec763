//! Queries only.

use super::types::ListConsents;
use crate::context::Room;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::page::{KeysetPage, Position};
use crate::store::{Store, Tx, rows};
use entities::{Document, checkout, consent};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, Select};
use uuid::Uuid;

/// A checkout that waits to be paid.
pub(super) async fn open_checkout(tx: &Tx, id: Uuid) -> Result<Option<checkout::Model>> {
    let row = checkout::anywhere()
        .filter(checkout::Column::Id.eq(id))
        .one(tx)
        .await
        .map_err(map)?;
    Ok(row.filter(|row| row.status == checkout::Status::Open))
}

pub(super) async fn note(tx: &Tx, row: &checkout::Model, metadata: Document, now: Timestamp) -> Result<()> {
    checkout::update_of(row.tenant, row.mode)
        .filter(checkout::Column::Id.eq(row.id))
        .col_expr(checkout::Column::Metadata, Expr::value(metadata))
        .col_expr(checkout::Column::UpdatedAt, Expr::value(now.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &consent::Model) -> Result<()> {
    rows::insert(tx, row).await
}

/// Which answers of a room are wanted.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    room: Room,
    filter: ListConsents,
}

impl Entries {
    pub(super) fn new(room: &Room, filter: ListConsents) -> Self {
        Self {
            room: room.clone(),
            filter,
        }
    }

    fn all(&self) -> Select<consent::Entity> {
        consent::of(self.room.tenant, self.room.mode)
    }

    fn select(&self) -> Select<consent::Entity> {
        let filter = &self.filter;
        let wanted = Condition::all()
            .add_option(filter.checkout_id.map(|id| consent::Column::Checkout.eq(id)))
            .add_option(filter.from_at.map(|from| consent::Column::CreatedAt.gte(from.0)))
            .add_option(filter.to_at.map(|to| consent::Column::CreatedAt.lte(to.0)));
        self.all().filter(wanted)
    }
}

pub(super) async fn list(store: &Store, wanted: &Entries, page: &PageRequest) -> Result<(Vec<consent::Model>, PageInfo)> {
    let sort = Sort::newest(consent::Column::CreatedAt, consent::Column::Id);
    listing::list(store.read(), wanted.select(), wanted.all(), sort, page).await
}

/// The next rows of an export, newest first, and where to go on.
pub(super) async fn batch(
    db: &impl ConnectionTrait,
    wanted: &Entries,
    after: Option<&Position>,
    count: u32,
) -> Result<(Vec<consent::Model>, Option<Position>)> {
    let page = KeysetPage::new(wanted.select(), consent::Column::CreatedAt, consent::Column::Id)
        .descending(true)
        .limit(count);
    let found = page.after(after)?.fetch(db).await?;
    Ok((found.items, found.next))
}
