//! Work that falls due by the clock: expiries, renewals, culls.
//!
//! Rows are the queue: a chore looks for due ones by an index and does them in bounded batches, each row in a command of its
//! own that checks again. Doing a batch twice changes nothing.

use super::House;
use crate::domain::{Result, Timestamp};
use futures_util::future::LocalBoxFuture;
use std::sync::Arc;

/// What a chore answers, later.
type Later<T> = LocalBoxFuture<'static, Result<T>>;

/// One kind of due work.
pub struct Chore {
    /// For the log.
    pub name: &'static str,
    /// The first moment after the given one at which something falls due.
    pub next: fn(Arc<House>, Timestamp) -> Later<Option<Timestamp>>,
    /// Does a bounded batch of what is due at the given moment; answers whether there may be more.
    pub run: fn(Arc<House>, Timestamp) -> Later<bool>,
}

/// Batches of one chore in one round; what is left is the next round's.
const BATCHES_MAX: u32 = 200;

impl Chore {
    /// Does what is due at `now`, batch after batch; answers whether anything is left.
    pub async fn exhaust(&self, house: &Arc<House>, now: Timestamp) -> Result<bool> {
        for _ in 0..BATCHES_MAX {
            if !(self.run)(Arc::clone(house), now).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
