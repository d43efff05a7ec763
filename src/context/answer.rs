//! What a service answers.

use crate::domain::dialect::{Done, PageInfo};
use crate::domain::{Error, Result};
use crate::streamed::Streamed;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A neutral answer, before a dialect gives it its form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// One thing.
    One {
        /// Which view it is rendered with.
        view: String,
        /// The neutral value.
        value: Value,
        /// What was done.
        done: Done,
    },
    /// One page of things.
    Page {
        /// Which view each is rendered with.
        view: String,
        /// The neutral values.
        items: Vec<Value>,
        /// Where the page stands.
        info: PageInfo,
    },
    /// Nothing to say: 204.
    Empty,
    /// An answer with further headers.
    With {
        /// Name and value.
        header: (String, String),
        /// The answer itself.
        answer: Box<Answer>,
    },
    /// Bytes that come as they are made; never remembered for a replay.
    #[serde(skip)]
    Stream(Streamed),
    /// Bytes that no dialect touches, such as a page or a script.
    Raw {
        /// HTTP status.
        status: u16,
        /// Headers, the content type among them.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
}

impl Answer {
    /// One thing that was read or changed.
    pub fn one(view: &str, value: &impl Serialize) -> Result<Self> {
        Self::with(Done::Ok, view, value)
    }

    /// One thing that is new.
    pub fn created(view: &str, value: &impl Serialize) -> Result<Self> {
        Self::with(Done::Created, view, value)
    }

    /// One thing that is gone; most dialects say so without a body.
    pub fn deleted(view: &str, value: &impl Serialize) -> Result<Self> {
        Self::with(Done::Deleted, view, value)
    }

    /// One thing, with what was done to it.
    pub fn with(done: Done, view: &str, value: &impl Serialize) -> Result<Self> {
        Ok(Self::One {
            view: view.to_owned(),
            value: serde_json::to_value(value).map_err(Error::internal)?,
            done,
        })
    }

    /// One page.
    pub fn page<T: Serialize>(view: &str, items: &[T], info: PageInfo) -> Result<Self> {
        let items = items
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<_, _>>()
            .map_err(Error::internal)?;
        Ok(Self::Page {
            view: view.to_owned(),
            items,
            info,
        })
    }

    /// Whether it says that something was done; only such an answer is worth repeating.
    pub fn is_good(&self) -> bool {
        match self {
            Self::One { .. } | Self::Page { .. } | Self::Empty => true,
            Self::With { answer, .. } => answer.is_good(),
            Self::Raw { status, .. } => *status < 400,
            // What has flowed by cannot be repeated.
            Self::Stream(_) => false,
        }
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn header(self, name: &str, value: String) -> Self {
        Self::With {
            header: (name.to_owned(), value),
            answer: Box::new(self),
        }
    }

    /// A text that no dialect touches.
    pub fn raw(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Raw {
            status,
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body: body.into(),
        }
    }
}
