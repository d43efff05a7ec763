//! Opening connections with the settings that durability rests on, and reading those settings back.

use super::{StoreOptions, errors};
use crate::domain::{Code, Error, Result};
use backoff::ExponentialBackoff;
use backoff::backoff::Backoff;
use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, Sqlite, SqliteConnection};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use std::path::PathBuf;
use std::time::Duration;

/// How long a locked SQLite file is waited for.
const BUSY_MS: u64 = 5_000;
/// Page cache of the SQLite connection that writes, in KiB (SQLite spells KiB as a negative number).
const WRITER_CACHE_KIB: i64 = 64_000;
/// Page cache of each that reads: what is read is mapped or in the system's cache anyway, and a count of a million rows
/// would fill as much as there is.
const READER_CACHE_KIB: i64 = 2_000;
/// How much of a SQLite file is mapped.
const MMAP_BYTES: i64 = 256 * 1024 * 1024;
/// What the write-ahead log shrinks back to after a checkpoint.
const WAL_KEPT_BYTES: i64 = 64 * 1024 * 1024;
/// Pages in the write-ahead log after which a commit moves them into the file: four times SQLite's own number, since pages
/// that many commits change are then moved once.
const CHECKPOINT_PAGES: i64 = 4_000;
/// How long a free connection is waited for.
const ACQUIRE_S: u64 = 5;
/// How long a server that cannot be reached is tried.
const CONNECT_MAX_S: u64 = 30;
/// Names the lock under which nodes migrate; any number that nobody else uses.
const MIGRATION_LOCK: i64 = 0x0f0d_aca0;

/// What SQLite must answer on every connection; a build or a file system that does not comply is refused.
const SQLITE_MUST: &[(&str, &str)] = &[
    ("journal_mode", "wal"),
    ("synchronous", "2"),
    ("foreign_keys", "1"),
    ("busy_timeout", "5000"),
    ("journal_size_limit", "67108864"),
    ("mmap_size", "268435456"),
];

/// A database that can be connected to; its URL may hold a password, so it has no text form.
#[derive(Clone)]
pub(super) enum Target {
    /// A file.
    Sqlite { path: PathBuf, readers: u32 },
    /// A server.
    Postgres { url: String, readers: u32 },
}

impl Target {
    pub(super) fn parse(options: &StoreOptions) -> Result<Self> {
        let readers = options.readers.max(1);
        let url = options.url.as_str();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres {
                url: url.to_owned(),
                readers,
            });
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        // The ORM's `?mode=…` is of no use here: the file is always made where it is missing.
        let path = path.map(|path| path.split('?').next().unwrap_or(path)).unwrap_or_default();
        if path.is_empty() || path == ":memory:" {
            let advice = "The database URL must be sqlite://<path of a file> or postgres://<user>@<host>/<name>.";
            return Err(Error::new(Code::Internal, advice));
        }
        Ok(Self::Sqlite {
            path: PathBuf::from(path),
            readers,
        })
    }

    /// Brings the schema up to date.
    pub(super) async fn migrate(&self) -> Result<()> {
        let connection = self.writer().await?;
        if !self.is_sqlite() {
            // Nodes that start together wait for each other; the lock and the migrations share the one session.
            let lock = format!("select pg_advisory_lock({MIGRATION_LOCK})");
            connection.execute_unprepared(&lock).await?;
        }
        let migrated = Migrator::up(&connection, None).await;
        // Ends the session with everything it locked.
        connection.close_by_ref().await?;
        migrated.map_err(errors::map)
    }

    /// Opens the connections that only read.
    pub(super) async fn readers(&self) -> Result<DatabaseConnection> {
        match self {
            Self::Sqlite { path, readers } => sqlite(path.clone(), *readers, Role::Reader).await,
            Self::Postgres { url, readers } => postgres(url, *readers, Role::Reader).await,
        }
    }

    /// Opens a connection for somebody who only looks while another process serves the database.
    pub(super) async fn onlooker(&self) -> Result<DatabaseConnection> {
        match self {
            Self::Sqlite { path, .. } => {
                if !path.is_file() {
                    let text = format!("There is no database at {}.", path.display());
                    return Err(Error::new(Code::Internal, text));
                }
                let path = path.clone();
                let mut options = options("sqlite://", 1);
                options.map_sqlx_sqlite_opts(move |given| {
                    let given = given.create_if_missing(false).read_only(true);
                    given.busy_timeout(Duration::from_millis(BUSY_MS)).filename(&path)
                });
                Database::connect(options).await.map_err(errors::map)
            }
            Self::Postgres { url, .. } => postgres(url, 1, Role::Reader).await,
        }
    }

    /// Opens the one connection that writes.
    pub(super) async fn writer(&self) -> Result<DatabaseConnection> {
        match self {
            Self::Sqlite { path, .. } => sqlite(path.clone(), 1, Role::Writer).await,
            Self::Postgres { url, .. } => postgres(url, 1, Role::Writer).await,
        }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite { .. })
    }
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Reader,
    Writer,
}

