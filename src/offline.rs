//! What can be done with a server's data without being the server.

pub use crate::store::audit::{Chain, Finding};

use crate::config::Config;
use crate::domain::Error;
use crate::store::{StoreOptions, audit, look};
use secrecy::ExposeSecret;

/// Checks every tenant's audit chain; the database is opened for reading alone, so a server may run meanwhile.
///
/// # Errors
/// Says why the database cannot be read.
pub async fn verify_audit(config: &Config) -> Result<Vec<Chain>, String> {
    let connection = look(&StoreOptions::new(config.database.url.expose_secret()))
        .await
        .map_err(told)?;
    let checked = audit::verify_all(&connection).await;
    // Nothing was written: whatever comes of closing changes nothing.
    drop(connection.close().await);
    checked.map_err(told)
}

fn told(error: Error) -> String {
    match error.source() {
        Some(source) => format!("{} ({source})", error.message),
        None => error.message.into_owned(),
    }
}
