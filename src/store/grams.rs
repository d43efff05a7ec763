//! Parts of texts, found by their trigrams: names and descriptions of products, and the addresses that paid.
//!
//! On SQLite trigrams only tell what may hold a text; whoever asks looks for himself. They are added in the background by
//! [`add`], and what has none yet is told as well, so that nothing is missed. PostgreSQL keeps such an index by itself.
//! A text too short, not of ASCII or too common to be found this way is answered with `None`: look at everything.

use super::errors::map;
use super::{Store, search};
use crate::domain::{Mode, Result};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement, TryGetableMany, Value};
use uuid::Uuid;

/// Rows whose trigrams are added by one command.
const CHUNK_ROWS: u64 = 500;
/// Rows that may hold a text, at most; more are found soon by looking at them in their order.
const CANDIDATES_MAX: usize = 2_000;
/// Addresses that may hold a text, at most.
const LOOKED_AT_MAX: usize = 500;
/// Addresses that hold a text, at most.
const ADDRESSES_MAX: usize = 200;
/// Trigrams of a text that are sought: the first ones of a long text are enough.
const SOUGHT_MAX: usize = 16;

/// What a room's rows are found by besides: nearly nobody else's have it.
const ROOM: &str = "substr(hex(tenant), -8) || substr(mode, 1, 1)";

/// Adds the trigrams of what has none yet, a bounded number of rows; answers whether more may be left.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn add(store: &Store) -> Result<bool> {
    if store.backend() != DbBackend::Sqlite {
        return Ok(false);
    }
    let products = format!(
        "insert into product_grams (rowid, room, words) \
         select number, {ROOM}, name || char(10) || coalesce(description, '') \
         from product_words join products on id = product where number > {} order by number limit {CHUNK_ROWS}",
        added("product_grams")
    );
    let addresses = format!(
        "insert into address_grams (rowid, room, words) select number, {ROOM}, email from addresses \
         where number > {} order by number limit {CHUNK_ROWS}",
        added("address_grams")
    );
    let is_new = async |rows: &str, index: &str| -> Result<bool> {
        let newer = format!("select 1 from {rows} where number > {} limit 1", added(index));
        let found = store
            .read()
            .query_one_raw(Statement::from_string(DbBackend::Sqlite, newer))
            .await;
        Ok(found.map_err(map)?.is_some())
    };
    let mut more = false;
    for (rows, index, statement) in [
        ("product_words", "product_grams", products),
        ("addresses", "address_grams", addresses),
    ] {
        // Most of the time there is nothing, and nobody has to wait for it.
        if is_new(rows, index).await? {
            let command = async move |tx: &super::Tx| Ok(tx.execute_unprepared(&statement).await?.rows_affected());
            more |= store.command(command).await? >= CHUNK_ROWS;
        }
    }
    Ok(more)
}

/// The number up to which rows have their trigrams.
fn added(index: &str) -> String {
    format!("(select coalesce(max(id), 0) from {index}_docsize)")
}

/// The products that may hold a text, of this room or of any, and perhaps of others; `None` for too many.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn products(db: &DatabaseConnection, room: Option<(Uuid, Mode)>, text: &str) -> Result<Option<Vec<Uuid>>> {
    if db.get_database_backend() != DbBackend::Sqlite {
        return Ok(None);
    }
    let statement = format!(
        "select product from (select product from product_grams cross join product_words on number = product_grams.rowid \
         where product_grams match ? limit {0}) union all \
         select product from (select product from product_words where number > {1} limit {0})",
        CANDIDATES_MAX + 1,
        added("product_grams")
    );
    for sought in sought(room, text) {
        let found: Option<Vec<(Uuid,)>> = few(db, &statement, vec![sought.into()], CANDIDATES_MAX).await?;
        if let Some(found) = found {
            return Ok(Some(found.into_iter().map(|(id,)| id).collect()));
        }
    }
    Ok(None)
}

