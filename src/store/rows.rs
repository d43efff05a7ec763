//! Whole rows, written the way nearly every slice writes its own; and new ones without the ORM's statement builder, where
//! it matters: the text depends on the table alone, and forming a tree of fifty columns for each row costs more than
//! inserting it.

use super::Tx;
use super::errors::map;
use crate::domain::Result;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, Iden, IntoActiveModel,
    Iterable, ModelTrait, Statement, Value,
};
use std::fmt::Write as _;

/// What a row's table takes.
type Active<M> = <<M as ModelTrait>::Entity as EntityTrait>::ActiveModel;

/// Adds a row.
///
/// # Errors
/// `AlreadyExists` where a unique rule is broken; `Unavailable` where the database is.
pub async fn insert<M>(tx: &Tx, row: &M) -> Result<()>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
    Active<M>: ActiveModelBehavior + Send,
{
    <M::Entity as EntityTrait>::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// Writes a row back, every column of it.
///
/// # Errors
/// As [`insert`]; `Internal` where there is no such row.
pub async fn replace<M>(tx: &Tx, row: &M) -> Result<()>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
    M::Entity: EntityTrait<Model = M>,
    Active<M>: ActiveModelBehavior + Send,
{
    let all = row.clone().into_active_model().reset_all();
    all.update(tx).await.map(|_| ()).map_err(map)
}

/// Inserts a row, with what happens `on conflict` behind it; tells how many rows came of it, 0 or 1.
///
/// Where nothing came of it nothing was changed either, so a command that refuses then makes nobody else run again.
///
/// # Errors
/// What the database refuses.
pub async fn add_new<M: ModelTrait>(tx: &Tx, row: &M, on_conflict: &str) -> std::result::Result<u64, DbErr> {
    let backend = tx.get_database_backend();
    let values: Vec<Value> = Columns::<M>::iter().map(|column| row.get(column)).collect();
    let statement = Statement::from_sql_and_values(backend, text::<M>(backend, on_conflict), values);
    let was_dirty = tx.is_dirty();
    let added = tx.execute_raw(statement).await?.rows_affected();
    if added == 0 {
        tx.set_dirty(was_dirty);
    }
    Ok(added)
}

type Columns<M> = <<M as ModelTrait>::Entity as EntityTrait>::Column;

fn text<M: ModelTrait>(backend: DbBackend, on_conflict: &str) -> String {
    let (mut names, mut places) = (String::with_capacity(512), String::with_capacity(256));
    for (number, column) in Columns::<M>::iter().enumerate() {
        let comma = if number == 0 { "" } else { ", " };
        // Writing to a text does not fail.
        let _ = write!(names, "{comma}\"{}\"", column.unquoted());
        let _ = match backend {
            DbBackend::Postgres => write!(places, "{comma}${}", number + 1),
            _ => write!(places, "{comma}?"),
        };
    }
    let table = M::Entity::default();
    format!(
        "insert into \"{}\" ({names}) values ({places}) {on_conflict}",
        table.table_name()
    )
}
