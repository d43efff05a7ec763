//! One call as a handler sees it: context, path, query and body, read through the caller's dialect.

use super::bounds;
use super::credential::is_cross_site;
use super::route::Route;
use crate::context::Ctx;
use crate::domain::dialect::PageRequest;
use crate::domain::{Error, Result};
use crate::files::spool::Spooled;
use actix_web::http::header::HeaderMap;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Everything a handler may look at.
pub struct Call {
    /// Who, where and when.
    pub ctx: Ctx,
    /// The route that was met.
    pub route: &'static Route,
    /// Request headers.
    pub headers: HeaderMap,
    /// Values of the path's places, decoded.
    pub path: Vec<(String, String)>,
    /// Query parameters in order, decoded.
    pub query: Vec<(String, String)>,
    /// The body as it came; of a form with a file, its fields and what is known of the file, as JSON.
    pub bytes: Bytes,
    /// Whether only the head of the answer is asked for.
    pub is_head: bool,
    /// The file that came with a form, on routes that take one.
    pub upload: Option<Spooled>,
    /// Why a form with a file could not be read.
    pub unread: Option<Error>,
}

impl Call {
    /// The text at a place of the path.
    pub fn place(&self, name: &str) -> &str {
        self.path.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The id at a place of the path.
    ///
    /// # Errors
    /// What the dialect says of an id that no row can have: `Malformed`, or `NotFound` where its contract has no 400.
    pub fn id(&self, name: &str) -> Result<Uuid> {
        let refusal = |_| Error::new(self.ctx.dialect.path_id_code(), format!("`{name}` must be a UUID."));
        Uuid::try_parse(self.place(name)).map_err(refusal)
    }

    /// The body as a JSON object; an empty body is `{}`.
    ///
    /// # Errors
    /// `Malformed` where it is something else.
    pub fn object(&self) -> Result<Map<String, Value>> {
        let bytes = without_mark(&self.bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Map::new());
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(map)) => {
                bounds::body(&map)?;
                Ok(map)
            }
            Ok(_) => Err(Error::malformed("The body must be a JSON object.")),
            Err(error) => Err(Error::malformed(format!(
                "The body is not JSON: line {}, column {}.",
                error.line(),
                error.column()
            ))),
        }
    }

    /// The body read by the form of this operation in the caller's dialect.
    ///
    /// # Errors
    /// `Malformed` or `Validation` with every field that breaks a rule.
    pub fn form<T: DeserializeOwned>(&self) -> Result<T> {
        self.form_of(self.route.op)
    }

    /// The body read by the form of another operation.
    ///
    /// # Errors
    /// As [`Call::form`].
    pub fn form_of<T: DeserializeOwned>(&self, op: &str) -> Result<T> {
        self.read(op, &Map::new())
    }

    /// The body read by this operation's form where an amount without a currency beside it is of a known one.
    ///
    /// # Errors
    /// As [`Call::form`].
    pub fn form_in<T: DeserializeOwned>(&self, currency: &str) -> Result<T> {
        let known = Map::from_iter([("currency".to_owned(), Value::from(currency))]);
        self.read(self.route.op, &known)
    }

    fn read<T: DeserializeOwned>(&self, op: &str, known: &Map<String, Value>) -> Result<T> {
        if let Some(error) = &self.unread {
            return Err(error.clone());
        }
        let mut body = self.object()?;
        if self.ctx.dialect.credential.body.is_some() {
            for (name, value) in &self.query {
                body.entry(name.clone()).or_insert_with(|| Value::String(value.clone()));
            }
        }
        let neutral = self.ctx.dialect.read_onto(op, &body, known)?;
        serde_json::from_value(Value::Object(neutral)).map_err(Error::internal)
    }

    /// The body read by the form of this operation where neutral facts are known of the thing it changes, such as the
    /// `currency` its amounts are in.
    ///
    /// # Errors
    /// As [`Call::form`].
    pub fn form_onto<T: DeserializeOwned>(&self, known: &Map<String, Value>) -> Result<T> {
        let neutral = self.ctx.dialect.read_onto(self.route.op, &self.object()?, known)?;
        serde_json::from_value(Value::Object(neutral)).map_err(Error::internal)
    }

    /// The file that came with the form.
    ///
    /// # Errors
    /// `Validation` where there is none.
    pub fn file(&mut self) -> Result<Spooled> {
        let missing = || Error::field("file", "required", "A part named file is required");
        self.upload.take().ok_or_else(missing)
    }

    /// The form, or, where it does not hold, first the answer to whether the thing is there at all: 404 goes before
    /// validation.
    ///
    /// # Errors
    /// What `exists` or the form says.
    pub async fn form_for<T: DeserializeOwned>(&self, exists: impl Future<Output = Result<()>>) -> Result<T> {
        match self.form() {
            Ok(form) => Ok(form),
            Err(error) => {
                exists.await?;
                Err(error)
            }
        }
    }

    /// The query read by this operation's form in the caller's dialect.
    ///
    /// # Errors
    /// As the dialect's rules for the query say.
    pub fn filter<T: DeserializeOwned>(&self) -> Result<T> {
        let mut query = self.query.clone();
        if self.ctx.dialect.credential.body.is_some() {
            let sent = self.object()?.into_iter().filter(|(_, value)| !value.is_null());
            query.extend(sent.map(|(name, value)| match value {
                Value::String(text) => (name, text),
                other => (name, other.to_string()),
            }));
        }
        let neutral = self.ctx.dialect.read_query(self.route.op, &query)?;
        serde_json::from_value(Value::Object(neutral)).map_err(Error::internal)
    }

    /// Which page is asked for.
    ///
    /// # Errors
    /// As the dialect's paging rules say.
    pub fn page(&self) -> Result<PageRequest> {
        self.ctx.dialect.page_request(&self.query)
    }

    /// Whether a browser says that another site made it send this writing request.
    pub fn is_cross_site(&self) -> bool {
        is_cross_site(&self.route.method, &self.headers, &self.ctx.house.public_url)
    }

    /// A request header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A body without the mark that some programs put before UTF-8; it belongs to no JSON.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}
