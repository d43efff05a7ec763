//! The only reader of `DbErr`: what a database error means to a caller.
//!
//! What breaks a unique rule that callers may run into is told as that; what is not listed there is a fault of ours.

use super::unique::{self, Unique};
use crate::domain::{Error, FieldError};
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{DbErr, RuntimeErr, sqlx};

/// Whole seconds after which a caller may try again when the database is busy or gone.
const RETRY_AFTER_S: u64 = 1;

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        map(error)
    }
}

/// Says what a database error means to a caller.
pub fn map(error: DbErr) -> Error {
    if let Some(rule) = unique_rule(&error) {
        let mut mapped = Error::new(rule.code, rule.message).with_text(rule.text).caused_by(error);
        if !rule.field.is_empty() {
            mapped.fields = vec![FieldError {
                field: rule.field.into(),
                message: rule.message.into(),
                rule: "taken",
            }];
        }
        return mapped;
    }
    match class(&error) {
        Class::Ordinary => Error::internal(error),
        Class::Busy | Class::Conflict | Class::Full | Class::Broken => Error::unavailable(RETRY_AFTER_S).caused_by(error),
    }
}

/// What the writer does about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// The command's own fault, or ours; the database is well.
    Ordinary,
    /// Cannot be reached or is locked; may pass.
    Busy,
    /// Another transaction stood in the way; running it again can succeed.
    Conflict,
    /// Disk or memory is full: nothing of the transaction is there, the connection is not to be trusted.
    Full,
    /// The disk failed: what was written may be lost although a later sync succeeds.
    Broken,
}

/// Tells an error's class.
pub(super) fn class(error: &DbErr) -> Class {
    let cause = match error {
        DbErr::ConnectionAcquire(_) => return Class::Busy,
        DbErr::Conn(cause) | DbErr::Exec(cause) | DbErr::Query(cause) => cause,
        _ => return Class::Ordinary,
    };
    let RuntimeErr::SqlxError(cause) = cause else {
        return Class::Ordinary;
    };
    match &**cause {
        sqlx::Error::Database(answer) => answer_class(answer.as_ref()),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Class::Busy,
        _ => Class::Ordinary,
    }
}

fn answer_class(answer: &dyn DatabaseError) -> Class {
    let code = answer.code().unwrap_or_default();
    if is_postgres(answer) {
        return match code.as_ref() {
            // Serialization failure and deadlock.
            "40001" | "40P01" => Class::Conflict,
            // The audit chain's next place was taken by a concurrent command.
            "23505" if answer.constraint() == Some("audit_log_seq_key") => Class::Conflict,
            // Lock not available, query cancelled by time-out, too many connections, shutting down or starting.
            "55P03" | "57014" | "53300" | "57P01" | "57P02" | "57P03" => Class::Busy,
            other if other.starts_with("08") => Class::Busy,
            // Resources and system errors; the server itself stops where a sync fails.
            other if other.starts_with("53") || other.starts_with("58") => Class::Full,
            _ => Class::Ordinary,
        };
    }
    // The low byte is SQLite's primary result code.
    match code.parse::<i32>().unwrap_or(0) & 0xff {
        // BUSY, LOCKED, and READONLY: a file system that went read-only may come back.
        5 | 6 | 8 => Class::Busy,
        // NOMEM, FULL, CANTOPEN.
        7 | 13 | 14 => Class::Full,
        // IOERR, CORRUPT, NOTADB.
        10 | 11 | 26 => Class::Broken,
        _ => Class::Ordinary,
    }
}

/// The listed unique rule that an error broke.
fn unique_rule(error: &DbErr) -> Option<&'static Unique> {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return None;
    };
    let answer = cause.as_database_error().filter(|answer| answer.is_unique_violation())?;
    if is_postgres(answer) {
        return unique::by_name(answer.constraint()?);
    }
    unique::by_columns(answer.message().rsplit("failed: ").next()?)
}

fn is_postgres(answer: &dyn DatabaseError) -> bool {
    answer.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some()
}
