//! Everything a tenant owns, table by table, as lines of JSON: read from the schema itself, so that a table that is added
//! is in it. Written by the database row by row; ids and other bytes come as hex, moments as they are stored.

use super::errors::map;
use crate::domain::{Error, Result};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement, Value};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// Tables whose rows are of no use elsewhere: kept answers, leases, counts and indexes of what is there anyway.
const LEFT_OUT: [&str; 5] = ["idempotency", "day_counts", "tokens", "sessions", "addresses"];
/// Columns that are secrets, sealed with this server's key or digests of what somebody shows to come in.
const SECRET_COLUMNS: [&str; 3] = ["password_hash", "sealed", "token"];

/// The table whose sealed keys are given out.
pub const LICENSES: &str = "licenses";

/// A table with rows of the tenant's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    columns: Vec<Column>,
    /// The condition that finds a tenant's rows; it has one place for the tenant's id.
    owned: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    name: String,
    is_bytes: bool,
    is_key: bool,
}

/// Every table that holds something of a tenant's, by name.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn tables(db: &DatabaseConnection) -> Result<Vec<Table>> {
    let place = match db.get_database_backend() {
        DbBackend::Sqlite => "?",
        _ => "$1",
    };
    let mut found = Vec::new();
    for name in names(db).await?.into_iter().filter(|name| !LEFT_OUT.contains(&name.as_str())) {
        let columns = columns(db, &name).await?;
        let owned = match name.as_str() {
            "tenants" => format!("id = {place}"),
            "attempts" => format!("delivery in (select id from deliveries where tenant = {place})"),
            "persons" => format!("id in (select person from memberships where tenant = {place})"),
            _ if columns.iter().any(|column| column.name == "tenant") => format!("tenant = {place}"),
            _ => continue,
        };
        let told = columns.into_iter().filter(|column| !is_secret(&name, &column.name));
        found.push(Table {
            columns: told.collect(),
            name,
            owned,
        });
    }
    Ok(found)
}

/// Whether a column is worth nothing elsewhere, or too much: what is sealed with this server's key opens nowhere else. Keys
/// of licences are their owner's to take along; whoever writes the rows down opens them.
fn is_secret(table: &str, column: &str) -> bool {
    let is_sealed = column.ends_with("_sealed") && column != "is_sealed" && table != LICENSES;
    is_sealed || SECRET_COLUMNS.contains(&column)
}

async fn names(db: &DatabaseConnection) -> Result<Vec<String>> {
    let listed = match db.get_database_backend() {
        DbBackend::Sqlite => "select name from sqlite_master where type = 'table' order by name",
        _ => "select table_name as name from information_schema.tables where table_schema = current_schema() order by 1",
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), listed))
        .await;
    rows.map_err(map)?
        .iter()
        .map(|row| row.try_get("", "name").map_err(map))
        .collect()
}

async fn columns(db: &DatabaseConnection, table: &str) -> Result<Vec<Column>> {
    let backend = db.get_database_backend();
    let listed = match backend {
        DbBackend::Sqlite => "select name, type as kind, pk as place from pragma_table_info(?) order by cid",
        _ => {
            "select c.column_name::text as name, c.data_type::text as kind, coalesce(k.ordinal_position, 0)::bigint as place
             from information_schema.columns c
             left join information_schema.table_constraints t
               on t.table_schema = c.table_schema and t.table_name = c.table_name and t.constraint_type = 'PRIMARY KEY'
             left join information_schema.key_column_usage k
               on k.constraint_schema = t.constraint_schema and k.constraint_name = t.constraint_name
               and k.column_name = c.column_name
             where c.table_schema = current_schema() and c.table_name = $1 order by c.ordinal_position"
        }
    };
    let statement = Statement::from_sql_and_values(backend, listed, [Value::from(table)]);
    let rows = db.query_all_raw(statement).await.map_err(map)?;
    let column = |row: &QueryResult| {
        let kind: String = row.try_get("", "kind").map_err(map)?;
        Ok(Column {
            name: row.try_get("", "name").map_err(map)?,
            is_bytes: matches!(kind.to_ascii_lowercase().as_str(), "blob" | "bytea"),
            is_key: row.try_get::<i64>("", "place").map_err(map)? > 0,
        })
    };
    rows.iter().map(column).collect()
}

/// `limit` rows of a tenant's from `offset` on, in the order of the table's key.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn rows(db: &DatabaseConnection, table: &Table, tenant: Uuid, (offset, limit): (u64, u64)) -> Result<Vec<Json>> {
    let backend = db.get_database_backend();
    let keys: Vec<&str> = table
        .columns
        .iter()
        .filter(|column| column.is_key)
        .map(|column| column.name.as_str())
        .collect();
    let order = if keys.is_empty() { "1".to_owned() } else { keys.join(", ") };
    let shown: Vec<String> = table.columns.iter().map(|column| shown(backend, column)).collect();
    let make = match backend {
        DbBackend::Sqlite => "json_object",
        _ => "json_build_object",
    };
    let sql = format!(
        "select cast({make}({}) as text) as line from {} where {} order by {order} limit {limit} offset {offset}",
        shown.join(", "),
        table.name,
        table.owned
    );
    let found = db
        .query_all_raw(Statement::from_sql_and_values(backend, sql, [Value::from(tenant)]))
        .await
        .map_err(map)?;
    found
        .iter()
        .map(|row| {
            let line: String = row.try_get("", "line").map_err(map)?;
            let members: Map<String, Json> = serde_json::from_str(&line).map_err(Error::internal)?;
            Ok(Json::Object(
                members.into_iter().map(|(name, value)| (name, readable(value))).collect(),
            ))
        })
        .collect()
}

fn shown(backend: DbBackend, column: &Column) -> String {
    let name = &column.name;
    match (backend, column.is_bytes) {
        // The hex of nothing would be an empty text.
        (DbBackend::Sqlite, true) => format!("'{name}', case when {name} is null then null else lower(hex({name})) end"),
        (_, true) => format!("'{name}', encode({name}, 'hex')"),
        (_, false) => format!("'{name}', {name}"),
    }
}

/// Ids in their usual form, stored JSON as JSON.
fn readable(value: Json) -> Json {
    let Json::String(text) = &value else { return value };
    if text.len() == 32
        && let Ok(id) = Uuid::try_parse(text)
    {
        return Json::String(id.to_string());
    }
    match text.starts_with(['{', '[']) {
        true => serde_json::from_str(text).unwrap_or(value),
        false => value,
    }
}
