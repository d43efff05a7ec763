//! The guarded HTTP client that makes deliveries.
//!
//! A stranger chose the URL, so three things are judged: the URL before anything else, every address its name resolves to
//! on the way to the socket (`guard`), and the address of the connection that answered, as a tripwire. There are no
//! redirects, proxies, cookies or decompression; one deadline covers resolving, connecting, headers and body; of the answer
//! at most 16 KiB are kept, after which the connection is closed. One `Sender` serves the whole process: building the
//! client costs milliseconds, and its idle connections are what makes delivering cheap.

mod answer;
mod failure;
mod guard;
#[cfg(test)]
mod tests;
mod timing;

pub use answer::{BODY_MAX, HEADERS_MAX, Sent};
pub use failure::Failure;

use super::lanes::TENANT_MAX;
use crate::clock::Stopwatch;
use crate::domain::delivery::NetworkClass;
use crate::domain::network::{Egress, Target, UrlRefusal, forbidden, is_reserved_header};
use bytes::Bytes;
use guard::Guard;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, Response, redirect};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use timing::{Connects, TimeConnects};
use url::{Host, Url};

/// Idle connections kept per host: all that one tenant may have in flight. With fewer, each batch of a saturated endpoint
/// closes what the next one opens again.
const IDLE_PER_HOST_MAX: usize = TENANT_MAX as usize;
/// How long an idle connection is kept; most servers close theirs after a minute.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// Ends connects that outlive their caller: the client goes on with one in the background if an idle connection won.
const CONNECT_MAX: Duration = Duration::from_secs(60);

/// URLs whose judgement is kept; beyond it all are judged anew. The rules they are judged by do not change under way.
const JUDGED_MAX: usize = 4_096;
/// How long a name is looked up before its URL is registered.
const LOOK_MAX: Duration = Duration::from_millis(500);

/// What a sender may do and how it finds names.
#[derive(Clone, Debug, Default)]
pub struct SenderOptions {
    /// Which targets are admitted.
    pub egress: Egress,
    /// Names answered from here instead of by the system's resolver, in lower case; the answers are judged like any other.
    pub names: HashMap<String, Vec<IpAddr>>,
}

/// One request to make.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The endpoint's URL, as registered.
    pub url: String,
    /// Headers; of one name the last counts, so custom headers come first. Reserved names are left out.
    pub headers: Vec<(String, String)>,
    /// The very bytes that were signed.
    pub body: Bytes,
    /// What resolving, connecting, headers and body may take together.
    pub deadline: Duration,
}

/// Makes deliveries. Clones share one client.
#[derive(Clone, Debug)]
pub struct Sender {
    client: Client,
    guard: Guard,
    egress: Arc<Egress>,
    /// URLs that were admitted, as the client takes them.
    admitted: Arc<Mutex<HashMap<String, Target>>>,
}

impl Sender {
    /// Builds the process's client; the error text names what is wrong with the machine.
    pub fn new(options: SenderOptions) -> Result<Self, String> {
        // Fails only if a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let egress = Arc::new(options.egress);
        let guard = Guard::new(egress.clone(), options.names);
        let looking = guard.clone();
        let client = match configured(guard.clone()).build() {
            Ok(client) => client,
            Err(error) => {
                // A machine without certificate authorities (a bare container) still serves; https targets fail there.
                tracing::warn!(error = %error, "no certificate authorities found, https deliveries will fail");
                configured(guard)
                    .tls_certs_only([])
                    .build()
                    .map_err(|error| format!("the HTTP client cannot be built: {error}"))?
            }
        };
        Ok(Self {
            client,
            guard: looking,
            egress,
            admitted: Arc::default(),
        })
    }

    /// The rules it follows, for judging a URL when it is registered.
    pub fn egress(&self) -> &Egress {
        &self.egress
    }

    /// The kind of a forbidden address that the URL's name resolves to at present; none also where nothing is known within
    /// half a second, since every attempt asks again.
    pub async fn forbids(&self, url: &str) -> Option<&'static str> {
        let Ok(Target::Remote(url)) = self.egress.check(url) else {
            return None;
        };
        let Some(Host::Domain(name)) = url.host() else { return None };
        tokio::time::timeout(LOOK_MAX, self.guard.forbids(name)).await.ok().flatten()
    }

    /// Makes one attempt; ends by the deadline whatever the receiver does.
    pub async fn send(&self, outgoing: Outgoing) -> Sent {
        let watch = Stopwatch::start();
        let connects = Connects::default();
        let deadline = outgoing.deadline;
        let mut sent = Sent::default();
        let exchange = connects.clone().within(self.exchange(outgoing, watch, &mut sent));
        let failure = match tokio::time::timeout(deadline, exchange).await {
            Ok(Ok(())) => None,
            Ok(Err(failure)) => Some(failure),
            Err(_) => Some(Failure::timeout()),
        };
        sent.failure = failure;
        sent.connect_ms = connects.elapsed_ms();
        sent.total_ms = watch.elapsed_ms();
        sent
    }

    /// Fills `sent` as the answer comes in, so that what has arrived by the deadline is kept.
    async fn exchange(&self, outgoing: Outgoing, watch: Stopwatch, sent: &mut Sent) -> Result<(), Failure> {
        let target = self.target(&outgoing.url).map_err(Failure::of_refusal)?;
        let (url, is_own) = match target {
            Target::Remote(url) => (url, false),
            Target::Own(url) => (url, true),
        };
        let headers = header_map(&outgoing.headers)?;
        let response = self.post(url, headers, outgoing.body).await?;
        if !is_own {
            self.check_peer(&response)?;
        }
        sent.first_byte_ms = Some(watch.elapsed_ms());
        sent.read(response).await
    }

    fn target(&self, url: &str) -> Result<Target, UrlRefusal> {
        // Nothing in here can be left half changed by a panic.
        let mut admitted = self.admitted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(target) = admitted.get(url) {
            return Ok(target.clone());
        }
        let target = self.egress.check(url)?;
        if admitted.len() >= JUDGED_MAX {
            admitted.clear();
        }
        admitted.insert(url.to_owned(), target.clone());
        Ok(target)
    }

    async fn post(&self, url: Url, headers: HeaderMap, body: Bytes) -> Result<Response, Failure> {
        let request = self.client.post(url).headers(headers).body(body);
        request.send().await.map_err(|error| Failure::of_error(&error))
    }

    /// Tripwire: if this ever fires, the guard has a hole; nothing of the answer is kept.
    fn check_peer(&self, response: &Response) -> Result<(), Failure> {
        let kind = response
            .remote_addr()
            .and_then(|peer| forbidden(peer.ip(), &self.egress.allowed));
        kind.map_or(Ok(()), |kind| {
            tracing::error!(kind, "a delivery reached a forbidden address past the guard");
            Err(Failure::forbidden(kind))
        })
    }
}

fn configured(guard: Guard) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("Fondaco/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(guard)
        .connector_layer(TimeConnects)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .http1_only()
        .connect_timeout(CONNECT_MAX)
        .pool_idle_timeout(IDLE_MAX)
        .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(|(name, _)| !is_reserved_header(name)) {
        let unsendable = || Failure::new(NetworkClass::Unsendable, format!("the header {name:?} cannot be sent"));
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable())?;
        // From bytes, so that a custom value may hold more than ASCII.
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| unsendable())?;
        map.insert(key, value);
    }
    Ok(map)
}
