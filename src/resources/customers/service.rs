//! One function per operation.

use super::store;
use super::types::{Who, account};
use crate::context::{Deed, Room};
use crate::domain::Result;
use crate::resources::courses::enrollments::types::StudentView;
use crate::store::Tx;
use crate::store::counters::CounterKey;
use entities::customer::Model;
use sea_orm::ConnectionTrait;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Name of the counter row behind unfiltered totals.
pub const COUNTER: &str = "customers";

/// Finds the customer of an address, or makes him; a name or a person that was not known before is kept.
///
/// A person's own name is taken where nobody told another. A person becomes the customer's where he signed in to do this, or where he has proved that the address is his.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn ensure(tx: &Tx, deed: &Deed, who: &Who) -> Result<Model> {
    find_or_make(tx, deed, who).await.map(|(row, _)| row)
}

/// The same, telling whether he is new.
///
/// # Errors
/// As [`ensure`].
pub async fn find_or_make(tx: &Tx, deed: &Deed, who: &Who) -> Result<(Model, bool)> {
    find_or_make_with(tx, deed, who, &Map::new()).await
}

/// The same, with what is kept of him besides where he is new.
///
/// # Errors
/// As [`ensure`].
pub async fn find_or_make_with(tx: &Tx, deed: &Deed, who: &Who, attributes: &Map<String, Value>) -> Result<(Model, bool)> {
    let email = who.email.trim().to_lowercase();
    let name = who.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    if let Some(mut row) = store::by_email(tx, &deed.room, &email).await? {
        let (name_before, person_before) = (row.name.clone(), row.person);
        row.name = row.name.or_else(|| name.map(ToOwned::to_owned));
        row.person = row.person.or(who.person);
        row.name = match (row.name, row.person) {
            (None, Some(person)) => store::person_name(tx, person).await?,
            (name, _) => name,
        };
        if row.name != name_before || row.person != person_before {
            row.updated_at = deed.now.0;
            store::replace(tx, &row).await?;
        }
        return Ok((row, false));
    }
    let person = match who.person {
        Some(person) => Some(person),
        None => store::proved_owner(tx, &email).await?,
    };
    let name = match (name, person) {
        (None, Some(person)) => store::person_name(tx, person).await?,
        (name, _) => name.map(ToOwned::to_owned),
    };
    let row = Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        email,
        person,
        name,
        attributes: Value::Object(attributes.clone()).into(),
        created_at: deed.now.0,
        updated_at: deed.now.0,
        deleted_at: None,
    };
    store::insert(tx, &row).await?;
    tx.count(CounterKey::new(deed.room.tenant, deed.room.mode, COUNTER), 1);
    tx.emit(deed.event("user.created", "customer_account", &account(&row), Vec::new())?);
    // Nobody is enrolled before he is known.
    tx.emit(deed.event("student.created", "student", &StudentView::of(&row, Vec::new()), Vec::new())?);
    Ok((row, true))
}

/// The customer of an id.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<Model>> {
    store::by_id(db, room, id).await
}

/// The customer of an address in lower case.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn find_by_email(db: &impl ConnectionTrait, room: &Room, email: &str) -> Result<Option<Model>> {
    store::by_email(db, room, email).await
}

/// Gives a person what was bought under the address he has proved to be his.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn claim(tx: &Tx, person: Uuid, email: &str) -> Result<u64> {
    store::claim(tx, person, email).await
}
