//! Queries only.

use crate::domain::{Result, Timestamp};
use crate::store::Tx;
use crate::store::errors::map;
use entities::{person, session};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

/// Sessions shown in one list.
const SESSIONS_SHOWN: u64 = 200;

pub(super) async fn by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<person::Model>> {
    person::by_email(email).one(db).await.map_err(map)
}

pub(super) async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<person::Model>> {
    person::by_id(id).one(db).await.map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &person::Model) -> Result<()> {
    person::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn replace(tx: &Tx, row: &person::Model) -> Result<()> {
    row.clone()
        .into_active_model()
        .reset_all()
        .update(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn insert_session(tx: &Tx, row: &session::Model) -> Result<()> {
    session::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn end_session(tx: &Tx, id: Uuid) -> Result<()> {
    session::delete_anywhere()
        .filter(session::Column::Id.eq(id))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn end_sessions_but(tx: &Tx, person: Uuid, session: Uuid) -> Result<()> {
    let others = session::delete_of_person(person).filter(session::Column::Id.ne(session));
    others.exec(tx).await.map(|_| ()).map_err(map)
}

pub(super) async fn sessions_of(db: &impl ConnectionTrait, person: Uuid, now: Timestamp) -> Result<Vec<session::Model>> {
    session::of_person(person)
        .filter(session::Column::ExpiresAt.gt(now.0))
        .order_by_desc(session::Column::CreatedAt)
        .limit(SESSIONS_SHOWN)
        .all(db)
        .await
        .map_err(map)
}