/// The addresses that paid in a room and hold a text in small letters, as they are kept; `None` for too many.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn addresses(db: &DatabaseConnection, room: (Uuid, Mode), part: &str) -> Result<Option<Vec<String>>> {
    let like = Value::from(format!("%{}%", search::escaped(part)));
    let (tenant, mode) = (Value::from(room.0), Value::from(room.1.name()));
    if db.get_database_backend() != DbBackend::Sqlite {
        let statement = format!(
            "select email from addresses where tenant = $1 and mode = $2 and email like $3 escape '\\' limit {}",
            ADDRESSES_MAX + 1
        );
        let found: Option<Vec<(String,)>> = few(db, &statement, vec![tenant, mode, like], ADDRESSES_MAX).await?;
        return Ok(found.map(|found| found.into_iter().map(|(email,)| email).collect()));
    }
    let statement = format!(
        "select tenant, mode, email from (select tenant, mode, email from address_grams cross join addresses \
         on number = address_grams.rowid where address_grams match ?1 limit {limit}) union all \
         select tenant, mode, email from (select tenant, mode, email from addresses \
         where number > {added} and +tenant = ?2 and mode = ?3 and email like ?4 escape '\\' limit {limit})",
        limit = LOOKED_AT_MAX + 1,
        added = added("address_grams")
    );
    for sought in sought(Some(room), part) {
        let values = vec![sought.into(), tenant.clone(), mode.clone(), like.clone()];
        let found: Option<Vec<(Uuid, String, String)>> = few(db, &statement, values, LOOKED_AT_MAX).await?;
        if let Some(found) = found {
            let own = found
                .into_iter()
                .filter(|(tenant, mode, email)| *tenant == room.0 && mode == room.1.name() && email.contains(part));
            let own: Vec<String> = own.map(|(_, _, email)| email).collect();
            return Ok(Some(own).filter(|own| own.len() <= ADDRESSES_MAX));
        }
    }
    Ok(None)
}

/// The rows of a statement that finds few.
async fn few<T: TryGetableMany>(
    db: &DatabaseConnection,
    statement: &str,
    values: Vec<Value>,
    most: usize,
) -> Result<Option<Vec<T>>> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), statement, values);
    let rows = db.query_all_raw(statement).await.map_err(map)?;
    if rows.len() > most {
        return Ok(None);
    }
    let row = |row: &QueryResult| T::try_get_many_by_index(row).map_err(|error| map(error.into()));
    rows.iter().map(row).collect::<Result<Vec<T>>>().map(Some)
}

/// What the index is asked for: the trigrams of a text, all of them; where too much has these, those of a room besides,
/// which are in every row of it and make the search longer. Nothing for a text that has none.
///
/// Only trigrams of ASCII count: how other letters are folded is the index's own affair.
fn sought(room: Option<(Uuid, Mode)>, text: &str) -> Vec<String> {
    let own = trigrams(text);
    if own.is_empty() {
        return Vec::new();
    }
    let quoted = |gram: &String| format!("\"{}\"", gram.replace('"', "\"\""));
    let joined = |grams: &[String]| grams.iter().map(quoted).collect::<Vec<_>>().join(" ");
    let own = joined(own.get(..SOUGHT_MAX).unwrap_or(&own));
    let Some((tenant, mode)) = room else { return vec![own] };
    let hex = tenant.simple().to_string();
    let room = format!(
        "{}{}",
        hex.get(24..).unwrap_or_default(),
        mode.name().get(..1).unwrap_or_default()
    );
    let both = format!("{own} {}", joined(&trigrams(&room)));
    vec![own, both]
}

fn trigrams(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let windows = letters
        .windows(3)
        .filter(|three| three.iter().all(|letter| is_plain(*letter)));
    let mut grams: Vec<String> = windows
        .map(|three| three.iter().collect::<String>().to_ascii_lowercase())
        .collect();
    grams.sort();
    grams.dedup();
    grams
}

/// Whether a character is the same to the index as to everybody.
fn is_plain(letter: char) -> bool {
    letter.is_ascii() && letter != '\0'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_sought_by_its_plain_trigrams_within_its_room() {
        let room = Some((Uuid::from_u128(0xabcd_ef01), Mode::Live));
        assert_eq!(trigrams("Żółw of \"Z"), [" \"z", " of", "f \"", "of ", "w o"]);
        assert!(sought(room, "ab").is_empty() && sought(room, "łódź").is_empty());
        let asked = sought(room, "a\"b");
        assert_eq!(asked[0], "\"a\"\"b\"");
        assert_eq!(sought(None, "a\"b"), asked[..1]);
        assert!(asked[1].starts_with(&asked[0]) && asked[1].contains(" \"f01\""), "{asked:?}");
        assert!(sought(room, &"abcdefghij".repeat(20))[0].len() < 200);
    }
}
