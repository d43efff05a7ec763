//! Why a transaction is not there, and what is done about it.

use super::unavailable;
use crate::domain::Error;
use crate::store::errors::{self, Class};
use crate::store::faults::CommitFault;
use sea_orm::DbErr;

/// Why a transaction is not there.
pub(super) enum Uncommitted {
    /// A collected row was refused by the database.
    Database(DbErr),
    /// One command's collected row stands against what is there.
    Refused(Error),
    /// The commit itself failed.
    Commit(DbErr),
    /// A test wanted it so.
    Injected(CommitFault),
}

impl Uncommitted {
    /// What the database is in.
    pub(super) fn class(&self) -> Class {
        match self {
            Self::Database(error) | Self::Commit(error) => errors::class(error),
            Self::Refused(_) | Self::Injected(CommitFault::Lost) => Class::Ordinary,
            Self::Injected(CommitFault::Disk) => Class::Broken,
        }
    }

    /// Whether the commands may run again: not where the commit may have happened after all.
    pub(super) fn may_run_again(&self) -> bool {
        match self {
            Self::Database(error) => !is_fatal(errors::class(error)),
            Self::Refused(_) => true,
            Self::Commit(error) => errors::class(error) == Class::Conflict,
            Self::Injected(_) => false,
        }
    }

    /// What a caller is told.
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Database(error) => errors::map(error),
            Self::Refused(error) => error,
            Self::Commit(error) => unavailable().caused_by(error),
            Self::Injected(fault) => unavailable().caused_by(format!("injected: {fault:?}")),
        }
    }
}

/// Whether the whole group must be given up rather than run again.
pub(super) fn is_fatal(class: Class) -> bool {
    matches!(class, Class::Full | Class::Broken)
}
