//! A database of its own on a PostgreSQL server that somebody else runs.

use super::Outcome;
use fondaco::clock::Ids;
use sea_orm::{ConnectionTrait as _, Database};
use url::Url;

/// A database that is dropped at the end.
pub(super) struct Postgres {
    server: String,
    name: String,
}

impl Postgres {
    /// Makes a database.
    pub(super) fn create(server: &str) -> Outcome<Self> {
        let name = format!("bench_{}", hex::encode(Ids::default().bytes::<8>()));
        let made = Self {
            server: server.to_owned(),
            name,
        };
        made.tell(&format!("CREATE DATABASE {}", made.name))?;
        Ok(made)
    }

    /// Where it is.
    pub(super) fn url(&self) -> String {
        match Url::parse(&self.server) {
            Ok(mut url) => {
                url.set_path(&self.name);
                url.to_string()
            }
            Err(_) => self.server.clone(),
        }
    }

    fn tell(&self, statement: &str) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let server = Database::connect(self.server.as_str()).await?;
            server.execute_unprepared(statement).await?;
            server.close().await?;
            Ok(())
        })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.tell(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}
