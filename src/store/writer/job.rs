//! A command without its types: what the queue holds.

use super::{Shared, unavailable};
use crate::domain::{Error, Result};
use crate::store::Tx;
use crate::store::collected::Collected;
use crate::store::errors::{self, Class};
use futures_util::FutureExt;
use sea_orm::DbErr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long one run of a command may take; a command only talks to the database, so a longer one hangs and would hold up
/// every writer.
const RUN_MAX: Duration = Duration::from_secs(10);

/// A command that can be run again and answered once.
pub(super) trait Job: Send {
    /// Runs the closure and keeps its result; answers whether that is `Ok`.
    fn run<'a>(&'a mut self, tx: &'a Tx) -> Pin<Box<dyn Future<Output = bool> + 'a>>;

    /// Answers the caller: with the error, or with the last run's own result.
    fn finish(self: Box<Self>, instead: Option<Error>);
}

/// A closure, the result of its last run and the way back to its caller.
pub(super) struct Command<T, F> {
    work: F,
    result: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> Command<T, F> {
    pub(super) fn new(work: F, answer: oneshot::Sender<Result<T>>) -> Self {
        Self {
            work,
            result: None,
            answer,
        }
    }
}

impl<T, F> Job for Command<T, F>
where
    F: AsyncFn(&Tx) -> Result<T> + Send + 'static,
    T: Send + 'static,
{
    fn run<'a>(&'a mut self, tx: &'a Tx) -> Pin<Box<dyn Future<Output = bool> + 'a>> {
        Box::pin(async move {
            self.result = None;
            let result = (self.work)(tx).await;
            self.result.insert(result).is_ok()
        })
    }

    fn finish(self: Box<Self>, instead: Option<Error>) {
        let result = match instead {
            Some(error) => Err(error),
            None => self.result.unwrap_or_else(|| Err(unavailable())),
        };
        // A caller that went away gets no answer; its change stands.
        let _ = self.answer.send(result);
    }
}

/// What came of one run inside a transaction.
pub(super) enum Ran {
    /// The transaction may go on; these rows are to be added to it.
    Kept(Collected),
    /// The closure refused after it had changed something; its own error is the answer.
    Refused,
    /// The database refused; the transaction must not go on.
    Failed {
        error: DbErr,
        /// The closure made an error of it, which is the answer then.
        owned: bool,
    },
    /// It panicked or hung; running it again would only do so again.
    Stopped,
}

impl Ran {
    /// What the database is in after it.
    pub(super) fn class(&self) -> Class {
        match self {
            Self::Failed { error, .. } => errors::class(error),
            Self::Kept(_) | Self::Refused | Self::Stopped => Class::Ordinary,
        }
    }
}

/// Runs a job once; neither a panic nor a hang gets out.
pub(super) async fn attempt(job: &mut dyn Job, tx: &Tx, shared: &Shared) -> Ran {
    let panics = shared.faults.panics_now();
    let guarded = AssertUnwindSafe(async {
        if panics {
            std::panic::resume_unwind(Box::new("injected"));
        }
        job.run(tx).await
    });
    let outcome = tokio::time::timeout(RUN_MAX, guarded.catch_unwind()).await;
    let traces = tx.take_traces();
    let succeeded = match outcome {
        Ok(Ok(succeeded)) => succeeded,
        Ok(Err(_)) => {
            tracing::error!("a command panicked");
            return Ran::Stopped;
        }
        Err(_) => {
            tracing::error!(limit_s = RUN_MAX.as_secs(), "a command hung");
            return Ran::Stopped;
        }
    };
    match traces.failure {
        Some(error) => Ran::Failed {
            error,
            owned: !succeeded,
        },
        None if succeeded => Ran::Kept(traces.collected),
        None if traces.dirty => Ran::Refused,
        // It only looked and then said no: the others need not suffer.
        None => Ran::Kept(Collected::default()),
    }
}

/// Answers a job and counts it.
pub(super) fn answer(job: Box<dyn Job>, instead: Option<Error>, shared: &Shared) {
    shared.faults.commands.fetch_add(1, Ordering::SeqCst);
    job.finish(instead);
}
