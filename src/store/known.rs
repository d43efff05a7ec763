//! What narrowed lists of large rooms were found to hold, kept in memory until something they are made of changes.
//!
//! The total of a narrowed list is a count of everything it holds, and a page of one that holds little is a search through
//! everything it does not. Both are done once: each change of what a list is made of moves a counter of its room in the same
//! transaction, and what was found holds for as long as that counter stands where it stood before the search. It is read from
//! the database for every page, so that every node sees it move.

use super::Store;
use super::counters::{self, CounterKey};
use crate::domain::{Mode, Result};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Name of the counter of changes to a room's products and what they are found by.
pub const PRODUCTS: &str = "products.changes";
/// Name of the counter of changes to what the marketplace shows; it spans tenants, so that the counter is nobody's.
pub const MARKET: &str = "market.changes";
/// Rows of the longest list whose rows are kept, not only its total.
pub const ROWS_MAX: usize = 500;
/// Rows of a room whose lists are read anew each time.
pub const SMALL: u64 = 1_000;
/// Lists that are kept of each kind: of the longest ones 2 MB.
const LISTS_MAX: usize = 256;

/// What a list holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How many rows.
    pub total: u64,
    /// Which ones, where they are few.
    pub ids: Option<Arc<[Uuid]>>,
}

/// A list: whose, of what, and narrowed how.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct List {
    /// Whose.
    pub tenant: Uuid,
    /// Of which data set.
    pub mode: Mode,
    /// Name of the counter of changes to what it is made of.
    pub changes: &'static str,
    /// Everything that narrows it, as text.
    pub narrowed: String,
}

/// The counter of changes to what the marketplace shows.
pub fn market() -> CounterKey {
    CounterKey::new(Uuid::nil(), Mode::Live, MARKET)
}

/// The lists that are known, by the counter they hold for: what anybody asks of the marketplace drives out no shop's own.
#[derive(Debug, Default)]
pub(super) struct Known {
    kinds: Mutex<HashMap<&'static str, Lists>>,
}

#[derive(Debug, Default)]
struct Lists {
    found: HashMap<List, (i64, Found)>,
    /// The oldest first; each list once.
    order: VecDeque<List>,
}

impl Lists {
    fn keep(&mut self, list: List, found: (i64, Found)) {
        if self.found.insert(list.clone(), found).is_some() {
            return;
        }
        self.order.push_back(list);
        if self.order.len() > LISTS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.found.remove(&oldest);
        }
    }
}

impl Store {
    /// What a list holds: as it was found before, or else by `search`.
    ///
    /// # Errors
    /// As `search`.
    pub async fn known(&self, list: List, search: impl AsyncFnOnce() -> Result<Found>) -> Result<Found> {
        let changes = CounterKey::new(list.tenant, list.mode, list.changes);
        // Before the search: what changes meanwhile is found, and sought again.
        let moved = counters::read(self.read(), &changes).await?;
        let kinds = &self.inner.known.kinds;
        let locked = || kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let before = locked().get(list.changes).and_then(|lists| lists.found.get(&list).cloned());
        if let Some((_, found)) = before.filter(|(then, _)| *then == moved) {
            return Ok(found);
        }
        let found = search().await?;
        locked().entry(list.changes).or_default().keep(list, (moved, found.clone()));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_lists_are_kept_than_there_is_room_for() {
        let mut lists = Lists::default();
        let list = |n: usize| List {
            tenant: Uuid::nil(),
            mode: Mode::Live,
            changes: PRODUCTS,
            narrowed: n.to_string(),
        };
        let found = |total| Found { total, ids: None };
        for n in 0..LISTS_MAX + 3 {
            lists.keep(list(n), (1, found(1)));
            lists.keep(list(n), (2, found(2)));
        }
        assert_eq!((lists.found.len(), lists.order.len()), (LISTS_MAX, LISTS_MAX));
        assert!(!lists.found.contains_key(&list(2)));
        assert_eq!(lists.found.get(&list(3)), Some(&(2, found(2))));
    }
}
