//! TheBigClass's month: its schedule, its patience and its end, in seconds instead of weeks.

use super::{serve, shop};
use crate::harness::{ADMIN_SECRET, Client, Received, Reply, Shop, Sink};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// When the seven tries of a delivery begin that fails each time, in seconds after the first.
const SCHEDULE: [i64; 7] = [0, 60, 360, 2_160, 9_360, 30_960, 117_360];
/// What the tries themselves may take in all, since their clock runs on.
const SLACK_S: i64 = 5;
const HOUR_S: u64 = 3_600;

struct Month {
    shop: Shop,
    operator: Client,
    products: Client,
    made: u32,
}

impl Month {
    async fn product(&mut self) {
        self.made += 1;
        let body = json!({ "name": "Lamp", "slug": format!("lamp-{}", self.made), "price": 1900, "currency": "USD" });
        self.products.post("/api/v1/products", body).await.is(201);
        self.advance(0).await;
    }

    async fn advance(&self, seconds: u64) {
        let body = json!({ "advance_seconds": seconds });
        self.operator.post("/operator/v1/clock", body).await.is(200);
    }

    /// A receiver that answers like this for ever.
    async fn subscriber(&self, reply: Reply, events: &[&str]) -> Sink {
        let sink = Sink::start();
        sink.answers(vec![reply; 10_000]);
        self.shop.endpoint(sink.url(), events).await;
        sink
    }
}

/// Seconds between the first try and each.
fn begun(requests: &[Received]) -> Vec<i64> {
    let times: Vec<i64> = requests
        .iter()
        .map(|request| request.header("webhook-timestamp").parse().unwrap())
        .collect();
    times.iter().map(|time| time - times[0]).collect()
}

#[track_caller]
fn is_about(found: &[i64], expected: &[i64]) {
    let fits = |(found, expected): (&i64, &i64)| (0..=SLACK_S).contains(&(found - expected));
    let all = found.len() == expected.len() && found.iter().zip(expected).all(fits);
    assert!(all, "{found:?}, not {expected:?}");
}

#[actix_rt::test]
async fn a_month_on_the_sandbox_clock_keeps_to_the_published_schedule() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &["sandbox_clock=true"]);
    let shop = shop(&server, "bigclass").await;
    let products = shop.key("fondaco", &["*"]).await;
    let operator = server.anonymous().bearer(ADMIN_SECRET);
    let mut month = Month {
        shop,
        operator,
        products,
        made: 0,
    };

    let dead = month.subscriber(Reply::Status(500), &["product.created"]).await;
    let refusing = month.subscriber(Reply::Status(404), &["product.created"]).await;
    let patient = month.subscriber(Reply::RetryAfter(503, 200), &["product.created"]).await;
    let late = month.subscriber(Reply::RetryAfter(503, 9_999), &["product.created"]).await;
    let deaf = month.subscriber(Reply::RetryAfter(500, 200), &["product.created"]).await;
    let sound = month.subscriber(Reply::Status(200), &["webhook.endpoint_disabled"]).await;
    month.product().await;
    month.advance(40 * HOUR_S).await;
    is_about(&begun(&dead.requests()), &SCHEDULE);
    is_about(&begun(&deaf.requests()), &SCHEDULE);
    is_about(&begun(&refusing.requests()), &[0]);
    is_about(&begun(&patient.requests())[..3], &[0, 200, 500]);
    is_about(&begun(&late.requests())[..4], &[0, 300, 2_100, 9_300]);

    // The tries end after 33 hours; events go on, and so does the run of failures, until seven days are full.
    while sound.requests().is_empty() {
        assert!(month.made < 12, "seven days of failures have switched nothing off");
        month.advance(12 * HOUR_S).await;
        month.product().await;
        month.advance(12 * HOUR_S).await;
    }
    assert_eq!(month.made, 7, "switched off in the course of the eighth day");
    let told = sound.requests();
    let urls: Vec<_> = told
        .iter()
        .map(|event| event.json()["data"]["url"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        told.iter().all(|event| event.json()["type"] == "webhook.endpoint_disabled"),
        "{told:?}"
    );
    assert!(urls.contains(&dead.url().to_owned()), "{urls:?}");
    let mail = mail(folder.path(), dead.url()).await;
    assert!(mail.contains("500") && mail.contains("switched off"), "{mail}");
    let before = dead.requests().len();
    month.product().await;
    month.advance(30 * 24 * HOUR_S).await;
    assert_eq!(dead.requests().len(), before, "it is off");
}

/// The mail that says an endpoint was switched off; those due are written within seconds.
async fn mail(data: &Path, url: &str) -> String {
    for _ in 0..100 {
        let files = std::fs::read_dir(data.join("outbox")).into_iter().flatten();
        let texts = files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok());
        // Long lines of a mail end in `=` where it is quoted-printable.
        let mut texts = texts.map(|text| text.replace("=\r\n", "").replace("=\n", ""));
        if let Some(found) = texts.find(|text| text.contains(url) && text.contains("was switched off")) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!(
        "no mail about {url} in {:?}",
        std::fs::read_dir(data.join("outbox")).map(Iterator::count)
    );
}
