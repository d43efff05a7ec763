//! A receiver of webhooks that records what comes, replies by a script, and checks signatures with its own few lines:
//! nothing of the server's signing code, so that a fault there is found and not repeated.

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ring::hmac::{HMAC_SHA256, Key, verify};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// What the receiver answers.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// This status.
    Status(u16),
    /// This status with `Retry-After` in seconds.
    RetryAfter(u16, u32),
    /// This status with this body.
    Body(u16, Vec<u8>),
    /// A redirect to there.
    Redirect(String),
    /// Nothing until `release` is called, then 200.
    Hold,
}

impl From<u16> for Reply {
    fn from(status: u16) -> Self {
        Self::Status(status)
    }
}

/// One request, byte by byte.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Path and query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The raw body.
    pub(crate) body: Bytes,
}

#[derive(Default)]
struct State {
    script: VecDeque<Reply>,
    requests: Vec<Received>,
}

/// A running receiver; clones are the same one.
#[derive(Clone)]
pub(crate) struct Sink {
    url: String,
    state: Arc<Mutex<State>>,
    held: Arc<Notify>,
    came: Arc<Notify>,
    server: ServerHandle,
}

/// Longest wait for a delivery of a server whose clock runs by itself.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the receiver's threads share with the test.
type Parts = (Arc<Mutex<State>>, Arc<Notify>, Arc<Notify>);

impl Sink {
    /// Starts it on a free port of this machine.
    pub(crate) fn start() -> Self {
        let (state, held, came) = Parts::default();
        let parts = (state.clone(), held.clone(), came.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(parts.clone()))
                .default_service(web::to(take))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
        let url = format!("http://{}/hook", server.addrs()[0]);
        let running = server.run();
        let handle = running.handle();
        actix_rt::spawn(running);
        Self {
            url,
            state,
            held,
            came,
            server: handle,
        }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Answers the next requests like this; those after them get 204.
    pub(crate) fn answers(&self, script: impl IntoIterator<Item = impl Into<Reply>>) {
        self.lock().script = script.into_iter().map(Into::into).collect();
    }

    /// What has come so far, oldest first.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.lock().requests.clone()
    }

    /// Waits until so many have come: for a server whose clock runs by itself.
    pub(crate) async fn arrived(&self, count: usize) -> Vec<Received> {
        let enough = async {
            loop {
                let next = self.came.notified();
                let requests = self.requests();
                if requests.len() >= count {
                    return requests;
                }
                next.await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, enough).await;
        waited.unwrap_or_else(|_| panic!("{count} deliveries were awaited, there were {:?}", self.requests()))
    }

    /// The only request that has come.
    #[track_caller]
    pub(crate) fn only(&self) -> Received {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].clone()
    }

    /// Lets all held requests go.
    pub(crate) fn release(&self) {
        self.held.notify_waiters();
    }

    /// Stops it; fails if a scripted answer was never asked for.
    pub(super) async fn finish(self) {
        self.release();
        self.server.stop(false).await;
        let left = self.lock().script.len();
        assert_eq!(left, 0, "{left} scripted answers were never asked for at {}", self.url);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(request: HttpRequest, body: Bytes, parts: web::Data<Parts>) -> HttpResponse {
    let (state, held, came) = parts.get_ref();
    // Asked to wait before it is recorded: who sees the request recorded may release it at once.
    let released = held.notified();
    let reply = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.requests.push(Received::of(&request, body));
        state.script.pop_front().unwrap_or(Reply::Status(204))
    };
    came.notify_waiters();
    let status = |code: u16| HttpResponse::build(StatusCode::from_u16(code).unwrap());
    match reply {
        Reply::Status(code) => status(code).finish(),
        Reply::RetryAfter(code, seconds) => status(code).insert_header(("Retry-After", seconds.to_string())).finish(),
        Reply::Body(code, body) => status(code).body(body),
        Reply::Redirect(to) => status(302).insert_header(("Location", to)).finish(),
        Reply::Hold => {
            released.await;
            status(200).finish()
        }
    }
}

impl Received {
    fn of(request: &HttpRequest, body: Bytes) -> Self {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = request.headers().iter();
        Self {
            path: request.uri().to_string(),
            headers: headers
                .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
                .collect(),
            body,
        }
    }

    /// The text of a header by its lower-case name, empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Fails unless the Standard Webhooks headers sign this body with this secret.
    #[track_caller]
    pub(crate) fn is_signed_by(&self, secret: &str) {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let signed = [id.as_bytes(), b".", time.as_bytes(), b".", &self.body].concat();
        let signatures = self.header("webhook-signature").split(' ');
        let mut digests = signatures.filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
        let key = Key::new(HMAC_SHA256, &key);
        assert!(digests.any(|digest| verify(&key, &signed, &digest).is_ok()), "{self:?}");
    }

    /// Fails unless a header of the form `t=…,v1=…` signs this body with this secret.
    #[track_caller]
    pub(crate) fn is_branded_by(&self, header: &str, secret: &str) {
        let parts: Vec<_> = self
            .header(header)
            .split(',')
            .filter_map(|part| part.split_once('='))
            .collect();
        let time = parts.iter().find(|(key, _)| *key == "t").map_or("", |(_, time)| time);
        let signed = [time.as_bytes(), b".", &self.body].concat();
        let key = Key::new(HMAC_SHA256, secret.as_bytes());
        let mut digests = parts
            .iter()
            .filter(|(key, _)| *key == "v1")
            .filter_map(|(_, text)| hex::decode(text).ok());
        assert!(digests.any(|digest| verify(&key, &signed, &digest).is_ok()), "{self:?}");
    }
}
