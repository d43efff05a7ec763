//! SQLite: what has queued runs as one transaction, because a commit costs a sync of the disk and a command does not.
//!
//! There are no savepoints: they would cost more than the grouping gains. When a command fails, the whole group is rolled
//! back; those before it run again as one group, it runs alone. No command sees the difference, except that it may run
//! more than once.

use super::job::{Job, Ran, answer, attempt};
use super::{Shared, Thread, unavailable};
use crate::domain::Error;
use crate::store::collected::Collected;
use crate::store::connect::Target;
use crate::store::errors::{self, Class};
use crate::store::tx::Tx;
use sea_orm::{DatabaseConnection, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Commands of one group; more gained nothing when measured.
const GROUP_MAX: usize = 256;
/// How long a group may take before it commits; the first of it waits that long.
const GROUP_TIME: Duration = Duration::from_millis(20);

/// Serves the queue until it is closed and empty.
pub(super) async fn serve(thread: Thread, connection: DatabaseConnection) {
    let Thread { target, jobs, shared } = thread;
    let mut writer = Grouped {
        connection: Some(connection),
        target,
        shared,
    };
    let mut jobs = jobs;
    while let Some(first) = jobs.recv().await {
        if writer.shared.is_broken() {
            answer(first, Some(unavailable()), &writer.shared);
        } else {
            writer.group(first, &mut jobs).await;
        }
    }
    writer.discard_connection().await;
}

struct Grouped {
    /// None after a failure that made it untrustworthy.
    connection: Option<DatabaseConnection>,
    target: Target,
    shared: Arc<Shared>,
}

/// Jobs that have run in the open transaction.
#[derive(Default)]
struct Group {
    jobs: Vec<Box<dyn Job>>,
    collected: Collected,
}

impl Group {
    fn keep(&mut self, job: Box<dyn Job>, collected: Collected) {
        self.jobs.push(job);
        self.collected.merge(collected);
    }
}

impl Grouped {
    /// Runs `first` and what has queued behind it; nobody is waited for.
    async fn group(&mut self, first: Box<dyn Job>, queue: &mut mpsc::Receiver<Box<dyn Job>>) {
        let tx = match self.begin().await {
            Ok(tx) => tx,
            Err(error) => return self.reject(vec![first], error).await,
        };
        let started = Instant::now();
        let mut group = Group::default();
        let mut next = Some(first);
        while let Some(mut job) = next.take() {
            match attempt(job.as_mut(), &tx, &self.shared).await {
                Ran::Kept(collected) => group.keep(job, collected),
                ran => {
                    self.shared.rollback(tx).await;
                    return self.split(group.jobs, job, ran).await;
                }
            }
            if group.jobs.len() < GROUP_MAX && started.elapsed() < GROUP_TIME {
                next = queue.try_recv().ok();
            }
        }
        self.commit(tx, group).await;
    }

    /// Commits a group and answers it; if that fails, each runs alone.
    async fn commit(&mut self, tx: Tx, group: Group) {
        match self.shared.commit(tx, group.collected).await {
            Ok(()) => {
                for job in group.jobs {
                    answer(job, None, &self.shared);
                }
            }
            Err(why) if is_fatal(why.class()) => self.give_up(group.jobs, why.class(), why.into_error()).await,
            Err(_) => {
                for job in group.jobs {
                    self.alone(job).await;
                }
            }
        }
    }

    /// Goes on after a rollback: those that ran well before `job` run again together, then `job` for itself.
    async fn split(&mut self, before: Vec<Box<dyn Job>>, job: Box<dyn Job>, ran: Ran) {
        if let Ran::Failed { error, .. } = &ran
            && is_fatal(errors::class(error))
        {
            let (class, error) = (errors::class(error), errors::map(error.clone()));
            let mut all = before;
            all.push(job);
            return self.give_up(all, class, error).await;
        }
        let was_alone = before.is_empty();
        self.again(before).await;
        match ran {
            // It had the transaction for itself, so its verdict stands.
            ran if was_alone => self.answer_failed(job, ran),
            Ran::Stopped => self.answer_failed(job, Ran::Stopped),
            _ => self.alone(job).await,
        }
    }

    /// Runs jobs together that have just run well together; what fails now runs alone.
    async fn again(&mut self, jobs: Vec<Box<dyn Job>>) {
        if jobs.is_empty() {
            return;
        }
        let tx = match self.begin().await {
            Ok(tx) => tx,
            Err(error) => return self.reject(jobs, error).await,
        };
        let mut group = Group::default();
        let mut jobs = jobs.into_iter();
        while let Some(mut job) = jobs.next() {
            match attempt(job.as_mut(), &tx, &self.shared).await {
                Ran::Kept(collected) => group.keep(job, collected),
                ran => {
                    self.shared.rollback(tx).await;
                    for job in group.jobs {
                        self.alone(job).await;
                    }
                    match ran {
                        Ran::Stopped => self.answer_failed(job, Ran::Stopped),
                        _ => self.alone(job).await,
                    }
                    for job in jobs {
                        self.alone(job).await;
                    }
                    return;
                }
            }
        }
        self.commit(tx, group).await;
    }

    /// Runs one job in a transaction of its own; whatever comes of it is its answer.
    async fn alone(&mut self, mut job: Box<dyn Job>) {
        if self.shared.is_broken() {
            return answer(job, Some(unavailable()), &self.shared);
        }
        let tx = match self.begin().await {
            Ok(tx) => tx,
            Err(error) => return self.reject(vec![job], error).await,
        };
        match attempt(job.as_mut(), &tx, &self.shared).await {
            Ran::Kept(collected) => match self.shared.commit(tx, collected).await {
                Ok(()) => answer(job, None, &self.shared),
                Err(why) => self.give_up(vec![job], why.class(), why.into_error()).await,
            },
            Ran::Failed { error, .. } if is_fatal(errors::class(&error)) => {
                self.shared.rollback(tx).await;
                self.give_up(vec![job], errors::class(&error), errors::map(error)).await;
            }
            ran => {
                self.shared.rollback(tx).await;
                self.answer_failed(job, ran);
            }
        }
    }

    /// Answers a job whose transaction was rolled back for its own sake.
    fn answer_failed(&self, job: Box<dyn Job>, ran: Ran) {
        let instead = match ran {
            Ran::Kept(_) | Ran::Refused | Ran::Failed { owned: true, .. } => None,
            // It swallowed the database's error and went on; that must not look like success.
            Ran::Failed { error, owned: false } => Some(errors::map(error)),
            Ran::Stopped => Some(unavailable()),
        };
        answer(job, instead, &self.shared);
    }

    async fn begin(&mut self) -> Result<Tx, DbErr> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self
                .target
                .writers()
                .await
                .map_err(|error| DbErr::Custom(error.to_string()))?,
        };
        let options = TransactionOptions {
            // A deferred transaction that reads first and writes later fails whatever the time-out.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let begun = connection.begin_with_options(options).await;
        self.connection = Some(connection);
        begun.map(Tx::new)
    }

    /// Answers jobs that found no transaction.
    async fn reject(&mut self, jobs: Vec<Box<dyn Job>>, error: DbErr) {
        let class = errors::class(&error);
        self.give_up(jobs, class, unavailable().caused_by(error)).await;
    }

    /// Answers jobs with an error and draws the consequence for the connection.
    async fn give_up(&mut self, jobs: Vec<Box<dyn Job>>, class: Class, error: Error) {
        match class {
            Class::Broken => {
                self.shared.break_down(&error);
                self.discard_connection().await;
            }
            Class::Full => self.discard_connection().await,
            Class::Ordinary | Class::Busy | Class::Conflict => {}
        }
        for job in jobs {
            answer(job, Some(error.clone()), &self.shared);
        }
    }

    async fn discard_connection(&mut self) {
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "closing the writer's connection failed");
        }
    }
}

/// Whether the whole group must be given up rather than run again.
fn is_fatal(class: Class) -> bool {
    matches!(class, Class::Full | Class::Broken)
}
