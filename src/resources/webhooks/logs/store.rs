//! Queries only.

use crate::context::Room;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::lease::is_free;
use crate::store::listing::{self, Sort};
use crate::store::outbox::status::in_status;
use crate::store::{Store, Tx, rows};
use entities::delivery::{self, Column, Model, Status};
use entities::{attempt, endpoint};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Select, UpdateMany};
use std::collections::HashMap;
use uuid::Uuid;

/// Attempts shown of one delivery; a schedule has seven, a replay starts another.
const ATTEMPTS_SHOWN: u64 = 100;
/// What a list is narrowed by.
pub(super) struct Wanted {
    pub(super) endpoint: Option<Uuid>,
    pub(super) event_name: Option<String>,
    /// Any of these; `None` means every one.
    pub(super) statuses: Option<&'static [Status]>,
}

/// What is wanted, one select for each state, so that each walks along an index.
pub(super) fn selects(room: &Room, wanted: &Wanted) -> Vec<Select<delivery::Entity>> {
    let mut base = delivery::of(room.tenant, room.mode);
    if let Some(endpoint) = wanted.endpoint {
        base = base.filter(Column::Endpoint.eq(endpoint));
    }
    if let Some(name) = &wanted.event_name {
        base = base.filter(Column::EventName.eq(name));
    }
    match wanted.statuses {
        None => vec![base],
        Some(statuses) => statuses.iter().map(|status| in_status(base.clone(), *status)).collect(),
    }
}

pub(super) async fn list(store: &Store, room: &Room, wanted: &Wanted, page: &PageRequest) -> Result<(Vec<Model>, PageInfo)> {
    let selects = selects(room, wanted);
    let sort = Sort::newest(Column::CreatedAt, Column::Id);
    listing::merged(store.read(), selects, delivery::of(room.tenant, room.mode), sort, page).await
}

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<Model>> {
    delivery::of(room.tenant, room.mode)
        .filter(Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn attempts(store: &Store, room: &Room, delivery: Uuid) -> Result<Vec<attempt::Model>> {
    attempt::of(room.tenant, room.mode)
        .filter(attempt::Column::Delivery.eq(delivery))
        .order_by_asc(attempt::Column::StartedAt)
        .order_by_asc(attempt::Column::Id)
        .limit(ATTEMPTS_SHOWN)
        .all(store.read())
        .await
        .map_err(map)
}

/// The endpoints of these ids, deleted ones too.
pub(super) async fn endpoints(
    store: &Store,
    room: &Room,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, endpoint::Model>> {
    let mut ids: Vec<Uuid> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = endpoint::with_deleted_of(room.tenant, room.mode).filter(endpoint::Column::Id.is_in(ids));
    let rows = found.all(store.read()).await.map_err(map)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub(super) async fn endpoint(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<endpoint::Model>> {
    endpoint::of(room.tenant, room.mode)
        .filter(endpoint::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// The number of the next repetition of an event for an endpoint.
pub(super) async fn next_round(tx: &Tx, row: &Model) -> Result<i32> {
    let last: Option<Option<i32>> = delivery::of(row.tenant, row.mode)
        .filter(Column::Event.eq(row.event))
        .filter(Column::Endpoint.eq(row.endpoint))
        .select_only()
        .column_as(Column::Round.max(), "last")
        .into_tuple()
        .one(tx)
        .await
        .map_err(map)?;
    Ok(last.flatten().unwrap_or(row.round) + 1)
}

pub(super) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    rows::insert(tx, row).await
}

/// A change of a delivery's state, made only where it is in one of the states it may be made from.
pub(super) struct Change {
    pub(super) from: &'static [Status],
    pub(super) to: Status,
    pub(super) due_at: Option<Timestamp>,
    pub(super) failed_at: Option<Timestamp>,
    /// Whether the schedule starts over.
    pub(super) starts_over: bool,
    pub(super) now: Timestamp,
    /// The real clock, for telling whether an attempt is under way.
    pub(super) real_now: Timestamp,
}

impl Change {
    fn of(&self, update: UpdateMany<delivery::Entity>) -> UpdateMany<delivery::Entity> {
        let mut update = update
            .filter(Column::Status.is_in(self.from.iter().copied()))
            .filter(is_free(self.real_now))
            .col_expr(Column::Status, Expr::value(self.to))
            .col_expr(Column::DueAt, Expr::value(self.due_at.map(|at| at.0)))
            .col_expr(Column::FailedAt, Expr::value(self.failed_at.map(|at| at.0)))
            .col_expr(Column::LeaseOwner, Expr::value(Option::<String>::None))
            .col_expr(Column::LeaseUntilAt, Expr::value(Option::<i64>::None))
            .col_expr(Column::UpdatedAt, Expr::value(self.now.0));
        if self.starts_over {
            update = update.col_expr(Column::AttemptCount, Expr::value(0));
        }
        update
    }
}

/// Makes the change; false where the row is in another state or an attempt is under way.
pub(super) async fn change(tx: &Tx, room: &Room, id: Uuid, change: &Change) -> Result<bool> {
    let update = change.of(delivery::update_of(room.tenant, room.mode).filter(Column::Id.eq(id)));
    Ok(update.exec(tx).await.map_err(map)?.rows_affected == 1)
}

/// Makes the change in these rows; tells in how many.
pub(super) async fn change_all(tx: &Tx, room: &Room, ids: &[Uuid], change: &Change) -> Result<u64> {
    let update = change.of(delivery::update_of(room.tenant, room.mode).filter(Column::Id.is_in(ids.iter().copied())));
    Ok(update.exec(tx).await.map_err(map)?.rows_affected)
}

/// Puts a row away; one that is being tried stays with whoever tries it until that is recorded.
pub(super) async fn archive(tx: &Tx, room: &Room, id: Uuid, now: Timestamp) -> Result<bool> {
    let archived = delivery::update_of(room.tenant, room.mode)
        .filter(Column::Id.eq(id))
        .col_expr(Column::Status, Expr::value(Status::Archived))
        .col_expr(Column::DueAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::UpdatedAt, Expr::value(now.0))
        .exec(tx)
        .await
        .map_err(map)?;
    Ok(archived.rows_affected == 1)
}

/// A part of an endpoint's deliveries: one state, a span of time.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) endpoint: Uuid,
    pub(super) status: Status,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

fn spanned(room: &Room, span: Span) -> Select<delivery::Entity> {
    let of_endpoint = delivery::of(room.tenant, room.mode).filter(Column::Endpoint.eq(span.endpoint));
    let within = Condition::all()
        .add(Column::CreatedAt.gte(span.from.0))
        .add(Column::CreatedAt.lt(span.to.0));
    in_status(of_endpoint, span.status).filter(within)
}

/// Counts them.
pub(super) async fn count(store: &Store, room: &Room, span: Span) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    spanned(room, span).count(store.read()).await.map_err(map)
}

/// The first of them, the oldest first, behind a place in that order.
pub(super) async fn first_ids(
    store: &Store,
    room: &Room,
    span: Span,
    after: Option<(i64, Uuid)>,
    limit: u64,
) -> Result<Vec<(i64, Uuid)>> {
    let mut select = spanned(room, span);
    if let Some((created_at, id)) = after {
        let later = Condition::all().add(Column::CreatedAt.eq(created_at)).add(Column::Id.gt(id));
        select = select.filter(Condition::any().add(Column::CreatedAt.gt(created_at)).add(later));
    }
    select
        .select_only()
        .columns([Column::CreatedAt, Column::Id])
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(store.read())
        .await
        .map_err(map)
}
