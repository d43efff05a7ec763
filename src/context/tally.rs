//! Looks at products that were counted and not yet written.

use crate::domain::time::DAY_MS;
use crate::domain::{Mode, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// One product on one UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Looked {
    /// Which product.
    pub product: Uuid,
    /// Whose.
    pub tenant: Uuid,
    /// Of which data set.
    pub mode: Mode,
    /// Days since the epoch.
    pub day: i64,
}

/// Counts in memory; one per process, shared by all workers.
#[derive(Debug, Default)]
pub struct Tally(Mutex<HashMap<Looked, i64>>);

impl Tally {
    /// Counts one look.
    pub fn look(&self, product: Uuid, tenant: Uuid, mode: Mode, now: Timestamp) {
        let day = now.0.div_euclid(DAY_MS);
        let looked = Looked {
            product,
            tenant,
            mode,
            day,
        };
        *self.counts().entry(looked).or_default() += 1;
    }

    /// Takes what was counted.
    pub fn take(&self) -> Vec<(Looked, i64)> {
        std::mem::take(&mut *self.counts()).into_iter().collect()
    }

    /// Counts again what could not be written.
    pub fn put_back(&self, looks: impl Iterator<Item = (Looked, i64)>) {
        let mut counts = self.counts();
        for (looked, number) in looks {
            *counts.entry(looked).or_default() += number;
        }
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Looked, i64>> {
        // A panic cannot leave a map of numbers half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
