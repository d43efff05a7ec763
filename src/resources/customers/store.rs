//! Queries only.

use crate::context::Room;
use crate::domain::Result;
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::{customer, person};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};
use uuid::Uuid;

pub(super) async fn by_email(db: &impl ConnectionTrait, room: &Room, email: &str) -> Result<Option<customer::Model>> {
    customer::of(room.tenant, room.mode)
        .filter(customer::Column::Email.eq(email))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn by_id(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<customer::Model>> {
    customer::of(room.tenant, room.mode)
        .filter(customer::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// The person who proved that the address is his.
pub(super) async fn proved_owner(tx: &Tx, email: &str) -> Result<Option<Uuid>> {
    let row = person::by_email(email).one(tx).await.map_err(map)?;
    Ok(row
        .filter(|person| person.email_verified_at.is_some())
        .map(|person| person.id))
}

pub(super) async fn insert(tx: &Tx, row: &customer::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &customer::Model) -> Result<()> {
    rows::replace(tx, row).await
}

/// Gives every tenant's customer of this address, who is nobody's yet, to the person.
pub(super) async fn claim(tx: &Tx, person: Uuid, email: &str) -> Result<u64> {
    let claimed = customer::update_anywhere()
        .filter(customer::Column::Email.eq(email))
        .filter(customer::Column::Person.is_null())
        .filter(customer::Column::DeletedAt.is_null())
        .col_expr(customer::Column::Person, Expr::value(person))
        .exec(tx)
        .await
        .map_err(map)?;
    Ok(claimed.rows_affected)
}
