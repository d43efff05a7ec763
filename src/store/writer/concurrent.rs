//! PostgreSQL: several transactions side by side, one command each, as strict as if each ran alone.
//!
//! Where two stand in each other's way the server ends one of them; that one runs again, by itself on this node, so that
//! many commands over the same rows make progress instead of ending each other for ever.

use super::job::{Job, Ran, answer, attempt};
use super::{Shared, Uncommitted, unavailable};
use crate::domain::Error;
use crate::store::connect::POSTGRES_WRITERS;
use crate::store::errors::{self, Class};
use crate::store::tx::Tx;
use sea_orm::{DatabaseConnection, DbErr, TransactionTrait};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{RwLock, Semaphore, mpsc};

/// How often a command runs before a conflict becomes its answer.
const RUNS_MAX: u32 = 6;
/// How long a command waits before each further run, times the number of runs: other nodes may stand in its way too.
const PAUSE: Duration = Duration::from_millis(5);

/// Serves the queue until it is closed and every command in flight has been answered.
pub(super) async fn serve(mut jobs: mpsc::Receiver<Box<dyn Job>>, shared: Arc<Shared>, connection: DatabaseConnection) {
    let permits = Arc::new(Semaphore::new(POSTGRES_WRITERS as usize));
    let writer = Rc::new(Concurrent {
        connection,
        shared,
        turn: RwLock::new(()),
    });
    while let Some(job) = jobs.recv().await {
        // The semaphore is never closed.
        let Ok(permit) = permits.clone().acquire_owned().await else {
            break;
        };
        let writer = writer.clone();
        tokio::task::spawn_local(async move {
            writer.run(job).await;
            drop(permit);
        });
    }
    // Everyone has come home when all permits are there.
    let _ = permits.acquire_many(POSTGRES_WRITERS).await;
    if let Err(error) = writer.connection.close_by_ref().await {
        tracing::warn!(%error, "closing the writers failed");
    }
}

struct Concurrent {
    connection: DatabaseConnection,
    shared: Arc<Shared>,
    /// Shared by first runs, held alone by repeated ones.
    turn: RwLock<()>,
}

/// What came of one run.
enum Run {
    Answered(Option<Error>),
    Conflict(Error),
}

impl Concurrent {
    async fn run(&self, mut job: Box<dyn Job>) {
        let mut conflict = unavailable();
        for run in 0..RUNS_MAX {
            tokio::time::sleep(PAUSE * run.saturating_sub(1)).await;
            match self.run_once(job.as_mut(), run > 0).await {
                Run::Answered(instead) => return answer(job, instead, &self.shared),
                Run::Conflict(error) => {
                    self.shared.faults.conflicts.fetch_add(1, Ordering::SeqCst);
                    conflict = error;
                }
            }
        }
        answer(job, Some(conflict), &self.shared);
    }

    async fn run_once(&self, job: &mut dyn Job, alone: bool) -> Run {
        let (_shared, _alone) = match alone {
            false => (Some(self.turn.read().await), None),
            true => (None, Some(self.turn.write().await)),
        };
        if self.shared.is_broken() {
            return Run::Answered(Some(unavailable()));
        }
        // The strictness is a setting of the connection.
        let tx = match self.connection.begin().await {
            Ok(transaction) => Tx::new(transaction),
            Err(error) => return Run::Answered(Some(unavailable().caused_by(error))),
        };
        match attempt(job, &tx, &self.shared).await {
            Ran::Kept(collected) => match self.shared.commit(tx, collected).await {
                Ok(()) => Run::Answered(None),
                Err(why) => self.uncommitted(why),
            },
            ran => {
                self.shared.rollback(tx).await;
                self.failed(ran)
            }
        }
    }

    fn failed(&self, ran: Ran) -> Run {
        match ran {
            Ran::Failed { error, owned } => {
                self.observe(&error);
                match errors::class(&error) {
                    Class::Conflict => Run::Conflict(errors::map(error)),
                    _ if owned => Run::Answered(None),
                    // It swallowed the database's error and went on; that must not look like success.
                    _ => Run::Answered(Some(errors::map(error))),
                }
            }
            Ran::Stopped => Run::Answered(Some(unavailable())),
            Ran::Refused | Ran::Kept(_) => Run::Answered(None),
        }
    }

    fn uncommitted(&self, why: Uncommitted) -> Run {
        match why.class() {
            Class::Conflict => Run::Conflict(why.into_error()),
            class => {
                let error = why.into_error();
                if class == Class::Broken {
                    self.shared.break_down(&error);
                }
                Run::Answered(Some(error))
            }
        }
    }

    /// A server that reports a failed disk is not trusted any more.
    fn observe(&self, error: &DbErr) {
        if errors::class(error) == Class::Broken {
            self.shared.break_down(&errors::map(error.clone()));
        }
    }
}
