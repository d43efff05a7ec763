//! What the actors work with, handed to them once at the start.

use super::courier::post::Post;
use super::delivery::sender::Sender;
use super::feed::Feed;
use crate::clock::{Clock, Ids};
use crate::domain::dialect::Dialects;
use crate::domain::seal::Sealer;
use crate::store::Store;
use sea_orm::DbBackend;
use std::fmt;
use uuid::Uuid;

/// Which process this is: a lease names it, so that a restart knows its predecessor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The same for the life of a data folder.
    pub node: Uuid,
    /// New at each start.
    pub boot: Uuid,
}

impl Node {
    /// The owner's text in lease columns.
    pub fn owner(&self) -> String {
        format!("{}/{}", self.node.simple(), self.boot.simple())
    }
}

/// The parts below the actors.
pub struct Deps {
    /// The rows.
    pub store: Store,
    /// The server's time and the real one.
    pub clock: Clock,
    /// Ids and chance.
    pub ids: Ids,
    /// Bodies, headers and schedules of webhooks, and the limits of keys.
    pub dialects: Dialects,
    /// Opens the endpoints' secrets.
    pub sealer: Sealer,
    /// The one HTTP client of the process.
    pub sender: Sender,
    /// The way mails go out.
    pub post: Post,
    /// Wakes those who follow a tenant's events.
    pub feed: Feed,
    /// Who holds the leases of this process.
    pub node: Node,
    /// Whether retries are spread by chance; off under the sandbox clock.
    pub has_jitter: bool,
    /// Whether timers wake the passes; off in tests, which wake them by message.
    pub has_ticks: bool,
}

impl fmt::Debug for Deps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deps").field("node", &self.node).finish_non_exhaustive()
    }
}

/// How long a copy of a row may serve where this process alone writes, in milliseconds: the bound on what a hand at the
/// database changes unannounced.
const COPY_AGE_ALONE_MS: i64 = 30_000;
/// The same where other nodes write too, whose revocations may not reach this one.
const COPY_AGE_SHARED_MS: i64 = 5_000;

impl Deps {
    /// How old a copy of a key's row may be, in milliseconds of real time.
    pub fn copy_age_max_ms(&self) -> i64 {
        match self.store.backend() {
            DbBackend::Sqlite => COPY_AGE_ALONE_MS,
            _ => COPY_AGE_SHARED_MS,
        }
    }
}