impl Role {
    fn cache_size(self) -> String {
        match self {
            Self::Reader => -READER_CACHE_KIB,
            Self::Writer => -WRITER_CACHE_KIB,
        }
        .to_string()
    }
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(ACQUIRE_S))
        // Statements carry secrets and personal data; they are not logged.
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

async fn sqlite(path: PathBuf, connections: u32, role: Role) -> Result<DatabaseConnection> {
    // The path is given below: a URL would need it escaped.
    let mut options = options("sqlite://", connections);
    options
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .map_sqlx_sqlite_opts(move |given| sqlite_settings(given, role).filename(&path))
        .map_sqlx_sqlite_pool_opts(move |pool: PoolOptions<Sqlite>| {
            pool.after_connect(move |connection, _| Box::pin(assert_settings(connection, role)))
        });
    Database::connect(options).await.map_err(errors::map)
}

fn sqlite_settings(given: SqliteConnectOptions, role: Role) -> SqliteConnectOptions {
    let given = given
        .create_if_missing(role == Role::Writer)
        .journal_mode(SqliteJournalMode::Wal)
        // In WAL mode NORMAL loses acknowledged commits when the power fails.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_millis(BUSY_MS))
        .pragma("cache_size", role.cache_size())
        .pragma("mmap_size", MMAP_BYTES.to_string())
        .pragma("journal_size_limit", WAL_KEPT_BYTES.to_string())
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES.to_string())
        // What a statement would undo if it failed half way is kept in memory: a file for it costs a tenth of a large insert.
        .pragma("temp_store", "MEMORY");
    match role {
        Role::Reader => given.pragma("query_only", "ON"),
        Role::Writer => given,
    }
}

/// Reads the settings back on a fresh connection.
async fn assert_settings(connection: &mut SqliteConnection, role: Role) -> std::result::Result<(), sqlx::Error> {
    let query_only = match role {
        Role::Reader => "1",
        Role::Writer => "0",
    };
    let cache_size = role.cache_size();
    let of_role = [("query_only", query_only), ("cache_size", cache_size.as_str())];
    for (name, expected) in SQLITE_MUST.iter().copied().chain(of_role) {
        let found = pragma(connection, name).await?;
        if found != expected {
            let text = format!("SQLite answers {name} = {found}, but {expected} is needed for safe commits");
            return Err(sqlx::Error::Configuration(text.into()));
        }
    }
    Ok(())
}

/// Reads one setting, numbers as text.
async fn pragma(connection: &mut SqliteConnection, name: &str) -> std::result::Result<String, sqlx::Error> {
    use sqlx::{Row, ValueRef};
    let statement = sqlx::AssertSqlSafe(format!("PRAGMA {name}"));
    let row = sqlx::query(statement).fetch_one(connection).await?;
    let is_text = row.try_get_raw(0)?.type_info().as_ref() == &<String as sqlx::Type<Sqlite>>::type_info();
    if is_text {
        row.try_get::<String, _>(0)
    } else {
        row.try_get::<i64, _>(0).map(|number| number.to_string())
    }
}

async fn postgres(url: &str, connections: u32, role: Role) -> Result<DatabaseConnection> {
    let mut policy = ExponentialBackoff {
        initial_interval: Duration::from_millis(100),
        max_interval: Duration::from_secs(3),
        max_elapsed_time: Some(Duration::from_secs(CONNECT_MAX_S)),
        ..ExponentialBackoff::default()
    };
    policy.reset();
    loop {
        let mut options = options(url, connections);
        options.test_before_acquire_if_idle_for(Duration::from_secs(30));
        options.map_sqlx_postgres_opts(move |given| {
            let setting = match role {
                Role::Reader => ("default_transaction_read_only", "on"),
                // Commands are written as if nobody else wrote; other nodes do.
                Role::Writer => ("default_transaction_isolation", "serializable"),
            };
            // Statements are short and many; compiling one costs more than running it, and now and then the server thinks
            // otherwise.
            given.application_name("fondaco").options([setting, ("jit", "off")])
        });
        let error = match Database::connect(options).await {
            Ok(connection) => return Ok(connection),
            Err(error) => error,
        };
        // A server that starts or is out of reach may come back; a wrong password will not.
        match policy.next_backoff().filter(|_| may_pass(&error)) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => return Err(errors::map(error)),
        }
    }
}

fn may_pass(error: &DbErr) -> bool {
    errors::class(error) == errors::Class::Busy
}
