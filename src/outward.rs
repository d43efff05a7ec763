//! Calls to places the operator named: the release feed, an advertising network. No stranger chooses where they go, so
//! nothing is guarded but time and size.

use bytes::Bytes;
use futures_util::StreamExt as _;
use reqwest::{Client, ClientBuilder, redirect};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// Redirects followed when something is fetched; those of a release's host are two.
const REDIRECTS_MAX: usize = 5;
/// What a small call may take in all.
const DEADLINE: Duration = Duration::from_secs(10);
/// Largest answer of a small call.
const ANSWER_MAX: usize = 256 * 1024;
/// Longest pause within a download.
const STALL: Duration = Duration::from_secs(30);

/// Why a call came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// The client; clones share it.
#[derive(Clone, Debug)]
pub struct Outward {
    fetching: Client,
    posting: Client,
}

impl Outward {
    /// Builds the clients; the error's text names what is wrong with the machine.
    pub fn new() -> Result<Self, String> {
        let build = |policy: fn() -> redirect::Policy| {
            let built = configured(policy()).build();
            // A machine without certificate authorities (a bare container) still serves; https fails there.
            built.or_else(|_| configured(policy()).tls_certs_only([]).build())
        };
        let fetching = build(|| redirect::Policy::limited(REDIRECTS_MAX));
        let posting = build(redirect::Policy::none);
        let trouble = |error: reqwest::Error| format!("the HTTP client cannot be built: {error}");
        Ok(Self {
            fetching: fetching.map_err(trouble)?,
            posting: posting.map_err(trouble)?,
        })
    }

    /// Fetches something small.
    ///
    /// # Errors
    /// What went wrong, in words that name no address.
    pub async fn get(&self, url: &str) -> Result<Answer, Failure> {
        within(async { small(self.fetching.get(url).send().await).await }).await
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// As [`Outward::get`].
    pub async fn post(&self, url: &str, body: &Value) -> Result<Answer, Failure> {
        let request = self.posting.post(url).header("Content-Type", "application/json");
        within(async { small(request.body(body.to_string()).send().await).await }).await
    }

    /// Fetches something large, piece by piece; `take` gets each with the length that was announced.
    ///
    /// # Errors
    /// As [`Outward::get`], and what `take` says.
    pub async fn download(
        &self,
        url: &str,
        mut take: impl FnMut(&Bytes, Option<u64>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let stalled = || Failure("the download stands still".to_owned());
        let sent = tokio::time::timeout(STALL, self.fetching.get(url).send());
        let response = sent.await.map_err(|_| stalled())?.map_err(named)?;
        if !response.status().is_success() {
            return Err(Failure(format!("the download answered {}", response.status().as_u16())));
        }
        let length = response.content_length();
        let mut pieces = response.bytes_stream();
        while let Some(piece) = tokio::time::timeout(STALL, pieces.next()).await.map_err(|_| stalled())? {
            take(&piece.map_err(named)?, length)?;
        }
        Ok(())
    }
}

fn configured(policy: redirect::Policy) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("Fondaco/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(policy)
        .referer(false)
        .retry(reqwest::retry::never())
        .http1_only()
}

async fn within<T>(call: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout(DEADLINE, call).await {
        Ok(done) => done,
        Err(_) => Err(Failure("no answer in time".to_owned())),
    }
}

async fn small(sent: reqwest::Result<reqwest::Response>) -> Result<Answer, Failure> {
    let mut response = sent.map_err(named)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(named)? {
        if body.len() + piece.len() > ANSWER_MAX {
            return Err(Failure("the answer is too large".to_owned()));
        }
        body.extend_from_slice(&piece);
    }
    Ok(Answer { status, body })
}

/// Without the address, which may hold a token.
fn named(error: reqwest::Error) -> Failure {
    let text = match () {
        () if error.is_connect() => "no connection",
        () if error.is_redirect() => "too many redirects",
        () if error.is_builder() => "the address is no URL",
        () => "the exchange broke off",
    };
    Failure(text.to_owned())
}
