//! The bytes that webhooks carry: one row for all the subscribers of an event who get the same.

use crate::domain::Result;
use crate::store::many::{ROWS_MAX, Rows};
use crate::store::{Store, Tx};
use bytes::Bytes;
use entities::{body, delivery};
use sea_orm::{ConnectionTrait, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// Bodies by their event and their place among its bodies.
pub type Bodies = HashMap<(Uuid, i32), Bytes>;

/// Reads the bodies that these deliveries send.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn of(store: &Store, deliveries: impl Iterator<Item = &delivery::Model>) -> Result<Bodies> {
    let mut wanted: Vec<(Uuid, i32)> = deliveries.map(|row| (row.event, row.body_place)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut bodies = Bodies::with_capacity(wanted.len());
    for chunk in wanted.chunks(ROWS_MAX) {
        let rows = chunk.iter().map(|(event, place)| [Value::from(*event), Value::from(*place)]);
        let Some(rows) = Rows::of(rows) else { continue };
        let select = rows.statement(store.backend(), "of_event, at_place", SELECT, []);
        for row in store.read().query_all_raw(select).await? {
            let text: String = row.try_get_by_index(2)?;
            bodies.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?), Bytes::from(text));
        }
    }
    Ok(bodies)
}

/// Adds bodies in the command that adds their deliveries.
///
/// # Errors
/// What the database refuses.
pub async fn add(tx: &Tx, bodies: &[body::Model]) -> Result<()> {
    for chunk in bodies.chunks(ROWS_MAX) {
        let rows = chunk
            .iter()
            .map(|body| [body.event.into(), body.place.into(), Value::from(body.text.as_str())]);
        if let Some(rows) = Rows::of(rows) {
            tx.execute_raw(rows.statement(tx.get_database_backend(), "event, place, text", INSERT, []))
                .await?;
        }
    }
    Ok(())
}

const SELECT: &str = "select event, place, text from v join bodies on event = of_event and place = at_place";
const INSERT: &str = "insert into bodies (event, place, text) select event, place, text from v where event is not null";
