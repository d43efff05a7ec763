//! Everything a tenant owns, table by table, as lines of JSON: read from the schema itself, so that a table that is added
//! is in it. Written by the database row by row; ids come in their usual form, other bytes as hex, moments as they are stored.
//! Each part goes on behind the last row of the one before, so that the last part of a million rows costs what the first does,
//! and rows that come and go meanwhile move no others.

use super::errors::map;
use crate::domain::{Error, Result};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement, Value};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// Tables whose rows are of no use elsewhere: kept answers, leases, counts of what is there anyway.
const LEFT_OUT: [&str; 4] = ["idempotency", "day_counts", "tokens", "sessions"];
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
    /// The primary key, secret or not.
    keys: Vec<Column>,
    owned: Owned,
}

/// How a tenant's rows of a table are told; the text is SQL, `{}` stands for the tenant's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owned {
    /// By a column.
    Column(&'static str),
    /// By the rows of another table.
    Through(&'static str),
}

/// The key of the last row of a part.
#[derive(Clone, Debug)]
pub struct Last(Vec<Value>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    name: String,
    kind: Kind,
    /// Its place in the primary key, from 1; 0 outside.
    place: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Bytes,
    Id,
    Other,
}

/// Every table that holds something of a tenant's, by name.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn tables(db: &DatabaseConnection) -> Result<Vec<Table>> {
    let mut found = Vec::new();
    for name in names(db).await?.into_iter().filter(|name| !LEFT_OUT.contains(&name.as_str())) {
        let columns = columns(db, &name).await?;
        let owned = match name.as_str() {
            "tenants" => Owned::Column("id"),
            "attempts" => Owned::Through("delivery in (select id from deliveries where tenant = {})"),
            "bodies" => Owned::Through("event in (select event from deliveries where tenant = {})"),
            "receiver_hits" => Owned::Through("token in (select token from receivers where tenant = {})"),
            "persons" => Owned::Through("id in (select person from memberships where tenant = {})"),
            _ if columns.iter().any(|column| column.name == "tenant") => Owned::Column("tenant"),
            _ => continue,
        };
        let mut keys: Vec<Column> = columns.iter().filter(|column| column.place > 0).cloned().collect();
        keys.sort_by_key(|column| column.place);
        let told = columns.into_iter().filter(|column| !is_secret(&name, &column.name));
        found.push(Table {
            columns: told.collect(),
            keys,
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
            kind: match kind.to_ascii_lowercase().as_str() {
                "blob" | "bytea" => Kind::Bytes,
                "uuid" => Kind::Id,
                _ => Kind::Other,
            },
            place: row.try_get::<i64>("", "place").map_err(map)?,
        })
    };
    rows.iter().map(column).collect()
}

/// At most `limit` rows of a tenant's behind `last`, in the order of the table's key, and the key of the last of them.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn rows(
    db: &DatabaseConnection,
    table: &Table,
    tenant: Uuid,
    (last, limit): (Option<&Last>, u64),
) -> Result<(Vec<Json>, Option<Last>)> {
    let backend = db.get_database_backend();
    let mut values = vec![Value::from(tenant)];
    let behind = behind(backend, table, last, &mut values);
    let (line, key) = match backend {
        DbBackend::Sqlite => ("json_object", "json_array"),
        _ => ("json_build_object", "json_build_array"),
    };
    let named = |column: &Column| format!("'{}', {}", column.name, shown(backend, column));
    let sql = format!(
        "select cast({line}({}) as text) as row_line, cast({key}({}) as text) as row_key from {} where {} {behind} order by {} limit {limit}",
        listed(&table.columns, named),
        listed(&table.keys, |column| shown(backend, column)),
        table.name,
        owned(backend, table.owned, last.is_some()),
        listed(&table.keys, |column| column.name.clone()),
    );
    let found = db.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await;
    let found = found.map_err(map)?;
    let last = match found.last() {
        Some(row) => Some(key_of(table, row)?),
        None => None,
    };
    let rows: Result<Vec<Json>> = found.iter().map(|row| read(table, row)).collect();
    Ok((rows?, last))
}

/// The condition that a row is a tenant's. In later parts SQLite is kept from gathering and sorting all of them anew: it walks
/// on along the key.
fn owned(backend: DbBackend, owned: Owned, is_later: bool) -> String {
    let place = match backend {
        DbBackend::Sqlite => "?",
        _ => "$1",
    };
    match owned {
        Owned::Column(column) if is_later && backend == DbBackend::Sqlite => format!("+{column} = {place}"),
        Owned::Column(column) => format!("{column} = {place}"),
        Owned::Through(condition) => condition.replace("{}", place),
    }
}

/// The condition that a row comes after the last one, its values added to the statement's.
fn behind(backend: DbBackend, table: &Table, last: Option<&Last>, values: &mut Vec<Value>) -> String {
    let Some(last) = last else { return String::new() };
    let places: Vec<String> = (1..=last.0.len())
        .map(|number| match backend {
            DbBackend::Sqlite => "?".to_owned(),
            _ => format!("${}", number + 1),
        })
        .collect();
    values.extend(last.0.iter().cloned());
    format!(
        "and ({}) > ({})",
        listed(&table.keys, |column| column.name.clone()),
        places.join(", ")
    )
}

fn listed(columns: &[Column], shown: impl Fn(&Column) -> String) -> String {
    columns.iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn shown(backend: DbBackend, column: &Column) -> String {
    let name = &column.name;
    match (backend, column.kind) {
        // The hex of nothing would be an empty text.
        (DbBackend::Sqlite, Kind::Bytes) => format!("case when {name} is null then null else lower(hex({name})) end"),
        (_, Kind::Bytes) => format!("encode({name}, 'hex')"),
        _ => name.clone(),
    }
}

fn read(table: &Table, row: &QueryResult) -> Result<Json> {
    let line: String = row.try_get("", "row_line").map_err(map)?;
    let mut members: Map<String, Json> = serde_json::from_str(&line).map_err(Error::internal)?;
    for column in &table.columns {
        if let Some(value) = members.get_mut(&column.name) {
            *value = readable(value.take(), column.kind);
        }
    }
    Ok(Json::Object(members))
}

fn key_of(table: &Table, row: &QueryResult) -> Result<Last> {
    let key: String = row.try_get("", "row_key").map_err(map)?;
    let members: Vec<Json> = serde_json::from_str(&key).map_err(Error::internal)?;
    let bound = |(column, value): (&Column, Json)| match (column.kind, value) {
        (Kind::Bytes, Json::String(text)) => hex::decode(text).map(Value::from).map_err(Error::internal),
        (Kind::Id, Json::String(text)) => Uuid::try_parse(&text).map(Value::from).map_err(Error::internal),
        (_, Json::String(text)) => Ok(Value::from(text)),
        (_, Json::Number(number)) => Ok(Value::from(number.as_i64().unwrap_or_default())),
        (_, other) => Err(Error::internal(format!("a key of {} is {other}", table.name))),
    };
    table.keys.iter().zip(members).map(bound).collect::<Result<_>>().map(Last)
}

/// Ids in their usual form, stored JSON as JSON.
fn readable(value: Json, kind: Kind) -> Json {
    let Json::String(text) = &value else { return value };
    match kind {
        Kind::Bytes if text.len() == 32 => Uuid::try_parse(text).map_or(value, |id| Json::String(id.to_string())),
        Kind::Other if text.starts_with(['{', '[']) => serde_json::from_str(text).unwrap_or(value),
        Kind::Bytes | Kind::Id | Kind::Other => value,
    }
}
