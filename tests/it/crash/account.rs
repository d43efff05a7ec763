//! Both sides of the account: what callers were told, and what the receiver got.

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What callers were told, by the slug they chose.
#[derive(Default)]
pub(super) struct Book {
    /// 201.
    pub(super) answered: BTreeSet<String>,
    /// An error.
    pub(super) refused: BTreeSet<String>,
    /// Nothing: the connection broke.
    pub(super) unanswered: BTreeSet<String>,
}

/// One delivery's receipts.
#[derive(Default)]
struct Receipt {
    /// The ids it came with; there must be one.
    ids: BTreeSet<String>,
    bodies: BTreeSet<Bytes>,
    count: u64,
}

#[derive(Default)]
struct Receipts {
    by_slug: BTreeMap<String, Receipt>,
    latest: Option<Instant>,
}

/// The receiver.
pub(super) struct Account {
    receipts: Arc<Mutex<Receipts>>,
    url: String,
}

/// The reconciliation.
#[derive(Debug)]
#[expect(dead_code, reason = "read by whoever reads the account")]
pub(super) struct Told {
    pub(super) answered: usize,
    pub(super) refused: usize,
    pub(super) unanswered: usize,
    /// Of those without an answer, how many had been committed and arrived.
    pub(super) unanswered_but_done: usize,
    pub(super) arrived: usize,
    pub(super) lost: usize,
    /// Arrivals beyond the first, all with the event id of the first.
    pub(super) twice: u64,
}

impl Account {
    pub(super) fn open() -> Self {
        let receipts: Arc<Mutex<Receipts>> = Arc::default();
        let shared = receipts.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::from(shared.clone()))
                .default_service(web::to(take))
        });
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", server.addrs()[0]);
        actix_rt::spawn(server.run());
        Self { receipts, url }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn has_all(&self, slugs: &BTreeSet<String>) -> bool {
        let receipts = self.receipts.lock().unwrap();
        slugs.iter().all(|slug| receipts.by_slug.contains_key(slug))
    }

    pub(super) fn lacks(&self, slugs: &BTreeSet<String>) -> String {
        let receipts = self.receipts.lock().unwrap();
        let lost: Vec<_> = slugs.iter().filter(|slug| !receipts.by_slug.contains_key(*slug)).collect();
        format!("{} of {} that were answered never arrived: {lost:?}", lost.len(), slugs.len())
    }

    /// Waits until nothing has come for this long.
    pub(super) async fn falls_silent(&self, silence: Duration) {
        loop {
            let latest = self.receipts.lock().unwrap().latest;
            match latest.and_then(|latest| silence.checked_sub(latest.elapsed())) {
                None => return,
                Some(left) => tokio::time::sleep(left + Duration::from_millis(1)).await,
            }
        }
    }

    pub(super) fn reconcile(&self, book: &Book) -> Told {
        let receipts = self.receipts.lock().unwrap();
        for (slug, receipt) in &receipts.by_slug {
            assert_eq!(receipt.ids.len(), 1, "{slug} came under several ids: {:?}", receipt.ids);
            assert_eq!(
                receipt.bodies.len(),
                1,
                "{slug} came with several bodies: {:?}",
                receipt.bodies
            );
            assert!(!book.refused.contains(slug), "{slug} was refused and arrived");
            let is_known = book.answered.contains(slug) || book.unanswered.contains(slug);
            assert!(is_known, "{slug} was never asked for");
        }
        let arrived = |slug: &&String| receipts.by_slug.contains_key(*slug);
        Told {
            answered: book.answered.len(),
            refused: book.refused.len(),
            unanswered: book.unanswered.len(),
            unanswered_but_done: book.unanswered.iter().filter(arrived).count(),
            arrived: receipts.by_slug.len(),
            lost: book.answered.len() - book.answered.iter().filter(arrived).count(),
            twice: receipts.by_slug.values().map(|receipt| receipt.count - 1).sum(),
        }
    }
}

async fn take(request: HttpRequest, body: Bytes, receipts: web::Data<Mutex<Receipts>>) -> HttpResponse {
    let id = request.headers().get("webhook-id").unwrap().to_str().unwrap().to_owned();
    let json: Value = serde_json::from_slice(&body).unwrap();
    let slug = json["data"]["slug"].as_str().unwrap().to_owned();
    let mut receipts = receipts.lock().unwrap();
    receipts.latest = Some(Instant::now());
    let receipt = receipts.by_slug.entry(slug).or_default();
    receipt.ids.insert(id);
    receipt.bodies.insert(body);
    receipt.count += 1;
    HttpResponse::NoContent().finish()
}
