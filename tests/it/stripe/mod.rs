//! Stripe, played by a small server of the harness: what leaves for it, what comes from it, and in whatever order.

mod again;
mod calls;
mod direct;
mod ending;
mod fees;
mod inbound;
mod licences;
mod order;
mod purchase;
mod settings;

use crate::harness::{Answer, Sink, TestApp};
use actix_web::http::Method;
use ring::hmac::{HMAC_SHA256, Key, sign};
use serde_json::{Value, json};
use std::cell::Cell;

/// The environment's secret of what Stripe posts.
pub(crate) const SECRET: &str = "whsec_of_the_environment";

/// A server that knows Stripe, and Stripe.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) stripe: Sink,
    events: Cell<u32>,
}

impl World {
    /// Starts both.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same with further settings.
    pub(crate) async fn with(more: &[(&str, &str)]) -> Self {
        let stripe = Sink::start();
        let url = stripe.url().to_owned();
        let mut settings = vec![
            ("stripe_api_base", url.as_str()),
            ("stripe_secret_key", "sk_live_of_the_environment"),
            ("stripe_webhook_secret", SECRET),
        ];
        settings.extend(more);
        Self {
            app: TestApp::with(&settings).await,
            stripe: stripe.clone(),
            events: Cell::new(0),
        }
    }

    /// An event of now around an object.
    pub(crate) fn event(&self, name: &str, object: Value) -> Value {
        self.event_at(name, self.app.clock.now().seconds(), object)
    }

    /// The same of another moment, in seconds.
    pub(crate) fn event_at(&self, name: &str, at: i64, object: Value) -> Value {
        self.events.set(self.events.get() + 1);
        json!({
            "id": format!("evt_{}", self.events.get()), "object": "event", "type": name, "created": at,
            "data": { "object": object },
        })
    }

    /// Posts an event to the plain route, signed.
    pub(crate) async fn post(&self, event: &Value) -> Answer {
        self.post_to("/api/webhooks/stripe", SECRET, event).await
    }

    /// Posts an event somewhere, signed with a secret.
    pub(crate) async fn post_to(&self, path: &str, secret: &str, event: &Value) -> Answer {
        let body = event.to_string();
        let header = signature(secret, self.app.clock.now().seconds(), &body);
        let client = self.app.anonymous().header("Stripe-Signature", &header);
        client.raw(Method::POST.as_str().parse().unwrap(), path, body).await
    }

    /// Posts an event that must be taken and done.
    pub(crate) async fn takes(&self, event: &Value) {
        self.post(event).await.equals(200, json!({ "received": true }));
    }

    pub(crate) async fn finish(self) {
        self.app.finish().await;
    }
}

/// Stripe's header over a body, made with nothing of the server's.
pub(crate) fn signature(secret: &str, at: i64, body: &str) -> String {
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    let digest = sign(&key, format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(digest))
}

/// Pairs of a form body, in order.
pub(crate) fn pairs(body: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

/// One value of a form body.
pub(crate) fn value(body: &[u8], name: &str) -> Option<String> {
    pairs(body)
        .into_iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
}
