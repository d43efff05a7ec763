//! Queries only.

use super::types::ListStudents;
use crate::context::Room;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Code, Error, Result};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx, rows};
use entities::customer::{self, Column};
use entities::{access, enrollment};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};
use uuid::Uuid;

pub(super) async fn list(
    store: &Store,
    room: &Room,
    filter: &ListStudents,
    page: &PageRequest,
) -> Result<(Vec<customer::Model>, PageInfo)> {
    let mut select = customer::of(room.tenant, room.mode);
    if let Some(email) = &filter.email {
        select = select.filter(Column::Email.eq(email));
    }
    if let Some(course) = filter.course_id {
        let seat = Query::select()
            .expr(Expr::val(1))
            .from(enrollment::Entity)
            .and_where(Expr::col((enrollment::Entity, enrollment::Column::Customer)).equals((customer::Entity, Column::Id)))
            .and_where(enrollment::Column::Course.eq(course))
            .to_owned();
        select = select.filter(Expr::exists(seat));
    }
    let all = customer::with_deleted_of(room.tenant, room.mode);
    let sort = Sort::newest(Column::CreatedAt, Column::Id);
    listing::list(store.read(), select, all, sort, page).await
}

/// Says that an address is another student's before the database has to.
pub(super) async fn refuse_taken(tx: &Tx, room: &Room, row: &customer::Model) -> Result<()> {
    let other = customer::of(room.tenant, room.mode)
        .filter(Column::Email.eq(&row.email))
        .filter(Column::Id.ne(row.id));
    match other.one(tx).await.map_err(map)? {
        None => Ok(()),
        Some(_) => Err(Error::new(Code::AlreadyExists, "Another student has this e-mail address.")),
    }
}

pub(super) async fn replace(tx: &Tx, row: &customer::Model) -> Result<()> {
    rows::replace(tx, row).await
}

/// Everything a customer may use now.
pub(super) async fn accesses(tx: &Tx, room: &Room, customer: Uuid) -> Result<Vec<access::Model>> {
    let found = access::of(room.tenant, room.mode)
        .filter(access::Column::Customer.eq(customer))
        .filter(access::Column::EndedAt.is_null());
    found.all(tx).await.map_err(map)
}

/// What a customer may use now of one product.
pub(super) async fn access_to(
    db: &impl ConnectionTrait,
    room: &Room,
    customer: Uuid,
    product: Uuid,
) -> Result<Option<access::Model>> {
    let found = access::of(room.tenant, room.mode)
        .filter(access::Column::Customer.eq(customer))
        .filter(access::Column::Product.eq(product))
        .filter(access::Column::EndedAt.is_null());
    found.one(db).await.map_err(map)
}
