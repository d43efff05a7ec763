//! A server of its own for one test; several may live in one process.

use super::client::Client;
use super::database::Database;
use super::leaks::Ledger;
use super::seed::PASSWORD;
use super::sink::Sink;
use super::told::judge_events;
use fondaco::app::{App, Parts};
use fondaco::clock::{Clock, Ids};
use fondaco::config::{Config, clock_offset};
use fondaco::context::House;
use fondaco::domain::Timestamp;
use fondaco::store::Store;
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// When every test begins: within a minute and within a day, at the start of neither.
const BEGINS_AT: &str = "2026-05-19T14:23:14Z";

/// The operator's secret of every test server.
pub(crate) const ADMIN_SECRET: &str = "admin-secret-of-the-tests";

/// A running server with its folder and database; ends with `finish`.
pub(crate) struct TestApp {
    /// The server's clock; it stands still between calls of `advance`.
    pub(crate) clock: Clock,
    app: Option<App>,
    url: String,
    config: Config,
    folder: TempDir,
    database: Option<Database>,
    sinks: RefCell<Vec<Sink>>,
    shops: Cell<u32>,
    ledger: Ledger,
}

impl TestApp {
    /// Starts a server with the settings of tests.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts a server with further settings, named as in `config/fondaco.toml`.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data").display().to_string();
        let database = Database::of_environment().await;
        let mut all = vec![
            ("data", data.as_str()),
            ("bind", "127.0.0.1:0"),
            ("workers", "1"),
            ("admin_secret", ADMIN_SECRET),
            ("sandbox_clock", "true"),
            ("webhooks_allow_http", "true"),
            ("webhooks_allow_networks", "127.0.0.0/8"),
        ];
        all.extend(database.as_ref().map(|database| ("database_url", database.url())));
        all.retain(|(key, _)| settings.iter().all(|(given, _)| given != key));
        all.extend(settings);
        let config = Config::of(&all).unwrap();
        let clock = Clock::fixed(Timestamp::parse(BEGINS_AT).unwrap());
        let app = build(&config, &clock).await;
        let ledger = Ledger::default();
        ledger.add(ADMIN_SECRET);
        ledger.add(PASSWORD);
        Self {
            url: app.url(),
            app: Some(app),
            clock,
            config,
            folder,
            database,
            sinks: RefCell::default(),
            shops: Cell::new(0),
            ledger,
        }
    }

    /// The server's data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.config.data
    }

    /// The server's own address, without a slash at its end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The database it runs on.
    pub(crate) fn database_url(&self) -> String {
        self.config.database.url.expose_secret().to_owned()
    }

    /// The server's own database, for rows that no request can make.
    pub(crate) fn store(&self) -> Store {
        self.app.as_ref().unwrap().house().store.clone()
    }

    /// A client without a credential.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(&self.url).noting(&self.ledger)
    }

    /// A client with the operator's secret.
    pub(crate) fn operator(&self) -> Client {
        self.anonymous().bearer(ADMIN_SECRET)
    }

    /// A receiver for webhooks; it takes everything with 204 until told otherwise.
    pub(crate) async fn sink(&self) -> Sink {
        let sink = Sink::start();
        self.sinks.borrow_mut().push(sink.clone());
        sink
    }

    /// The parts behind the server, for what no route does: looking inside and making it fail.
    pub(crate) fn house(&self) -> &Arc<House> {
        self.app.as_ref().unwrap().house()
    }

    /// The value of a series as `/metrics` shows it, labels included.
    pub(crate) async fn metric(&self, series: &str) -> f64 {
        let text = self.anonymous().get("/metrics").await.text();
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {series} in {text}")).parse().unwrap()
    }

    /// A number that no shop of this server has had yet.
    pub(super) fn next_shop(&self) -> u32 {
        self.shops.set(self.shops.get() + 1);
        self.shops.get()
    }

    /// Attempts all that is due now, fan-out included, and returns when nothing due is left.
    pub(crate) async fn deliver_due(&self) {
        self.advance(0).await;
    }

    /// Moves the server's time on; every moment that falls due on the way has its turn before this returns.
    pub(crate) async fn advance(&self, seconds: u64) {
        let body = json!({ "advance_seconds": seconds });
        self.operator().post("/operator/v1/clock", body).await.is(200);
    }

    /// Stops the server in an orderly way and starts it again on the same data.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        let app = build(&self.config, &self.clock).await;
        self.url = app.url();
        self.app = Some(app);
    }

    /// Ends the test: stops the server, drops its database and fails if a receiver was promised more than it got,
    /// if an event differs from its published schema, or if a secret that was shown once stands in the data folder or in a table.
    pub(crate) async fn finish(mut self) {
        let offset_ms = clock_offset::read(self.data()).unwrap();
        assert_eq!(offset_ms, self.clock.offset_ms(), "the offset of the clock was not stored");
        judge_events(self.house()).await;
        self.stop().await;
        for sink in self.sinks.take() {
            sink.finish().await;
        }
        self.ledger.search_folder(self.data());
        if let Some(database) = self.database.take() {
            self.ledger.search("the database", &database.text().await);
            database.remove().await;
        }
        assert!(self.folder.path().exists(), "the server removed more than was its own");
    }

    async fn stop(&mut self) {
        if let Some(app) = self.app.take() {
            app.stop().await;
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if self.app.is_some() && !std::thread::panicking() {
            panic!("end the test with app.finish().await: it checks what a test is apt to forget");
        }
    }
}

async fn build(config: &Config, clock: &Clock) -> App {
    let parts = Parts {
        config: config.clone(),
        clock: clock.clone(),
        ids: Ids::default(),
        ticks: false,
    };
    match App::build(parts).await {
        Ok(app) => app,
        Err(error) => panic!("the server does not start: {error}"),
    }
}
