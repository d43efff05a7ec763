//! From the digest of a key without a route of its own, such as an imported one, to its tenant.
//!
//! Typos and noise must not cost a query each, so the whole directory is held in memory (about 100 bytes a key) and asked
//! again for what is new at most every few seconds. Beyond `HELD_MAX` keys the rest is looked up row by row.

use crate::clock::Clock;
use crate::domain::api_key::{Digest, TenantRoute};
use crate::domain::{Result, Timestamp};
use crate::store::directory::Listed;
use crate::store::{Store, directory};
use std::collections::HashMap;
use std::fmt;
use tokio::sync::{Mutex, RwLock};

/// Keys held in memory; about 20 MiB.
const HELD_MAX: usize = 200_000;
/// How long what is held counts as complete; another node may list keys too.
const FRESH_MS: i64 = 5_000;
/// How far back what is new is read again, since nodes' clocks and commits do not agree to the millisecond.
const OVERLAP_MS: i64 = 120_000;

/// The directory of one process.
pub struct Directory {
    store: Store,
    clock: Clock,
    held: RwLock<Held>,
    /// Whoever refreshes; the others wait for what he reads.
    refreshing: Mutex<()>,
}

#[derive(Default)]
struct Held {
    routes: HashMap<Digest, TenantRoute>,
    /// The newest key read.
    newest_at: Timestamp,
    /// When it was read, on the real clock.
    read_at: Option<Timestamp>,
    is_full: bool,
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").finish_non_exhaustive()
    }
}

impl Directory {
    /// An empty directory, filled when it is first asked.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            held: RwLock::default(),
            refreshing: Mutex::default(),
        }
    }

    /// Finds where a key belongs.
    pub async fn find(&self, digest: &Digest) -> Result<Option<TenantRoute>> {
        if let Some(answer) = self.held.read().await.answer(digest, self.clock.real_now()) {
            return Ok(answer);
        }
        let _turn = self.refreshing.lock().await;
        if let Some(answer) = self.held.read().await.answer(digest, self.clock.real_now()) {
            return Ok(answer);
        }
        self.refresh().await?;
        let held = self.held.read().await;
        match held.routes.get(digest) {
            Some(route) => Ok(Some(*route)),
            None if held.is_full => Ok(directory::find(&self.store, digest).await?.map(|listed| listed.route)),
            None => Ok(None),
        }
    }

    /// Takes up a key that was listed just now, so that this process knows it at once.
    pub async fn introduce(&self, listed: Listed) {
        self.held.write().await.take(listed);
    }

    async fn refresh(&self) -> Result<()> {
        let real_now = self.clock.real_now();
        let (from, is_full) = {
            let held = self.held.read().await;
            (Timestamp(held.newest_at.0 - OVERLAP_MS), held.is_full)
        };
        if is_full {
            return Ok(());
        }
        let new = directory::since(&self.store, from, HELD_MAX as u64 + 1).await?;
        let mut held = self.held.write().await;
        for listed in new {
            held.newest_at = held.newest_at.max(listed.created_at);
            held.take(listed);
        }
        held.read_at = Some(real_now);
        Ok(())
    }
}

impl Held {
    /// What memory alone can say; `None` where the rows must be asked.
    fn answer(&self, digest: &Digest, real_now: Timestamp) -> Option<Option<TenantRoute>> {
        if let Some(route) = self.routes.get(digest) {
            return Some(Some(*route));
        }
        let is_fresh = self.read_at.is_some_and(|read_at| real_now.0 - read_at.0 < FRESH_MS);
        (is_fresh && !self.is_full).then_some(None)
    }

    fn take(&mut self, listed: Listed) {
        if self.routes.len() < HELD_MAX {
            self.routes.insert(listed.digest, listed.route);
        } else if !self.routes.contains_key(&listed.digest) {
            self.is_full = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::TestDatabase;

    const ROUTE: TenantRoute = TenantRoute([7; 8]);

    fn listed(name: &str) -> Listed {
        Listed {
            digest: Digest::of(name),
            route: ROUTE,
            created_at: Timestamp(1),
        }
    }

    async fn list(store: &Store, name: &'static str) {
        store
            .command(async move |tx| directory::add(tx, listed(name)).await)
            .await
            .unwrap();
    }

    #[actix_rt::test]
    async fn listed_keys_are_found_and_unknown_ones_cost_no_query() {
        let database = TestDatabase::create().await.unwrap();
        let store = database.store().await.unwrap();
        list(&store, "first").await;
        let directory = Directory::new(store.clone(), Clock::fixed(Timestamp(1_000_000)));
        assert_eq!(directory.find(&Digest::of("first")).await.unwrap(), Some(ROUTE));
        assert_eq!(directory.find(&Digest::of("noise")).await.unwrap(), None);
        // Listed behind its back, it is not seen while what is held is fresh: nothing is asked.
        list(&store, "second").await;
        assert_eq!(directory.find(&Digest::of("second")).await.unwrap(), None);
        directory.introduce(listed("second")).await;
        assert_eq!(directory.find(&Digest::of("second")).await.unwrap(), Some(ROUTE));
        store.close().await;
    }

    #[actix_rt::test]
    async fn what_another_node_lists_is_found_when_the_copy_has_aged() {
        let database = TestDatabase::create().await.unwrap();
        let store = database.store().await.unwrap();
        let directory = Directory::new(store.clone(), Clock::fixed(Timestamp(1_000_000)));
        assert_eq!(directory.find(&Digest::of("later")).await.unwrap(), None);
        list(&store, "later").await;
        directory.held.write().await.read_at = Some(Timestamp(0));
        assert_eq!(directory.find(&Digest::of("later")).await.unwrap(), Some(ROUTE));
        store.close().await;
    }
}
