//! Hashing and checking of passwords, off the workers and never more than two at once.

use crate::clock::Ids;
use crate::domain::{Error, Result};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// A hash takes 19 MiB and tens of milliseconds of a core, so two at once leave room for everything else.
static ROOM: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));
/// Callers that may wait for their turn; beyond them the answer is 503.
static QUEUE: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(64));

/// The argon2id digest of a password, with a fresh salt, in PHC form.
///
/// # Errors
/// `Unavailable` where too many wait.
pub async fn hash(ids: &Ids, password: SecretString) -> Result<String> {
    let salt = ids.bytes::<16>();
    blocking(move || {
        let hashed = Argon2::default().hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
        hashed
            .map(|hash| hash.to_string())
            .map_err(|error| Error::internal(error.to_string()))
    })
    .await?
}

/// Whether the password is the one behind the digest; without a digest the same work is done in vain, so that time
/// tells nothing.
///
/// # Errors
/// `Unavailable` where too many wait.
pub(super) async fn verify(ids: &Ids, password: SecretString, digest: Option<String>) -> Result<bool> {
    let Some(digest) = digest else {
        hash(ids, password).await?;
        return Ok(false);
    };
    blocking(move || {
        let Ok(parsed) = PasswordHash::new(&digest) else {
            return false;
        };
        Argon2::default()
            .verify_password(password.expose_secret().as_bytes(), &parsed)
            .is_ok()
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _place = QUEUE.try_acquire().map_err(|_| Error::unavailable(2))?;
    let _turn = ROOM.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}
