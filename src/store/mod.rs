//! Database plumbing without business rules: one writer, many readers.
//!
//! Reads go through [`Store::read`]. Every change goes through one door, [`Store::command`]: an owned, repeatable closure
//! that the writer runs inside a transaction on its own thread, and whose answer comes only after the commit. What has
//! queued runs as one transaction, on SQLite and on PostgreSQL alike. Inside a command: await nothing but the [`Tx`], take
//! time and ids from outside, expect to be run more than once.
//!
//! Read on in `tx` (what a command can do), `writer` (how it is run), `errors` (how a database error becomes ours).

pub mod audit;
pub mod counters;
pub mod credentials;
pub mod directory;
pub mod errors;
pub mod export;
pub mod grams;
pub mod idempotency;
pub mod key_check;
pub mod known;
pub mod lease;
pub mod listing;
pub mod mails;
pub mod named;
pub mod names;
pub mod origins;
pub mod outbox;
pub mod page;
pub mod retention;
pub mod rows;
pub mod search;
pub mod settings;
pub mod testing;
pub mod uploads;
pub mod usage;
pub mod worded;

mod collected;
mod connect;
mod faults;
mod many;
mod mode;
#[cfg(test)]
mod tests;
mod tx;
mod unique;
mod writer;

pub use audit::AuditEntry;
pub use collected::IdempotencyRecord;
pub use faults::{Faults, Stats};
pub use tx::Tx;

use crate::domain::{Error, Event, Result};
use sea_orm::{DatabaseConnection, DbBackend};
use std::fmt;
use std::sync::Arc;
use writer::Writer;

/// Called after each commit with the events it held, if any; it must not block.
pub type CommitHook = Arc<dyn Fn(Vec<Event>) + Send + Sync>;
/// Called once when the disk can no longer be trusted; the process should end.
pub type FatalHook = Arc<dyn Fn(&Error) + Send + Sync>;

/// Where the data is and how many may read it at once.
#[derive(Clone)]
pub struct StoreOptions {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// Connections for reading; at least 1.
    pub readers: u32,
}

impl StoreOptions {
    /// The usual four readers.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            readers: 4,
        }
    }
}

impl fmt::Debug for StoreOptions {
    /// Leaves the URL out: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions")
            .field("readers", &self.readers)
            .finish_non_exhaustive()
    }
}

/// Opens a database for reading alone, also while a server has it; nothing is migrated and nothing made.
///
/// # Errors
/// Says what is in the way, such as that there is no such file.
pub async fn look(options: &StoreOptions) -> Result<DatabaseConnection> {
    connect::Target::parse(options)?.onlooker().await
}

/// The handle to the database, shared by all.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    readers: DatabaseConnection,
    sweepers: DatabaseConnection,
    writer: Writer,
    faults: Arc<Faults>,
    known: known::Known,
}

impl Store {
    /// Connects, asserts the settings that durability rests on, brings the schema up to date and starts the writer.
    pub async fn open(options: &StoreOptions) -> Result<Self> {
        let target = connect::Target::parse(options)?;
        let faults = Arc::new(Faults::default());
        let writer = Writer::start(target.clone(), faults.clone()).await?;
        let (readers, sweepers) = (target.readers().await?, target.sweepers().await?);
        Ok(Self {
            inner: Arc::new(Inner {
                readers,
                sweepers,
                writer,
                faults,
                known: known::Known::default(),
            }),
        })
    }

    /// Hands out the pool of readers; on SQLite a write through it fails.
    pub fn read(&self) -> &DatabaseConnection {
        &self.inner.readers
    }

    /// Hands out the pool for reading whole tables batch by batch, so that what passes by stays in nobody's memory and no
    /// reader of [`Store::read`] waits for it.
    pub fn sweep(&self) -> &DatabaseConnection {
        &self.inner.sweepers
    }

    /// Runs `work` in a transaction on the writer's thread and answers once it is committed.
    ///
    /// `work` may run several times, in fresh transactions; nothing of a run that failed stays. An error it returns rolls
    /// its changes back. Too many waiting commands answer `Unavailable` at once.
    pub async fn command<T, F>(&self, work: F) -> Result<T>
    where
        F: AsyncFn(&Tx) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.inner.writer.run(work).await
    }

    /// Names the database in use.
    pub fn backend(&self) -> DbBackend {
        self.inner.readers.get_database_backend()
    }

    /// Answers whether the readers reach the database and the writer accepts commands.
    pub async fn ready(&self) -> Result<()> {
        self.inner.writer.ready()?;
        self.inner.readers.ping().await.map_err(errors::map)
    }

    /// Counts the commits of this process that changed endpoints: whoever keeps copies looks whether they still hold.
    pub fn endpoint_changes(&self) -> u64 {
        self.inner.writer.endpoint_changes()
    }

    /// Sets what is called after each commit; only the first call counts.
    pub fn on_commit(&self, hook: CommitHook) {
        self.inner.writer.on_commit(hook);
    }

    /// Sets what is called when the disk can no longer be trusted; only the first call counts.
    pub fn on_fatal(&self, hook: FatalHook) {
        self.inner.writer.on_fatal(hook);
    }

    /// Counts what the writer has done.
    pub fn stats(&self) -> Stats {
        self.inner.faults.stats()
    }

    /// The switches by which tests make the writer fail.
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// Refuses new commands, finishes those that wait, and closes every connection.
    pub async fn close(&self) {
        self.inner.writer.close().await;
        for pool in [&self.inner.readers, &self.inner.sweepers] {
            if let Err(error) = pool.clone().close().await {
                tracing::warn!(%error, "closing the readers failed");
            }
        }
    }
}
