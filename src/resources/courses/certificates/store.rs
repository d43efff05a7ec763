//! Queries only.

use crate::context::Room;
use crate::domain::Result;
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::{certificate, customer, product, tenant};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};
use uuid::Uuid;

pub(super) async fn of_seat(db: &impl ConnectionTrait, room: &Room, seat: Uuid) -> Result<Option<certificate::Model>> {
    let found = certificate::of(room.tenant, room.mode).filter(certificate::Column::Enrollment.eq(seat));
    found.one(db).await.map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &certificate::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn student(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<customer::Model>> {
    let found = customer::with_deleted_of(room.tenant, room.mode).filter(customer::Column::Id.eq(id));
    found.one(db).await.map_err(map)
}

pub(super) async fn title(db: &impl ConnectionTrait, room: &Room, course: Uuid) -> Result<Option<product::Model>> {
    let found = entities::course::of(room.tenant, room.mode).filter(entities::course::Column::Id.eq(course));
    let Some(course) = found.one(db).await.map_err(map)? else {
        return Ok(None);
    };
    let found = product::with_deleted_of(room.tenant, room.mode).filter(product::Column::Id.eq(course.product));
    found.one(db).await.map_err(map)
}

/// The certificate of a number and the tenant that issued it.
pub(super) async fn by_number(db: &impl ConnectionTrait, number: &str) -> Result<Option<(certificate::Model, tenant::Model)>> {
    let found = certificate::by_number_anywhere(number).one(db).await.map_err(map)?;
    let Some(row) = found else { return Ok(None) };
    let issuer = tenant::by_id(row.tenant).one(db).await.map_err(map)?;
    Ok(issuer.map(|issuer| (row, issuer)))
}
