//! Who follows which tenant's events, so that a reader hears of new ones at once and the number of readers is bounded.
//!
//! It carries no events: a reader that is told reads the rows, and one that was not told looks by itself every few seconds.

use crate::domain::{Code, Error, Result};
use crate::telemetry::series;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use uuid::Uuid;

/// Readers of one tenant at once.
pub const PER_TENANT_MAX: usize = 10;
/// Readers of the whole process at once.
pub const PROCESS_MAX: usize = 1_000;

/// Tells readers that there are new events; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    tenants: HashMap<Uuid, watch::Sender<()>>,
    readers: usize,
    is_closed: bool,
}

impl Feed {
    /// Begins to listen.
    ///
    /// # Errors
    /// `LimitReached` where the tenant has its readers, `Unavailable` where the process has, or stops.
    pub fn listen(&self, tenant: Uuid) -> Result<Listener> {
        let mut state = self.state();
        if state.is_closed || state.readers >= PROCESS_MAX {
            return Err(Error::unavailable(5));
        }
        let sender = state.tenants.entry(tenant).or_insert_with(|| watch::channel(()).0);
        let readers = sender.receiver_count();
        if readers >= PER_TENANT_MAX {
            let text = format!("There can be {PER_TENANT_MAX} open streams.");
            return Err(Error::new(Code::LimitReached, text).with_details(json!({"max": PER_TENANT_MAX, "current": readers})));
        }
        let changes = sender.subscribe();
        state.readers += 1;
        series::event_streams(state.readers);
        Ok(Listener {
            feed: self.clone(),
            tenant,
            changes,
        })
    }

    /// Says that the tenant has new events.
    pub fn tell(&self, tenant: Uuid) {
        if let Some(sender) = self.state().tenants.get(&tenant) {
            sender.send_replace(());
        }
    }

    /// Ends all streams and begins none any more: the server stops.
    pub fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.tenants.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One reader's ear; its place is free when it is dropped.
#[derive(Debug)]
pub struct Listener {
    feed: Feed,
    tenant: Uuid,
    changes: watch::Receiver<()>,
}

impl Listener {
    /// Waits for news; false says that the server stops.
    pub async fn heard(&mut self) -> bool {
        self.changes.changed().await.is_ok()
    }

    /// Whether the server stops.
    pub fn is_over(&self) -> bool {
        self.changes.has_changed().is_err()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut state = self.feed.state();
        state.readers = state.readers.saturating_sub(1);
        series::event_streams(state.readers);
        // This one still counts.
        if state
            .tenants
            .get(&self.tenant)
            .is_some_and(|sender| sender.receiver_count() <= 1)
        {
            state.tenants.remove(&self.tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_rt::test]
    async fn a_reader_hears_of_its_own_tenant_only() {
        let (feed, tenant) = (Feed::default(), Uuid::from_u128(1));
        let mut listener = feed.listen(tenant).unwrap();
        feed.tell(Uuid::from_u128(2));
        assert!(!listener.changes.has_changed().unwrap());
        feed.tell(tenant);
        assert!(listener.heard().await);
        feed.close();
        assert!(!listener.heard().await);
        assert!(listener.is_over());
        assert!(feed.listen(tenant).is_err());
    }

    #[test]
    fn readers_are_bounded_and_their_places_come_free() {
        let (feed, tenant) = (Feed::default(), Uuid::from_u128(1));
        let mut listeners: Vec<_> = (0..PER_TENANT_MAX).map(|_| feed.listen(tenant).unwrap()).collect();
        assert_eq!(feed.listen(tenant).unwrap_err().code, Code::LimitReached);
        assert!(feed.listen(Uuid::from_u128(2)).is_ok());
        listeners.pop();
        assert!(feed.listen(tenant).is_ok());
        drop(listeners);
        assert!(feed.state().tenants.is_empty());
        assert_eq!(feed.state().readers, 0);
    }
}
