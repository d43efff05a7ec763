//! Good validations that no limit counts: kept in memory and written now and then, so that a validation costs no write.

use crate::domain::Mode;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// Licences that may wait at once, about 10 MiB; a validation of any further one is written at once.
const WAITING_MAX: usize = 100_000;

/// Uses of one licence that wait to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// The licence.
    pub license: Uuid,
    /// Whose it is.
    pub tenant: Uuid,
    /// Of which data set.
    pub mode: Mode,
    /// How often it was used.
    pub count: i64,
}

/// Counts in memory; one per process, shared by all workers.
#[derive(Debug, Default)]
pub struct Uses {
    waiting: Mutex<HashMap<Uuid, Used>>,
    writing: tokio::sync::Mutex<()>,
}

impl Uses {
    /// Whether a use of this licence can wait.
    pub fn has_room(&self, license: Uuid) -> bool {
        let waiting = self.waiting_all();
        waiting.len() < WAITING_MAX || waiting.contains_key(&license)
    }

    /// Counts a use.
    pub fn add(&self, used: Used) {
        let mut waiting = self.waiting_all();
        let kept = waiting.entry(used.license).or_insert(Used { count: 0, ..used });
        kept.count += used.count;
    }

    /// Uses of a licence that wait.
    pub fn waiting(&self, license: Uuid) -> i64 {
        self.waiting_all().get(&license).map_or(0, |used| used.count)
    }

    /// Some of those that wait, at most so many; they go on waiting until they are settled.
    pub fn some(&self, max: usize) -> Vec<Used> {
        self.waiting_all().values().take(max).copied().collect()
    }

    /// The turn of whoever writes them: what another is writing still waits here, and would be written twice.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.writing.lock().await
    }

    /// How many licences have uses that wait.
    pub fn len(&self) -> usize {
        self.waiting_all().len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes off what was written.
    pub fn settle(&self, written: &[Used]) {
        let mut waiting = self.waiting_all();
        for used in written {
            if let Entry::Occupied(mut kept) = waiting.entry(used.license) {
                kept.get_mut().count -= used.count;
                if kept.get().count <= 0 {
                    kept.remove();
                }
            }
        }
    }

    fn waiting_all(&self) -> MutexGuard<'_, HashMap<Uuid, Used>> {
        // A panic cannot leave a map of numbers half changed.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_meanwhile_goes_on_waiting() {
        let uses = Uses::default();
        let used = Used {
            license: Uuid::from_u128(1),
            tenant: Uuid::from_u128(2),
            mode: Mode::Live,
            count: 1,
        };
        uses.add(used);
        uses.add(used);
        let written = uses.some(10);
        uses.add(used);
        assert_eq!(uses.waiting(used.license), 3);
        uses.settle(&written);
        assert_eq!((uses.waiting(used.license), uses.some(10).len()), (1, 1));
        uses.settle(&uses.some(10));
        assert!(uses.some(10).is_empty() && uses.has_room(used.license));
    }
}
