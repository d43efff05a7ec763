//! New rows without the ORM's statement builder: the text depends on the table alone, and forming a tree of fifty columns
//! for each row costs more than inserting it.

use super::Tx;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, Iden, Iterable, ModelTrait, Statement, Value};
use std::fmt::Write as _;

/// Inserts a row, with what happens `on conflict` behind it; tells how many rows came of it, 0 or 1.
///
/// Where nothing came of it nothing was changed either, so a command that refuses then makes nobody else run again.
///
/// # Errors
/// What the database refuses.
pub async fn add_new<M: ModelTrait>(tx: &Tx, row: &M, on_conflict: &str) -> Result<u64, DbErr> {
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
