//! Places at a sale price of which there are only so many.
//!
//! A place is held before the provider is told a price, in a command that counts those sold and those held, so that no more
//! checkouts stand open at the sale price than may be sold at it. It is sold when the money is booked, and free again when the
//! checkout's time is over. A price that was once agreed to is the one that is charged.

use super::store;
use crate::context::{Deed, Room};
use crate::domain::{Result, Timestamp};
use crate::store::Tx;
use crate::store::counters::{self, CounterKey};
use entities::{product, sale_hold};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// How much longer than its checkout a place is held: a provider may tell late of what was paid in time.
const GRACE_MS: i64 = 10 * 60_000;

/// How many went at the sale price, or may still.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn gone(db: &impl ConnectionTrait, room: &Room, product: Uuid, now: Timestamp) -> Result<i64> {
    let held = store::held_places(db, room, product, now).await?;
    Ok(counters::read(db, &counter(room, product)).await? + held)
}

/// The counter of what went at a product's sale price.
pub(super) fn counter(room: &Room, product: Uuid) -> CounterKey {
    CounterKey::new(room.tenant, room.mode, format!("sold_on_sale:{product}"))
}

/// The limit of a product's sale, where it has one.
pub fn limit(product: &product::Model) -> Option<i64> {
    product.attributes.get("sale_quantity_limit").and_then(|limit| limit.as_i64())
}

/// Holds a place for a checkout until it ends; false where none is left.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn hold(tx: &Tx, deed: &Deed, product: &product::Model, checkout: Uuid, until: Timestamp) -> Result<bool> {
    let Some(limit) = limit(product) else { return Ok(true) };
    if gone(tx, &deed.room, product.id, deed.now).await? >= limit {
        return Ok(false);
    }
    let row = sale_hold::Model {
        checkout,
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        product: product.id,
        until_at: until.0 + GRACE_MS,
    };
    store::hold_place(tx, row).await?;
    Ok(true)
}

/// Holds a checkout's place longer: its buyer has agreed, and the money is under way.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn prolong(tx: &Tx, room: &Room, checkout: Uuid, until: Timestamp) -> Result<()> {
    store::prolong_place(tx, room, checkout, Timestamp(until.0 + GRACE_MS)).await
}

/// Gives a checkout's place back, or up for what was sold with it.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn free(tx: &Tx, room: &Room, checkout: Uuid) -> Result<()> {
    store::free_place(tx, room, checkout).await
}
