//! Queries only.

use crate::context::Room;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::outbox::bodies;
use crate::store::outbox::status::in_status;
use crate::store::{Store, Tx, rows};
use entities::delivery::{self, Status};
use entities::{body, endpoint, product};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

/// Held deliveries that are counted; beyond it the number says enough.
const HELD_COUNTED: u64 = 10_000;

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<endpoint::Model>> {
    endpoint::of(room.tenant, room.mode)
        .filter(endpoint::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn count(tx: &Tx, room: &Room) -> Result<u64> {
    endpoint::of(room.tenant, room.mode).count(tx).await.map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &endpoint::Model) -> Result<()> {
    rows::insert(tx, row).await
}

/// Writes the row back.
pub(super) async fn replace(tx: &Tx, row: &endpoint::Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn products_known(tx: &Tx, room: &Room, ids: &[Uuid]) -> Result<bool> {
    let found = product::of(room.tenant, room.mode).filter(product::Column::Id.is_in(ids.iter().copied()));
    found.count(tx).await.map(|count| count == ids.len() as u64).map_err(map)
}

pub(super) async fn list(
    store: &Store,
    room: &Room,
    active: Option<bool>,
    page: &PageRequest,
) -> Result<(Vec<endpoint::Model>, PageInfo)> {
    let mut select = endpoint::of(room.tenant, room.mode);
    if let Some(active) = active {
        select = select.filter(endpoint::Column::IsActive.eq(active));
    }
    let sort = Sort::newest(endpoint::Column::CreatedAt, endpoint::Column::Id);
    listing::list(
        store.read(),
        select,
        endpoint::with_deleted_of(room.tenant, room.mode),
        sort,
        page,
    )
    .await
}

pub(super) async fn add_delivery(tx: &Tx, row: &delivery::Model, body: &body::Model) -> Result<()> {
    bodies::add(tx, std::slice::from_ref(body)).await?;
    rows::insert(tx, row).await
}

/// Takes what waits for the endpoint out of the queue; what is being tried at this moment is recorded as it ends.
pub(super) async fn take_out_waiting(tx: &Tx, room: &Room, id: Uuid, status: Status, now: Timestamp) -> Result<()> {
    use delivery::Column;
    let failed_at = (status == Status::PermanentlyFailed).then_some(now.0);
    delivery::update_of(room.tenant, room.mode)
        .filter(Column::Endpoint.eq(id))
        .filter(Column::DueAt.is_not_null())
        .filter(Column::LeaseOwner.is_null())
        .col_expr(Column::Status, Expr::value(status))
        .col_expr(Column::DueAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::FailedAt, Expr::value(failed_at))
        .col_expr(Column::UpdatedAt, Expr::value(now.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// Counts the deliveries held for an endpoint, up to a bound.
pub(super) async fn held(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<u64> {
    let of_endpoint = delivery::of(room.tenant, room.mode).filter(delivery::Column::Endpoint.eq(id));
    let held = in_status(of_endpoint, Status::Held)
        .select_only()
        .column(delivery::Column::Id)
        .limit(HELD_COUNTED);
    let ids: Vec<Uuid> = held.into_tuple().all(db).await.map_err(map)?;
    Ok(ids.len() as u64)
}
