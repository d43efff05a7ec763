//! The one error every layer speaks; only `http` turns it into a status and bytes.

use super::code::{Code, Kind};
use super::rate_limit::Window;
use super::time::Timestamp;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What services, stores and actors return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One field that breaks a rule, in neutral names; the dialect renames it on the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Neutral path of the field, members joined by a full stop, list places as numbers: `modules.0.title`.
    pub field: Cow<'static, str>,
    /// What is wrong, for a person.
    pub message: Cow<'static, str>,
    /// Stable name of the broken rule, such as `required`, `too_long`, `type`.
    pub rule: &'static str,
}

/// What went wrong, for the caller; the source is for the log only.
#[derive(Clone, Debug)]
pub struct Error {
    /// The catalogue entry.
    pub code: Code,
    /// For the caller; never holds a secret nor another tenant's data.
    pub message: Cow<'static, str>,
    /// All invalid fields at once; empty unless the code is `Validation`.
    pub fields: Vec<FieldError>,
    /// Whole seconds after which trying again can succeed; set for 429 and 503.
    pub retry_after_s: Option<u64>,
    /// Neutral facts for the body's `details`, such as `{max, current}`.
    pub details: Option<Value>,
    /// Stable key of a text that a dialect's contract fixes (`[messages]` in its file).
    pub text: Option<&'static str>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of this code with a message for the caller.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: Vec::new(),
            retry_after_s: None,
            details: None,
            text: None,
            source: None,
        }
    }

    /// Nothing of that kind and id for this caller; `what` is a noun such as `product`.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("No such {what}."))
    }

    /// One field breaks one rule.
    pub fn field(field: impl Into<Cow<'static, str>>, rule: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::fields(vec![FieldError {
            field: field.into(),
            message: message.into(),
            rule,
        }])
    }

    /// Several fields break rules.
    pub fn fields(fields: Vec<FieldError>) -> Self {
        Self {
            fields,
            ..Self::new(Code::Validation, "Invalid input")
        }
    }

    /// The caller sent something unreadable.
    pub fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Malformed, message)
    }

    /// The server cannot do it now; `retry_after_s` is at least 1.
    pub fn unavailable(retry_after_s: u64) -> Self {
        Self {
            retry_after_s: Some(retry_after_s.max(1)),
            ..Self::new(Code::Unavailable, "The service is temporarily unavailable.")
        }
    }

    /// A fault of ours; the source goes to the log, the caller sees nothing of it.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(Arc::from(source.into())),
            ..Self::new(Code::Internal, "Something went wrong on our side.")
        }
    }

    /// Adds what lies behind it, for the log.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// Adds neutral facts for the body's `details`.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// Names the window that is full, for the headers of a refusal that nobody else tells a window of. Bodies of such
    /// refusals tell no facts.
    #[must_use]
    pub fn with_window(self, window: Option<Window>) -> Self {
        let Some(window) = window else { return self };
        let mut facts = match &self.details {
            Some(Value::Object(facts)) => facts.clone(),
            _ => Map::new(),
        };
        facts.insert("limit".to_owned(), window.limit.into());
        facts.insert("remaining".to_owned(), window.remaining.into());
        facts.insert("reset_at".to_owned(), window.reset_at.0.into());
        self.with_details(Value::Object(facts))
    }

    /// The window that is full, where one was named.
    pub fn window(&self) -> Option<Window> {
        let facts = self.details.as_ref().filter(|_| self.kind() == Kind::RateLimited)?;
        let number = |name: &str| facts.get(name)?.as_u64();
        Some(Window {
            limit: u32::try_from(number("limit")?).ok()?,
            remaining: u32::try_from(number("remaining")?).ok()?,
            reset_at: Timestamp(facts.get("reset_at")?.as_i64()?),
        })
    }

    /// Names the text a dialect's contract may fix for this case.
    #[must_use]
    pub fn with_text(mut self, text: &'static str) -> Self {
        self.text = Some(text);
        self
    }

    /// What lies behind it, for the log.
    pub fn source(&self) -> Option<&(dyn std::error::Error + Send + Sync)> {
        self.source.as_deref()
    }

    /// The sort of trouble it is.
    pub fn kind(&self) -> Kind {
        self.code.kind()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for Error {}
