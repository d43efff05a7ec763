//! Test support: a database of one's own for each test, on whichever server `TEST_DATABASE_URL` names.
//!
//! Unset, it is a SQLite file in a folder of its own; set to a PostgreSQL URL, it is a database made on that server. Both
//! are gone when the value is dropped. It is an ordinary module, not `cfg(test)`, so that integration tests can use it.

use super::{Store, StoreOptions};
use crate::clock::Ids;
use crate::domain::{Error, Result, Timestamp};
use entities::{product, tenant};
use sea_orm::{ConnectionTrait, Database, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use std::path::PathBuf;
use url::Url;
use uuid::Uuid;

/// The variable that names the PostgreSQL server to test on.
pub const SERVER_VARIABLE: &str = "TEST_DATABASE_URL";

/// An empty database that goes away with this value.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Folder(PathBuf),
    Server { url: String, name: String },
}

impl TestDatabase {
    /// Makes a database on the server of `TEST_DATABASE_URL`, or a SQLite file when that is unset.
    #[expect(
        clippy::disallowed_methods,
        reason = "tells tests where their database server is; no setting of a server"
    )]
    pub async fn create() -> Result<Self> {
        match std::env::var(SERVER_VARIABLE) {
            Ok(server) if !server.is_empty() => Self::postgres(&server).await,
            _ => Self::sqlite(),
        }
    }

    /// Makes a SQLite file whatever the environment says; for what only SQLite has.
    pub fn sqlite() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("fondaco-test-{}", unique().simple()));
        std::fs::create_dir_all(&folder).map_err(Error::internal)?;
        Ok(Self {
            url: format!("sqlite://{}", folder.join("test.db").display()),
            place: Place::Folder(folder),
        })
    }

    async fn postgres(server: &str) -> Result<Self> {
        let name = format!("fondaco_test_{}", unique().simple());
        let mut url = Url::parse(server).map_err(Error::internal)?;
        url.set_path(&name);
        let connection = Database::connect(server).await?;
        connection.execute_unprepared(&format!("create database {name}")).await?;
        connection.close().await?;
        Ok(Self {
            url: url.into(),
            place: Place::Server {
                url: server.to_owned(),
                name,
            },
        })
    }

    /// The URL to open it by.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens a store on it.
    pub async fn store(&self) -> Result<Store> {
        Store::open(&StoreOptions::new(&self.url)).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.place {
            // What cannot be removed lies in the system's temporary folder; a test must not fail for it.
            Place::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Place::Server { url, name } => drop_database(url.clone(), format!("drop database {name} with (force)")),
        }
    }
}

/// Sends the statement from a thread of its own: the test's runtime may be gone or may not be blocked.
fn drop_database(server: String, statement: String) {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            if let Ok(connection) = Database::connect(&server).await {
                drop(connection.execute_unprepared(&statement).await);
                drop(connection.close().await);
            }
        });
    });
    drop(thread.join());
}

/// An id that no other test has.
fn unique() -> Uuid {
    Ids::default().uuid(Timestamp(0))
}

/// Adds a tenant with this slug and answers its row.
pub async fn tenant(store: &Store, slug: &str) -> Result<tenant::Model> {
    let id = unique();
    let row = tenant::Model {
        id,
        route: id.as_bytes()[8..].to_vec(),
        slug: slug.to_owned(),
        name: slug.to_owned(),
        dialect: "fondaco".to_owned(),
        limits: json!({}).into(),
        suspended: false,
        settings: json!({}).into(),
        created_at: 0,
        updated_at: 0,
    };
    store
        .command(async move |tx| {
            tenant::Entity::insert(row.clone().into_active_model())
                .exec_without_returning(tx)
                .await?;
            Ok(row.clone())
        })
        .await
}

/// A product without id and tenant as most tests want it: published, in dollars.
pub fn product(price_minor: i64, attributes: Value) -> product::Model {
    product::Model {
        id: Uuid::nil(),
        tenant: Uuid::nil(),
        mode: entities::Mode::Live,
        slug: "p".to_owned(),
        name: "P".to_owned(),
        description: None,
        kind: None,
        status: product::Status::Published,
        is_listed: true,
        is_featured: false,
        price_minor,
        currency: "USD".to_owned(),
        key_prefix: "LIC".to_owned(),
        metadata: json!({}).into(),
        attributes: attributes.into(),
        licenses_count: 0,
        namespace: None,
        category: None,
        shelved_at: None,
        rating_sum: 0,
        rating_count: 0,
        rating_rank: 0,
        sales_count: 0,
        views_count: 0,
        published_at: None,
        created_at: 0,
        updated_at: 0,
        deleted_at: None,
    }
}
