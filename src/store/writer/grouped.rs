//! What has queued runs as one transaction, because a commit costs a sync of the disk and a command does not.
//!
//! There are no savepoints: they would cost more than the grouping gains. When a command fails, the whole group is rolled
//! back; those before it run again as one group, it runs alone. No command sees the difference, except that it may run
//! more than once. On PostgreSQL another node may stand in a group's way; its commands then run one by one, each repeated
//! a few times, and groups stay smaller for a while. Within one node there is nobody to conflict with.

use super::job::{Job, Ran, answer, attempt};
use super::outcome::is_fatal;
use super::{Shared, Thread, unavailable};
use crate::domain::Error;
use crate::store::collected::Collected;
use crate::store::connect::Target;
use crate::store::errors::{self, Class};
use crate::store::tx::Tx;
use sea_orm::{DatabaseConnection, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Commands of one group; more gained nothing when measured.
const GROUP_MAX: usize = 256;
/// How long a group may take before it commits; the first of it waits that long.
const GROUP_TIME: Duration = Duration::from_millis(20);
/// How often a command runs alone before another node's conflict becomes its answer.
const RUNS_MAX: u32 = 6;
/// How long a command waits before it runs alone again, times the number of runs.
const PAUSE: Duration = Duration::from_millis(5);

/// Serves the queue until it is closed and empty.
pub(super) async fn serve(thread: Thread, connection: DatabaseConnection) {
    let Thread {
        target,
        jobs: mut queue,
        shared,
    } = thread;
    let mut writer = Grouped {
        connection: Some(connection),
        target,
        shared,
        limit: GROUP_MAX,
    };
    while let Some(first) = queue.recv().await {
        if writer.shared.is_broken() {
            answer(first, Some(unavailable()), &writer.shared);
        } else {
            writer.group(first, &mut queue).await;
        }
    }
    writer.close_connection().await;
}

struct Grouped {
    /// None after a failure that made it untrustworthy.
    connection: Option<DatabaseConnection>,
    target: Target,
    shared: Arc<Shared>,
    /// Commands of the next group: halved by a conflict, doubled by a commit.
    limit: usize,
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

/// What came of a job that ran alone.
enum Alone {
    /// To be answered, with this error or with its own result.
    Done(Option<Error>),
    /// The database could not do it.
    GivenUp(Class, Error),
    /// Another node stood in its way.
    Conflict,
}

/// The error that answers a job whose transaction was rolled back for its sake; none where its own result does.
fn verdict(ran: Ran) -> Option<Error> {
    match ran {
        Ran::Kept(_) | Ran::Refused | Ran::Failed { owned: true, .. } => None,
        // It swallowed the database's error and went on; that must not look like success.
        Ran::Failed { error, owned: false } => Some(errors::map(error)),
        Ran::Stopped => Some(unavailable()),
    }
}

impl Grouped {
    /// Runs `first` and what has queued behind it; nobody is waited for.
    async fn group(&mut self, first: Box<dyn Job>, queue: &mut mpsc::Receiver<Box<dyn Job>>) {
        let tx = match self.begin().await {
            Ok(tx) => tx,
            Err(error) => {
                // Each would wait as long in vain as this one did.
                let waiting = std::iter::once(first).chain(std::iter::from_fn(|| queue.try_recv().ok()));
                return self.reject(waiting.collect(), error).await;
            }
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
            if group.jobs.len() < self.limit && started.elapsed() < GROUP_TIME {
                next = queue.try_recv().ok();
            }
        }
        self.commit(tx, group).await;
    }

    /// Commits a group and answers it; if that fails and it is safe, each runs alone.
    async fn commit(&mut self, tx: Tx, group: Group) {
        match self.shared.commit(tx, group.collected).await {
            Ok(()) => {
                self.limit = (self.limit * 2).min(GROUP_MAX);
                for job in group.jobs {
                    answer(job, None, &self.shared);
                }
            }
            Err(why) if why.may_run_again() => {
                self.note_conflict(why.class());
                self.each_alone(group.jobs).await;
            }
            Err(why) => self.give_up(group.jobs, why.class(), why.into_error()).await,
        }
    }

    /// Goes on after a rollback: those that ran well before `job` run again together, then `job` for itself.
    async fn split(&mut self, before: Vec<Box<dyn Job>>, job: Box<dyn Job>, ran: Ran) {
        let class = ran.class();
        self.note_conflict(class);
        match ran {
            Ran::Failed { error, .. } if is_fatal(class) => {
                let all = before.into_iter().chain([job]).collect();
                self.give_up(all, class, errors::map(error)).await;
            }
            // It had the transaction for itself, so its verdict stands.
            ran if before.is_empty() && class != Class::Conflict => answer(job, verdict(ran), &self.shared),
            ran => {
                self.again(before).await;
                self.after_failure(job, ran).await;
            }
        }
    }

    /// Runs jobs together that have just run well together; should one fail now, each runs alone.
    async fn again(&mut self, jobs: Vec<Box<dyn Job>>) {
        if jobs.is_empty() || self.shared.is_broken() {
            return self.each_alone(jobs).await;
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
                    self.note_conflict(ran.class());
                    self.each_alone(group.jobs).await;
                    self.after_failure(job, ran).await;
                    return self.each_alone(jobs.collect()).await;
                }
            }
        }
        self.commit(tx, group).await;
    }

    async fn each_alone(&mut self, jobs: Vec<Box<dyn Job>>) {
        for job in jobs {
            self.alone(job).await;
        }
    }

    /// Settles a job that failed among others: it may do better alone, unless it panicked or hung.
    async fn after_failure(&mut self, job: Box<dyn Job>, ran: Ran) {
        match ran {
            Ran::Stopped => answer(job, verdict(ran), &self.shared),
            _ => self.alone(job).await,
        }
    }

    /// Runs one job in transactions of its own until no other node stands in its way; what comes of it is its answer.
    async fn alone(&mut self, mut job: Box<dyn Job>) {
        for run in 1..=RUNS_MAX {
            if self.shared.is_broken() {
                return answer(job, Some(unavailable()), &self.shared);
            }
            match self.once(job.as_mut()).await {
                Alone::Done(instead) => return answer(job, instead, &self.shared),
                Alone::GivenUp(class, error) => return self.give_up(vec![job], class, error).await,
                Alone::Conflict => {
                    self.note_conflict(Class::Conflict);
                    tokio::time::sleep(PAUSE * run).await;
                }
            }
        }
        answer(job, Some(unavailable()), &self.shared);
    }

    async fn once(&mut self, job: &mut dyn Job) -> Alone {
        let tx = match self.begin().await {
            Ok(tx) => tx,
            Err(error) => return Alone::GivenUp(errors::class(&error), unavailable().caused_by(error)),
        };
        let ran = match attempt(job, &tx, &self.shared).await {
            Ran::Kept(collected) => {
                return match self.shared.commit(tx, collected).await {
                    Ok(()) => Alone::Done(None),
                    Err(why) if why.class() == Class::Conflict => Alone::Conflict,
                    Err(why) => Alone::GivenUp(why.class(), why.into_error()),
                };
            }
            ran => ran,
        };
        self.shared.rollback(tx).await;
        match (ran.class(), ran) {
            (Class::Conflict, _) => Alone::Conflict,
            (class, Ran::Failed { error, .. }) if is_fatal(class) => Alone::GivenUp(class, errors::map(error)),
            (_, ran) => Alone::Done(verdict(ran)),
        }
    }

    fn note_conflict(&mut self, class: Class) {
        if class == Class::Conflict {
            self.limit = (self.limit / 2).max(1);
            self.shared.faults.conflicts.fetch_add(1, Ordering::SeqCst);
        }
    }

    async fn begin(&mut self) -> Result<Tx, DbErr> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.target.writer().await.map_err(|error| DbErr::Custom(error.to_string()))?,
        };
        let options = TransactionOptions {
            // A deferred transaction that reads first and writes later fails whatever the time-out.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let mut begun = connection.begin_with_options(options).await;
        if !self.target.is_sqlite() && begun.as_ref().is_err_and(|error| errors::class(error) == Class::Busy) {
            // The server may have ended an idle connection; the pool brings another.
            begun = connection.begin_with_options(options).await;
        }
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
        if class == Class::Broken {
            self.shared.break_down(&error);
        }
        // PostgreSQL's pool replaces a bad connection by itself.
        if is_fatal(class) && self.target.is_sqlite() {
            self.close_connection().await;
        }
        for job in jobs {
            answer(job, Some(error.clone()), &self.shared);
        }
    }

    async fn close_connection(&mut self) {
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "closing the writer's connection failed");
        }
    }
}
