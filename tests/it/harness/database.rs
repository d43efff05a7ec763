//! A PostgreSQL database for one server, where `TEST_DATABASE_URL` names a server to make it on.

use fondaco::clock::Ids;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};
use url::Url;

/// A database that is dropped at the end.
pub(crate) struct Database {
    server: DatabaseConnection,
    name: String,
    url: String,
}

impl Database {
    /// A fresh database, or `None` where the tests run on SQLite.
    #[expect(
        clippy::disallowed_methods,
        reason = "the switch between the back-ends comes from ./test, not from a setting"
    )]
    pub(crate) async fn of_environment() -> Option<Self> {
        let server_url = std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())?;
        let server = sea_orm::Database::connect(server_url.as_str()).await.unwrap();
        let name = format!("it_{}", hex::encode(Ids::default().bytes::<8>()));
        server.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        let mut url = Url::parse(&server_url).unwrap();
        url.set_path(&name);
        Some(Self {
            server,
            url: url.to_string(),
            name,
        })
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Every row of every table, as text.
    pub(crate) async fn text(&self) -> String {
        let database = sea_orm::Database::connect(self.url.as_str()).await.unwrap();
        let texts = async |query: String| {
            let rows = database.query_all_raw(Statement::from_string(DbBackend::Postgres, query));
            let rows = rows.await.unwrap();
            rows.iter()
                .map(|row| row.try_get_by_index::<String>(0).unwrap())
                .collect::<Vec<_>>()
        };
        let names = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
        let mut all = String::new();
        for table in texts(names.to_owned()).await {
            all.extend(texts(format!("SELECT row_of::text FROM \"{table}\" row_of")).await);
        }
        database.close().await.unwrap();
        all
    }

    /// Drops it.
    pub(crate) async fn remove(self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        self.server.execute_unprepared(&drop).await.unwrap();
        self.server.close().await.unwrap();
    }
}
