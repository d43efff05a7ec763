//! A small JSON client for a running server.

use reqwest::Method;
use serde_json::{Map, Value};
use std::error::Error;
use std::time::Duration;

/// Longest wait for one answer; logging in hashes a password, everything else is far quicker.
const DEADLINE: Duration = Duration::from_secs(10);

/// Talks to one server.
pub(super) struct Client {
    base: String,
    http: reqwest::Client,
}

/// One answer.
pub(super) struct Answer {
    /// Its status.
    pub(super) status: u16,
    /// Its body, `null` where it is not JSON.
    pub(super) body: Value,
}

impl Client {
    /// A client for the server at `base`; proxies of the environment are not asked, since the server is ours.
    pub(super) fn new(base: &str) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().no_proxy().timeout(DEADLINE).build()?;
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            http,
        })
    }

    /// Sends one request; the secret goes as a Bearer token. Any status is an answer.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Answer, Box<dyn Error>> {
        let url = format!("{}{}", self.base, call.path);
        let mut request = self.http.request(call.method, &url);
        if let Some(secret) = call.bearer {
            request = request.bearer_auth(secret);
        }
        if let Some(body) = call.body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| match error.is_connect() {
            true => format!("no server answers at {}; is it running?", self.base).into(),
            false => Box::<dyn Error>::from(error),
        })?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await?;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Answer { status, body })
    }

    /// Pays on a sandbox page with a test card.
    pub(super) async fn pay(&self, page: &str, card: &str) -> Result<(), Box<dyn Error>> {
        let form = self
            .http
            .post(page)
            .header("Content-Type", "application/x-www-form-urlencoded");
        let answer = form.body(format!("card={card}")).send().await?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            status => Err(format!("the payment was answered with {status}").into()),
        }
    }

    /// Sends one request that must succeed and returns the body.
    pub(super) async fn ask(&self, call: Call<'_>) -> Result<Value, Box<dyn Error>> {
        let what = format!("{} {}", call.method, call.path);
        let answer = self.send(call).await?;
        match answer.status {
            200..=299 => Ok(answer.body),
            status => Err(format!("{what} was answered with {status}: {}", answer.trouble()).into()),
        }
    }
}

/// One request.
pub(super) struct Call<'a> {
    /// The verb.
    pub(super) method: Method,
    /// Path and query.
    pub(super) path: &'a str,
    /// The credential.
    pub(super) bearer: Option<&'a str>,
    /// The JSON body.
    pub(super) body: Option<&'a Value>,
}

impl Answer {
    /// What the server says is wrong, in whichever envelope it says it.
    pub(super) fn trouble(&self) -> String {
        let error = &self.body["error"];
        let said = error["message"].as_str().or_else(|| error.as_str());
        let details = error.get("details").or_else(|| self.body.get("details"));
        match (said, details) {
            (Some(said), Some(details)) if !details.is_null() => format!("{said} {details}"),
            (Some(said), _) => said.to_owned(),
            (None, _) => self.body.to_string(),
        }
    }
}

/// The object inside an answer, whatever the envelope: under `data`, under a noun, or flat.
pub(super) fn object(body: &Value) -> &Value {
    let nested = |body: &'_ Map<String, Value>| body.values().filter(|value| value.is_object()).count() == 1;
    match body {
        Value::Object(members) if members.contains_key("data") => &body["data"],
        Value::Object(members) if nested(members) => members.values().find(|value| value.is_object()).unwrap_or(body),
        _ => body,
    }
}
