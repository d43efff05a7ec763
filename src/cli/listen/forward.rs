//! One event to a program on this machine, with the headers an endpoint would get.

use super::frames::Frame;
use crate::clock::{Clock, Ids, Stopwatch};
use crate::domain::dialect::{Attempt, Dialect};
use crate::domain::secret::WebhookSecret;
use crate::domain::signature;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Signs and posts.
pub(super) struct Forward {
    dialect: Arc<Dialect>,
    secret: String,
    url: Option<String>,
    http: reqwest::Client,
    clock: Clock,
    ids: Ids,
}

/// A secret in the dialect's form that only this run knows.
pub(super) fn made_up(dialect: &Dialect) -> String {
    let secret = WebhookSecret::mint(dialect.webhooks.secret, Ids::default().bytes());
    secret.expose().to_owned()
}

impl Forward {
    /// Forwards in a dialect's form to a URL, if there is one.
    pub(super) fn new(dialect: Arc<Dialect>, secret: String, url: Option<String>, http: reqwest::Client) -> Self {
        Self {
            dialect,
            secret,
            url,
            http,
            clock: Clock::system(0),
            ids: Ids::default(),
        }
    }

    /// Forwards one event and tells in one line how it went.
    pub(super) async fn event(&self, frame: &Frame) -> String {
        let what = format!("{}  {}  {}", self.clock.now().seconds_text(), frame.event, frame.id);
        let Some(url) = &self.url else {
            return format!("{what}  {}", frame.data);
        };
        let mut request = self
            .http
            .post(url)
            .timeout(Duration::from_secs(u64::from(self.dialect.webhooks.deadline_s)));
        for (name, value) in self.headers(frame) {
            request = request.header(name, value);
        }
        let watch = Stopwatch::start();
        match request.body(frame.data.clone()).send().await {
            Ok(response) => format!("{what}  -> {} in {} ms", response.status(), watch.elapsed_ms()),
            Err(error) if error.is_timeout() => format!("{what}  -> no answer in {} ms", watch.elapsed_ms()),
            Err(error) if error.is_connect() => format!("{what}  -> nothing listens at {url}"),
            Err(error) => format!("{what}  -> {error}"),
        }
    }

    fn headers(&self, frame: &Frame) -> Vec<(String, String)> {
        let (now, body) = (self.clock.now(), frame.data.as_bytes());
        let id = frame.id.rsplit('_').next().unwrap_or(&frame.id);
        let event = Uuid::try_parse(id).unwrap_or_default();
        let secrets = [self.secret.as_str()];
        let standard = signature::standard(&secrets, &self.dialect.event_id(event), now.seconds(), body);
        let digests = [signature::brand_hex(&self.secret, now.seconds(), body)];
        self.dialect.webhook_headers(&Attempt {
            event,
            event_name: &frame.event,
            delivery: self.ids.uuid(now),
            number: 1,
            manual: false,
            sequence: None,
            sent_at: now,
            brand_digests: &digests,
            standard_signature: standard.as_deref().unwrap_or_default(),
        })
    }
}
