//! Where a server's data is: a fresh folder on the build's own disk, and a database in it or on a PostgreSQL server.

use super::Outcome;
use super::plan::Plan;
use super::postgres::Postgres;
use super::served::Served;
use fondaco::store::{Store, StoreOptions};
use std::future::Future;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// What every server of the benchmark seals and signs with.
pub(super) const MASTER_KEY: [u8; 32] = [7; 32];

/// A folder with a database; both are removed at the end.
pub(super) struct Place {
    folder: TempDir,
    postgres: Option<Postgres>,
    workers: usize,
}

impl Place {
    /// A fresh folder with SQLite in it. Not the system's temporary folder: that may be memory, where syncing is free.
    pub(super) fn sqlite(plan: &Plan) -> Outcome<Self> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        Ok(Self {
            folder,
            postgres: None,
            workers: plan.workers,
        })
    }

    /// A fresh folder, and a fresh database on the server the plan names.
    pub(super) fn postgres(plan: &Plan) -> Outcome<Self> {
        let server = plan.postgres.as_ref().ok_or("no PostgreSQL server is named")?;
        Ok(Self {
            postgres: Some(Postgres::create(server)?),
            ..Self::sqlite(plan)?
        })
    }

    /// One for each database the plan wants.
    pub(super) fn each(plan: &Plan) -> Outcome<Vec<Self>> {
        let mut places = vec![Self::sqlite(plan)?];
        if plan.postgres.is_some() {
            places.push(Self::postgres(plan)?);
        }
        Ok(places)
    }

    /// What the rows of the table call it.
    pub(super) fn name(&self) -> &'static str {
        if self.is_sqlite() { "SQLite" } else { "PostgreSQL" }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.postgres.is_none()
    }

    /// The database's URL.
    pub(super) fn url(&self) -> String {
        match &self.postgres {
            Some(postgres) => postgres.url(),
            None => format!("sqlite://{}", self.folder.path().join("fondaco.db").display()),
        }
    }

    /// The folder itself.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts a server on it.
    pub(super) fn serve(&self) -> Outcome<Served> {
        self.serve_with(&[])
    }

    /// The same with further settings.
    pub(super) fn serve_with(&self, further: &[&str]) -> Outcome<Served> {
        let mut settings = vec![
            format!("data={}", self.folder.path().display()),
            format!("database_url={}", self.url()),
            format!("workers={}", self.workers),
            "bind=127.0.0.1:0".to_owned(),
            "admin_secret=admin-secret-of-the-benchmark".to_owned(),
            format!("master_key={}", hex::encode(MASTER_KEY)),
            "webhooks_allow_http=true".to_owned(),
            "webhooks_allow_networks=127.0.0.0/8".to_owned(),
        ];
        settings.extend(further.iter().map(|setting| (*setting).to_owned()));
        Served::start(&settings)
    }

    /// Works on the database without a server.
    pub(super) fn with_store<T, W, F>(&self, work: W) -> Outcome<T>
    where
        W: FnOnce(Store) -> F,
        F: Future<Output = Outcome<T>>,
    {
        alone(async {
            let store = self.open().await?;
            let result = work(store.clone()).await;
            store.close().await;
            result
        })
    }

    /// Opens the database.
    pub(super) async fn open(&self) -> Outcome<Store> {
        Ok(Store::open(&StoreOptions::new(self.url())).await?)
    }
}

/// Runs something on this thread until it is done.
pub(super) fn alone<T>(work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

/// Waits until a server has nothing left to send.
pub(super) fn drained(server: &Served, longest: Duration) -> Outcome {
    let begun = std::time::Instant::now();
    loop {
        let (status, body) = super::raw::once(server.beside, ("GET", "/waiting"), "-", "")?;
        if status == 200 && body == "0" {
            return Ok(());
        }
        if begun.elapsed() > longest {
            return Err(format!("{body} deliveries were left after {} s", longest.as_secs()).into());
        }
        super::served::pause(Duration::from_millis(50));
    }
}
