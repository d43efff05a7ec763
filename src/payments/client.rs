//! The thin client: one call with a deadline, an answer of bounded size, and errors sorted by what they mean for us.
//!
//! It does not repeat a call by itself: each has a key by which Stripe knows a repetition, and whoever calls again uses the
//! same one.

use super::types::PaymentError;
use crate::domain::stripe::form::Form;
use crate::domain::stripe::shapes::API_VERSION;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{ClientBuilder, RequestBuilder, Response, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Largest answer that is read; Stripe's are a few KiB.
const ANSWER_MAX: usize = 1024 * 1024;
/// Longest text of a refusal that is passed on.
const MESSAGE_MAX: usize = 500;

/// The connection to Stripe, without an account.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Arc<str>,
    deadline: Duration,
}

/// The connection on one account.
#[derive(Clone)]
pub struct Stripe {
    client: Client,
    secret: SecretString,
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripe").finish_non_exhaustive()
    }
}

impl Client {
    /// A client for `{base}/v1/…`; the error's text names what is wrong with the machine.
    pub fn new(base: String, deadline: Duration) -> Result<Self, String> {
        // Fails only if a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = match configured().build() {
            Ok(http) => http,
            // A machine without certificate authorities (a bare container) still serves; https fails there.
            Err(_) => configured()
                .tls_certs_only([])
                .build()
                .map_err(|error| format!("the HTTP client cannot be built: {error}"))?,
        };
        Ok(Self {
            http,
            base: base.trim_end_matches('/').into(),
            deadline,
        })
    }

    /// The same on an account.
    pub fn account(&self, secret: SecretString) -> Stripe {
        Stripe {
            client: self.clone(),
            secret,
        }
    }
}

fn configured() -> ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("Fondaco/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .http1_only()
}

impl Stripe {
    /// Makes one call; `key` makes a repetition of it the same call.
    ///
    /// # Errors
    /// Every way in which it can fail, sorted.
    pub async fn post(&self, path: &str, form: &Form, key: &str) -> Result<Value, PaymentError> {
        let request = self.client.http.post(self.address(path));
        let request = request
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("Idempotency-Key", key)
            .body(form.body());
        self.exchange(path, request).await
    }

    /// Reads one thing.
    ///
    /// # Errors
    /// As [`Stripe::post`].
    pub async fn get(&self, path: &str, query: &Form) -> Result<Value, PaymentError> {
        let address = format!("{}?{}", self.address(path), query.body());
        self.exchange(path, self.client.http.get(address)).await
    }

    fn address(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.client.base)
    }

    async fn exchange(&self, path: &str, request: RequestBuilder) -> Result<Value, PaymentError> {
        let answered = match tokio::time::timeout(self.client.deadline, self.answer(request)).await {
            Ok(answered) => answered,
            Err(_) => Err(PaymentError::Unavailable),
        };
        if let Err(error) = &answered {
            // The path names no person and no secret.
            tracing::warn!(path, %error, "a call to the payment provider failed");
        }
        answered
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Value, PaymentError> {
        let bearer = format!("Bearer {}", self.secret.expose_secret());
        let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| PaymentError::Key)?;
        bearer.set_sensitive(true);
        let request = request.header(AUTHORIZATION, bearer).header("Stripe-Version", API_VERSION);
        let response = request.send().await.map_err(|_| PaymentError::Unavailable)?;
        let status = response.status();
        let body = read(response).await?;
        let answer = serde_json::from_slice::<Value>(&body).ok().filter(Value::is_object);
        sorted(status, answer)
    }
}

/// The body, as long as it is of sensible size.
async fn read(mut response: Response) -> Result<Vec<u8>, PaymentError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| PaymentError::Unavailable)? {
        if body.len() + chunk.len() > ANSWER_MAX {
            return Err(PaymentError::Garbage);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What an answer means for us.
fn sorted(status: StatusCode, answer: Option<Value>) -> Result<Value, PaymentError> {
    match status.as_u16() {
        200..=299 => answer.ok_or(PaymentError::Garbage),
        401 | 403 => Err(PaymentError::Key),
        // A conflict is another call with the same key that is still under way.
        409 | 424 | 425 | 429 | 500..=599 => Err(PaymentError::Unavailable),
        400..=499 => Err(refusal(answer.as_ref())),
        _ => Err(PaymentError::Garbage),
    }
}

/// A refusal that names no error is none of Stripe's.
fn refusal(answer: Option<&Value>) -> PaymentError {
    let Some(error) = answer.and_then(|answer| answer.get("error")).and_then(Value::as_object) else {
        return PaymentError::Garbage;
    };
    let text = |name: &str| error.get(name).and_then(Value::as_str);
    let message = text("message").unwrap_or("no reason was given");
    PaymentError::Refused {
        code: text("decline_code").or_else(|| text("code")).map(ToOwned::to_owned),
        message: message.chars().take(MESSAGE_MAX).collect(),
    }
}

/// An id as part of a path: nothing in it ends the segment.
pub(super) fn segment(id: &str) -> String {
    id.chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(code: &str, message: &str) -> PaymentError {
        PaymentError::Refused {
            code: Some(code.to_owned()),
            message: message.to_owned(),
        }
    }

    #[test]
    fn answers_are_sorted_by_what_they_mean() {
        let error = |body: Value| Some(json!({ "error": body }));
        let table = [
            (
                402,
                error(json!({"type": "card_error", "code": "card_declined", "decline_code": "lost_card", "message": "No."})),
                refused("lost_card", "No."),
            ),
            (
                400,
                error(json!({"code": "charge_already_refunded", "message": "Done."})),
                refused("charge_already_refunded", "Done."),
            ),
            (
                404,
                error(json!({"code": "resource_missing", "message": "No such."})),
                refused("resource_missing", "No such."),
            ),
            (400, None, PaymentError::Garbage),
            (400, Some(json!({"error": "text"})), PaymentError::Garbage),
            (200, None, PaymentError::Garbage),
            (302, None, PaymentError::Garbage),
            (401, error(json!({"message": "Invalid API Key"})), PaymentError::Key),
            (409, error(json!({"type": "idempotency_error"})), PaymentError::Unavailable),
            (429, None, PaymentError::Unavailable),
            (500, None, PaymentError::Unavailable),
            (503, error(json!({"message": "Later"})), PaymentError::Unavailable),
        ];
        for (status, answer, expected) in table {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(sorted(status, answer.clone()), Err(expected), "{status} {answer:?}");
        }
        assert!(sorted(StatusCode::OK, Some(json!({"id": "cs_1"}))).is_ok());
    }

    #[test]
    fn an_id_stays_within_its_segment() {
        assert_eq!(segment("sub_1/../refunds?x=1"), "sub_1refundsx1");
    }
}
