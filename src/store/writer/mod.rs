//! The writer: a thread of its own that runs commands in transactions.
//!
//! `job` makes a command repeatable and nameless, `grouped` runs jobs in transactions, `outcome` says why one is not there.
//! Nothing is answered before its commit. The queue is bounded: what does not fit is refused at once, never parked.

mod grouped;
mod job;
mod outcome;

use super::connect::Target;
use super::faults::Faults;
use super::{CommitHook, FatalHook, Tx};
use crate::domain::{Error, Result};
use crate::store::collected::{Collected, Unflushed};
use job::{Command, Job};
use outcome::Uncommitted;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use tokio::sync::{mpsc, oneshot, watch};

/// Commands that may wait; at 20,000 a second that is 0.2 s of work.
pub(super) const QUEUE_MAX: usize = 4_096;
/// Whole seconds after which a refused caller may try again.
const RETRY_AFTER_S: u64 = 1;

/// The queue's near end.
pub(super) struct Writer {
    queue: RwLock<Option<mpsc::Sender<Box<dyn Job>>>>,
    shared: Arc<Shared>,
    /// Closes when the thread has finished.
    finished: watch::Receiver<()>,
}

/// What the thread and its callers both see.
struct Shared {
    faults: Arc<Faults>,
    on_commit: OnceLock<CommitHook>,
    on_fatal: OnceLock<FatalHook>,
    /// Set once the disk can no longer be trusted; nothing is acknowledged after that.
    broken: AtomicBool,
    endpoint_changes: AtomicU64,
}

impl Writer {
    /// Starts the thread; answers once it is connected and the schema is up to date.
    pub(super) async fn start(target: Target, faults: Arc<Faults>) -> Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let (finishing, finished) = watch::channel(());
        let (started, start) = oneshot::channel();
        let shared = Arc::new(Shared {
            faults,
            on_commit: OnceLock::new(),
            on_fatal: OnceLock::new(),
            broken: AtomicBool::new(false),
            endpoint_changes: AtomicU64::new(0),
        });
        let thread = Thread {
            target,
            jobs,
            shared: shared.clone(),
        };
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                thread.run(started);
                drop(finishing);
            })
            .map_err(Error::internal)?;
        start.await.map_err(|_| Error::internal("the writer died while starting"))??;
        Ok(Self {
            queue: RwLock::new(Some(queue)),
            shared,
            finished,
        })
    }

    /// Queues a command and waits for its answer.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        F: AsyncFn(&Tx) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.enqueue(Box::new(Command::new(work, answer)))?;
        // The answer fails to come only when the thread died with the job in hand.
        answered.await.unwrap_or_else(|_| Err(unavailable()))
    }

    fn enqueue(&self, job: Box<dyn Job>) -> Result<()> {
        self.ready()?;
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        let queue = queue.as_ref().ok_or_else(unavailable)?;
        queue.try_send(job).map_err(|_| unavailable())
    }

    /// Answers whether commands are accepted.
    pub(super) fn ready(&self) -> Result<()> {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        let open = queue.as_ref().is_some_and(|queue| !queue.is_closed());
        if open && !self.shared.is_broken() {
            Ok(())
        } else {
            Err(unavailable())
        }
    }

    pub(super) fn endpoint_changes(&self) -> u64 {
        self.shared.endpoint_changes.load(Ordering::SeqCst)
    }

    pub(super) fn on_commit(&self, hook: CommitHook) {
        // Only the first counts: a hook that changes under way would miss commits.
        let _ = self.shared.on_commit.set(hook);
    }

    pub(super) fn on_fatal(&self, hook: FatalHook) {
        let _ = self.shared.on_fatal.set(hook);
    }

    /// Refuses what comes, finishes what waits.
    pub(super) async fn close(&self) {
        self.queue.write().unwrap_or_else(PoisonError::into_inner).take();
        // An error says that the thread has finished, which is what is waited for.
        let _ = self.finished.clone().changed().await;
    }
}

/// What moves to the writer's thread.
struct Thread {
    target: Target,
    jobs: mpsc::Receiver<Box<dyn Job>>,
    shared: Arc<Shared>,
}

impl Thread {
    fn run(self, started: oneshot::Sender<Result<()>>) {
        // Commands need not be `Send`: they never leave this thread.
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                let _ = started.send(Err(Error::internal(error)));
                return;
            }
        };
        runtime.block_on(self.serve(started));
    }

    async fn serve(self, started: oneshot::Sender<Result<()>>) {
        let connected = async {
            self.target.migrate().await?;
            self.target.writer().await
        };
        let connection = match connected.await {
            Ok(connection) => connection,
            Err(error) => {
                let _ = started.send(Err(error));
                return;
            }
        };
        if started.send(Ok(())).is_err() {
            return;
        }
        grouped::serve(self, connection).await;
    }
}

impl Shared {
    fn is_broken(&self) -> bool {
        self.broken.load(Ordering::SeqCst)
    }

    /// Ends all acknowledging: a later sync may succeed although the data of an earlier one is gone.
    fn break_down(&self, error: &Error) {
        if !self.broken.swap(true, Ordering::SeqCst) {
            tracing::error!(%error, source = ?error.source(), "the disk failed, no change is acknowledged any more");
            if let Some(hook) = self.on_fatal.get() {
                hook(error);
            }
        }
    }

    /// Adds what was collected and commits.
    async fn commit(&self, tx: Tx, collected: Collected) -> std::result::Result<(), Uncommitted> {
        let changes_endpoints = collected.changes_endpoints;
        let events = match collected.flush(&tx).await {
            Ok(events) => events,
            Err(why) => {
                self.rollback(tx).await;
                return Err(match why {
                    Unflushed::Database(error) => Uncommitted::Database(error),
                    Unflushed::Refused(error) => Uncommitted::Refused(error),
                });
            }
        };
        if let Some(fault) = self.faults.commit_fault() {
            self.rollback(tx).await;
            return Err(Uncommitted::Injected(fault));
        }
        tx.commit().await.map_err(Uncommitted::Commit)?;
        self.faults.commits.fetch_add(1, Ordering::SeqCst);
        if changes_endpoints {
            self.endpoint_changes.fetch_add(1, Ordering::SeqCst);
        }
        if let Some(hook) = self.on_commit.get() {
            hook(events);
        }
        Ok(())
    }

    async fn rollback(&self, tx: Tx) {
        self.faults.rollbacks.fetch_add(1, Ordering::SeqCst);
        if let Err(error) = tx.rollback().await {
            tracing::warn!(%error, "a rollback failed");
        }
    }
}

fn unavailable() -> Error {
    Error::unavailable(RETRY_AFTER_S)
}
