//! Facts that were committed, in neutral form; fan-out gives each endpoint its dialect's body.

use super::mode::Mode;
use super::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// One committed fact, as the outbox holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its identity for ever: the same in every delivery and every retry.
    pub id: Uuid,
    /// The tenant it happened to.
    pub tenant: Uuid,
    /// Whether it belongs to live or to test data.
    pub mode: Mode,
    /// Neutral name, such as `product.created`.
    pub name: String,
    /// The view it is about, such as `product`: the key of a dialect's `[views]` for `data`.
    pub view: String,
    /// The neutral view of what happened, moments in epoch milliseconds, money in minor units.
    pub data: Value,
    /// The products it touches; empty means it goes to every subscribed endpoint.
    pub products: Vec<Uuid>,
    /// When it was committed, on the server's clock.
    pub created_at: Timestamp,
}
