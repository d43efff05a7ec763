//! Files in an S3 bucket. Requests are signed by `rusty-s3` and sent by the same client library as everything else.

use super::spool::Spooled;
use crate::domain::files::link::GOOD_FOR_S;
use crate::domain::files::name;
use crate::domain::{Error, Result, Timestamp};
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use reqwest::{Body, Client, Response, StatusCode};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use std::io;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// How long a signature made for a request of our own is good.
const SIGNED_FOR: Duration = Duration::from_secs(3600);
/// How long the bucket may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long it may say nothing.
const SILENCE: Duration = Duration::from_secs(60);

/// One bucket.
pub(super) struct S3 {
    bucket: Bucket,
    credentials: Credentials,
    client: Client,
}

impl S3 {
    /// Takes up `s3://[key:secret@]bucket?endpoint=…&region=…[&style=virtual]`; without a key in it the usual variables
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` are looked at.
    pub(super) fn open(url: &Url) -> Result<Self, String> {
        let told = |what: &str| format!("FONDACO_STORAGE_URL: {what}");
        let query = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let region = query("region").unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = query("endpoint").unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let endpoint = Url::parse(&endpoint).map_err(|error| told(&format!("the endpoint is no URL: {error}")))?;
        let style = match query("style").as_deref() {
            Some("virtual") => UrlStyle::VirtualHost,
            _ => UrlStyle::Path,
        };
        let name = url
            .host_str()
            .ok_or_else(|| told("name a bucket: s3://bucket?endpoint=…"))?
            .to_owned();
        let bucket = Bucket::new(endpoint, style, name, region).map_err(|error| told(&error.to_string()))?;
        let decoded = |text: &str| {
            let pairs = format!("v={}", text.replace('+', "%2B"));
            url::form_urlencoded::parse(pairs.as_bytes())
                .next()
                .map(|(_, value)| value.into_owned())
        };
        let given = match (decoded(url.username()), url.password().and_then(decoded)) {
            (Some(key), Some(secret)) if !key.is_empty() => Some(Credentials::new(key, secret)),
            _ => Credentials::from_env(),
        };
        let credentials = given.ok_or_else(|| {
            told("no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write s3://key:secret@bucket?…")
        })?;
        let client = Client::builder()
            .no_proxy()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .build()
            .map_err(|error| told(&error.to_string()))?;
        Ok(Self {
            bucket,
            credentials,
            client,
        })
    }

    fn object(id: Uuid) -> String {
        format!("files/{}", id.simple())
    }

    pub(super) async fn keep(&self, id: Uuid, spooled: &Spooled) -> Result<()> {
        let file = tokio::fs::File::open(spooled.path())
            .await
            .map_err(Error::internal)?
            .into_std()
            .await;
        let object = Self::object(id);
        let url = self.bucket.put_object(Some(&self.credentials), &object).sign(SIGNED_FOR);
        let body = Body::wrap_stream(super::reading::whole(file));
        let sent = self
            .client
            .put(url)
            .header("content-length", spooled.size())
            .body(body)
            .send();
        good(sent.await).map(|_| ())
    }

    pub(super) async fn remove(&self, id: Uuid) -> Result<()> {
        let object = Self::object(id);
        let url = self.bucket.delete_object(Some(&self.credentials), &object).sign(SIGNED_FOR);
        match good(self.client.delete(url).send().await) {
            Err(error) if error.code != crate::domain::Code::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) async fn read(&self, id: Uuid) -> Result<BoxStream<'static, io::Result<Bytes>>> {
        let object = Self::object(id);
        let url = self.bucket.get_object(Some(&self.credentials), &object).sign(SIGNED_FOR);
        let response = good(self.client.get(url).send().await)?;
        Ok(response.bytes_stream().map(|piece| piece.map_err(io::Error::other)).boxed())
    }

    pub(super) fn link(&self, id: Uuid, given: &str, real_now: Timestamp) -> Result<Url> {
        let at = jiff::Timestamp::from_millisecond(real_now.0).map_err(Error::internal)?;
        let (object, disposition) = (Self::object(id), name::disposition(given));
        let mut action = self.bucket.get_object(Some(&self.credentials), &object);
        action
            .query_mut()
            .insert("response-content-disposition", disposition.as_str());
        Ok(action.sign_with_time(Duration::from_secs(GOOD_FOR_S.unsigned_abs()), &at))
    }
}

/// The answer, if it is a good one.
fn good(answer: reqwest::Result<Response>) -> Result<Response> {
    let response = answer.map_err(|error| Error::unavailable(5).caused_by(error.without_url()))?;
    match response.status() {
        status if status.is_success() => Ok(response),
        StatusCode::NOT_FOUND => Err(Error::not_found("file")),
        status => Err(Error::unavailable(5).caused_by(format!("the bucket answers {status}"))),
    }
}
