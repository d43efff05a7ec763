//! The built program, killed again and again under load: what was answered is reconciled with what arrived.
//!
//! A handful of kills in every run; `FONDACO_CRASH_KILLS=100` makes it a hundred, and `--nocapture` prints the account.

mod account;

use crate::harness::{ADMIN_SECRET, Client, Process, Shop};
use account::{Account, Book};
use entities::delivery;
use fondaco::actors::delivery::lanes::LANE_MAX;
use fondaco::store::{self, StoreOptions};
use reqwest::Method;
use sea_orm::{ColumnTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde_json::json;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Kills of a usual run.
const KILLS: u64 = 4;
/// Callers that post at the same time.
const CALLERS: u32 = 8;
/// How soon after the last start everything must have arrived.
const ARRIVAL_MAX: Duration = Duration::from_secs(30);
/// Silence after which nothing more is expected.
const SILENCE: Duration = Duration::from_secs(3);

#[expect(
    clippy::disallowed_methods,
    reason = "how often to kill is asked of the tests, not of the server"
)]
fn kills() -> u64 {
    let asked = std::env::var("FONDACO_CRASH_KILLS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

fn serve(data: &Path) -> Process {
    let secret = format!("admin_secret={ADMIN_SECRET}");
    let settings = [
        "webhooks_allow_http=true",
        "webhooks_allow_networks=127.0.0.0/8",
        secret.as_str(),
    ];
    let flags: Vec<&str> = settings.iter().flat_map(|setting| ["--set", *setting]).collect();
    Process::serve(data, &flags)
}

/// A shop, and a key of it that may be used as often as one likes.
async fn shop(server: &Process) -> (Shop, String) {
    let operator = server.anonymous().bearer(ADMIN_SECRET);
    let shop = Shop::open(&server.anonymous(), &operator, "fondaco", "shop").await;
    let tenants = operator.get("/operator/v1/tenants").await.is(200);
    let path = format!("/operator/v1/tenants/{}", tenants["data"][0]["id"].as_str().unwrap());
    let limits = json!({ "limits": { "per_minute": 1_000_000, "keys_per_minute_max": 1_000_000 } });
    operator.patch(&path, limits).await.is(200);
    let key = json!({ "name": "load", "dialect": "fondaco" });
    let key = operator.post(&format!("{path}/api-keys"), key).await.is(201);
    (shop, key["data"]["key"].as_str().unwrap().to_owned())
}

/// What the callers share.
struct Load {
    /// A client of the server that runs now.
    client: Mutex<Client>,
    key: String,
    book: Mutex<Book>,
    next: AtomicU32,
    is_over: AtomicBool,
}

impl Load {
    async fn post_until_over(self: Arc<Self>) {
        while !self.is_over.load(Ordering::SeqCst) {
            let slug = format!("p-{}", self.next.fetch_add(1, Ordering::SeqCst));
            let client = self.client.lock().unwrap().clone();
            let body = json!({ "name": "Lamp", "slug": slug, "price": 1900, "currency": "USD" });
            let client = client.header("X-API-Key", &self.key);
            let Some(answer) = client.attempt(Method::POST, "/api/v1/products", body).await else {
                self.book.lock().unwrap().unanswered.insert(slug);
                // Its successor takes a moment to start.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let mut book = self.book.lock().unwrap();
            match answer.status {
                201 => book.answered.insert(slug),
                503 => book.refused.insert(slug),
                _ => panic!("{}", answer.text()),
            };
        }
    }
}

/// What a killed server had in flight: the deliveries it had claimed and not recorded.
async fn in_flight(data: &Path) -> u64 {
    let options = StoreOptions::new(format!("sqlite://{}", data.join("fondaco.db").display()));
    let database = store::look(&options).await.unwrap();
    let claimed = delivery::anywhere().filter(delivery::Column::LeaseOwner.is_not_null());
    let count = claimed.count(&database).await.unwrap();
    database.close().await.unwrap();
    assert!(count <= u64::from(LANE_MAX), "{count} in flight to one endpoint");
    count
}

#[actix_rt::test]
#[expect(clippy::print_stdout, reason = "the account, for whoever asks with --nocapture")]
async fn nothing_that_was_answered_is_lost_however_often_the_server_is_killed() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let (folder, account) = (tempfile::tempdir().unwrap(), Account::open());
    let mut server = serve(folder.path());
    let (shop, key) = shop(&server).await;
    shop.endpoint(account.url(), &["product.created"]).await;
    let load = Arc::new(Load {
        client: Mutex::new(server.anonymous()),
        key,
        book: Mutex::default(),
        next: AtomicU32::new(0),
        is_over: AtomicBool::new(false),
    });
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| tokio::spawn(Arc::clone(&load).post_until_over()))
        .collect();
    let (kills, begun) = (kills(), Instant::now());
    let mut held = 0;
    for kill in 0..kills {
        // Anywhere in the life of a server: at once after its start, or well under load.
        tokio::time::sleep(Duration::from_millis(kill * 137 % 500)).await;
        assert!(!server.signal("KILL").success());
        held += in_flight(folder.path()).await;
        server = serve(folder.path());
        *load.client.lock().unwrap() = server.anonymous();
    }
    load.is_over.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap();
    }
    let restarted = Instant::now();
    let book = std::mem::take(&mut *load.book.lock().unwrap());
    while !account.has_all(&book.answered) {
        assert!(restarted.elapsed() < ARRIVAL_MAX, "{}", account.lacks(&book.answered));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let last = restarted.elapsed();
    account.falls_silent(SILENCE).await;
    let told = account.reconcile(&book);
    println!(
        "{kills} kills in {:?}, {held} in flight, the last arrived {last:?} after the last start: {told:?}",
        begun.elapsed()
    );
    assert!(told.answered > 0);
    assert!(told.twice <= held, "more twice than the {held} in flight: {told:?}");
    server.signal("TERM");
}
