//! What the handle does about webhooks beside the pool: attempts that somebody waits for, readers of streams, the end of
//! what was kept.

use super::Actors;
use crate::actors::delivery::manual::Attempted;
use crate::actors::feed::Feed;
use crate::actors::housekeeper;
use crate::domain::{Event, Result, Timestamp};
use crate::store::lease::Lease;
use crate::store::outbox::due;
use crate::telemetry::series;

impl Actors {
    /// A claim on a delivery in this process's name, for the command that writes the row `attempt_now` is to try.
    pub fn lease(&self) -> Lease {
        self.inner.manual.lease()
    }

    /// The kind of a forbidden address that a URL's name resolves to at present.
    pub async fn forbids(&self, url: &str) -> Option<&'static str> {
        self.inner.deps.sender.forbids(url).await
    }

    /// A delivery of a made-up event to an endpoint, on or off, for `attempt_now`, and the body that is written with it.
    pub fn sample(
        &self,
        event: &Event,
        endpoint: &entities::endpoint::Model,
    ) -> (entities::delivery::Model, entities::body::Model) {
        self.inner.manual.sample(event, endpoint)
    }

    /// Tries at once a delivery that was written with such a claim, and tells how it went.
    pub async fn attempt_now(&self, row: entities::delivery::Model) -> Result<Attempted> {
        self.inner.manual.attempt(row).await
    }

    /// Wakes those who follow a tenant's events.
    pub fn feed(&self) -> &Feed {
        &self.inner.deps.feed
    }

    /// Removes what is older at `now` than it is kept for; the timers do it by themselves.
    ///
    /// # Errors
    /// `Unavailable` where the database is.
    pub async fn sweep(&self, now: Timestamp) -> Result<bool> {
        housekeeper::sweep(&self.inner.deps, now).await
    }

    /// Sets the gauges of what waits, what is under way and what is switched off, for whoever asks right now. What cannot be
    /// counted keeps its last value.
    pub async fn set_gauges(&self) {
        let deps = &self.inner.deps;
        let pool = self.inspect_delivery().await;
        let pending = due::pending(&deps.store).await;
        let first = due::first(&deps.store).await;
        let disabled = due::disabled(&deps.store).await;
        if let Ok(pool) = pool {
            series::deliveries_in_flight(pool.in_flight);
        }
        if let Ok(pending) = pending {
            series::deliveries_pending(pending);
        }
        if let Ok(first) = first {
            series::oldest_due(first.map_or(0, |at| deps.clock.now().0 - at.0));
        }
        if let Ok(disabled) = disabled {
            series::endpoints_disabled(disabled);
        }
    }
}
