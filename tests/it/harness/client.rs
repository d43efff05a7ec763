//! A client that takes any answer and shows it whole when it is not the one a test wants.

use super::leaks::Ledger;
use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::time::Duration;

/// How long a connection may rest before it is dropped: shorter than the server's patience, so that no request is sent on
/// one that is just being closed.
const IDLE: Duration = Duration::from_secs(2);

/// Talks to one server with one set of headers.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    headers: Vec<(String, String)>,
    ledger: Ledger,
}

impl Client {
    pub(super) fn new(base: &str) -> Self {
        // Each test may be a process of its own; a second call finds it installed.
        rustls::crypto::ring::default_provider().install_default().ok();
        let none = reqwest::redirect::Policy::none();
        Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(none)
                .pool_idle_timeout(IDLE)
                .build()
                .unwrap(),
            base: base.to_owned(),
            headers: Vec::new(),
            ledger: Ledger::default(),
        }
    }

    /// The same client, which notes every secret that an answer shows.
    pub(super) fn noting(mut self, ledger: &Ledger) -> Self {
        self.ledger = ledger.clone();
        self
    }

    /// The same client, of another server.
    pub(crate) fn at(&self, base: &str) -> Self {
        let mut other = self.clone();
        base.clone_into(&mut other.base);
        other
    }

    /// The same client with one more header.
    pub(crate) fn header(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    /// The same client with a Bearer credential.
    pub(crate) fn bearer(&self, credential: &str) -> Self {
        self.header("Authorization", &format!("Bearer {credential}"))
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts JSON.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// Patches with JSON.
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// Deletes.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Sends a request of any method, with a JSON body where there is one.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(Method::from_bytes(method.as_bytes()).unwrap(), path);
        let request = body.iter().fold(request, |request, body| request.json(body));
        self.send(request).await
    }

    /// Sends a body as it is, labelled as JSON: for what no JSON value can say.
    pub(crate) async fn raw(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(method, path).header("Content-Type", "application/json");
        self.send(request.body(body)).await
    }

    /// Sends a form with fields and a file, as a browser does.
    pub(crate) async fn upload(&self, method: &str, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        const BOUNDARY: &str = "a-boundary-of-the-tests";
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let (name, bytes) = file;
        let head = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
        let part = format!("--{BOUNDARY}\r\n{head}\r\nContent-Type: application/zip\r\n\r\n");
        body.extend_from_slice(part.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let request = self.request(Method::from_bytes(method.as_bytes()).unwrap(), path);
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send(request.header("Content-Type", kind).body(body)).await
    }

    /// Pays a checkout of the sandbox at the address its answer gave, with a test card; answers what the page says.
    pub(crate) async fn pay(&self, url: &str, card: &str) -> Answer {
        self.form(url.strip_prefix(&self.base).unwrap_or(url), &[("card", card)])
            .await
    }

    /// Sends a form as a browser does.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self.request(Method::POST, path);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        self.send(request.body(body)).await
    }

    /// Sends a body as it is, labelled by the client's own headers.
    pub(crate) async fn call_text(&self, method: &str, path: &str, body: String) -> Answer {
        let request = self.request(Method::from_bytes(method.as_bytes()).unwrap(), path);
        self.send(request.body(body)).await
    }

    /// Asks a server that may die meanwhile; `None` where no whole answer came.
    pub(crate) async fn attempt(&self, method: Method, path: &str, body: Value) -> Option<Answer> {
        self.answer(self.request(method, path).json(&body)).await.ok()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        self.headers
            .iter()
            .fold(request, |request, (name, value)| request.header(name, value))
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        self.answer(request).await.unwrap()
    }

    async fn answer(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await?;
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        self.ledger.note(&json);
        Ok(Answer {
            status,
            headers,
            json,
            body,
        })
    }
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body, `null` where it is no JSON.
    pub(crate) json: Value,
    /// Its bytes.
    pub(crate) body: Bytes,
}

impl Answer {
    /// Fails unless this is the status; returns the JSON body.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json
    }

    /// Fails unless status and body are these.
    #[track_caller]
    pub(crate) fn equals(self, status: u16, expected: Value) {
        let body = self.is(status);
        assert_eq!(body, expected, "\n{body:#}\n{expected:#}");
    }

    /// The text of a header, empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
