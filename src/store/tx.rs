//! What a command sees of its transaction.

use super::audit::AuditEntry;
use super::collected::{Collected, IdempotencyRecord};
use super::counters::CounterKey;
use crate::domain::Event;
use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An open transaction, to be used like any connection of the ORM.
///
/// Once a statement has failed every further one fails the same way, and so does the command, even if it swallows the
/// error: what may collide needs `ON CONFLICT`.
///
/// Events, audit entries, idempotency records and counts are only collected here; the writer adds them to the same
/// transaction, for a whole group at once. They are dropped if the command fails.
pub struct Tx {
    transaction: DatabaseTransaction,
    state: Mutex<State>,
}

/// What happened in the command that is being run.
#[derive(Default)]
struct State {
    dirty: bool,
    failure: Option<DbErr>,
    collected: Collected,
}

/// What the writer learns of a command's run.
pub(super) struct Traces {
    /// Whether a statement other than a SELECT was sent.
    pub(super) dirty: bool,
    /// The first error the database answered, whether or not the command swallowed it.
    pub(super) failure: Option<DbErr>,
    /// What it collected.
    pub(super) collected: Collected,
}

impl Tx {
    pub(super) fn new(transaction: DatabaseTransaction) -> Self {
        Self {
            transaction,
            state: Mutex::default(),
        }
    }

    /// Adds a fact to the outbox.
    pub fn emit(&self, event: Event) {
        self.state().collected.events.push(event);
    }

    /// Adds an entry to the tenant's audit chain.
    pub fn audit(&self, entry: AuditEntry) {
        self.state().collected.audits.push(entry);
    }

    /// Stores the answer of a request that carried an `Idempotency-Key`.
    ///
    /// The command fails with `IdempotencyInFlight` when a record of that key is there, unless it has run out or is this
    /// very record (same id), not done yet.
    pub fn remember(&self, record: IdempotencyRecord) {
        self.state().collected.records.push(record);
    }

    /// Adds `by`, which may be negative, to a total; it shows in `counters::read` after the commit.
    pub fn count(&self, key: CounterKey, by: i64) {
        self.state().collected.count(key, by);
    }

    /// Takes what the last command left behind and stands ready for the next.
    pub(super) fn take_traces(&self) -> Traces {
        let state = std::mem::take(&mut *self.state());
        Traces {
            dirty: state.dirty,
            failure: state.failure,
            collected: state.collected,
        }
    }

    pub(super) async fn commit(self) -> Result<(), DbErr> {
        self.transaction.commit().await
    }

    pub(super) async fn rollback(self) -> Result<(), DbErr> {
        self.transaction.rollback().await
    }

    /// Whether the command that runs has changed anything.
    pub(super) fn is_dirty(&self) -> bool {
        self.state().dirty
    }

    /// Takes back that a statement changed something: it touched no row.
    pub(super) fn set_dirty(&self, dirty: bool) {
        self.state().dirty = dirty;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic inside a command cannot leave this half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a statement is about to be sent; after a failure none is.
    fn touch(&self, statement: &str) -> Result<(), DbErr> {
        let mut state = self.state();
        // PostgreSQL refuses to go on by itself. SQLite may have ended the transaction, and what follows would stay.
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        let word = statement.trim_start().get(..6);
        let reads = word.is_some_and(|word| word.eq_ignore_ascii_case("select"));
        state.dirty |= !reads;
        state.collected.changes_endpoints |= !reads && writes_endpoints(statement);
        Ok(())
    }

    fn note<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if let Err(error) = &result {
            self.state().failure.get_or_insert_with(|| error.clone());
        }
        result
    }
}

/// Whether a statement of the ORM writes endpoints. Their health, which is written otherwise, is in nobody's copy.
fn writes_endpoints(statement: &str) -> bool {
    let mut words = statement.split_whitespace().take(3);
    words.any(|word| word == "\"endpoints\"")
}

#[async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.touch(&statement.sql)?;
        self.note(self.transaction.execute_raw(statement).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.touch(sql)?;
        self.note(self.transaction.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.touch(&statement.sql)?;
        self.note(self.transaction.query_one_raw(statement).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.touch(&statement.sql)?;
        self.note(self.transaction.query_all_raw(statement).await)
    }
}
