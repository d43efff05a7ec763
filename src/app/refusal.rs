//! Why a server does not start.

use crate::clock::Ids;
use crate::config::Problem;
use crate::domain::Error;
use crate::domain::seal::Sealer;
use crate::store::{Store, key_check};
use std::fmt;

/// Why a server with another master key does not start.
const OTHER_KEY: &str = "the master key is not the one that this database was sealed with, so no secret in it could be \
    used; put the file `master-key` that belongs to it back into the data folder, or set FONDACO_MASTER_KEY to that key";

/// Why a server does not start, for the person who started it.
#[derive(Debug)]
pub struct StartError(pub(super) String);

impl StartError {
    /// Whether it is about a setting, so that trying again does not help.
    pub fn is_final(&self) -> bool {
        self.0 == OTHER_KEY
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

impl From<Problem> for StartError {
    fn from(problem: Problem) -> Self {
        Self(problem.to_string())
    }
}

impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        let source = error.source().map(|source| format!(" ({source})")).unwrap_or_default();
        Self(format!("{}{source}", error.message))
    }
}

/// Refuses a key that does not open what stands in the database.
pub(super) async fn check_key(store: &Store, sealer: &Sealer, ids: &Ids) -> Result<(), StartError> {
    match key_check::is_ours(store, sealer, ids.bytes()).await? {
        true => Ok(()),
        false => Err(StartError(OTHER_KEY.to_owned())),
    }
}
