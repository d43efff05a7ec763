//! An answer whose bytes come as they are made.

use crate::domain::{Error, Result};
use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Headers, and a stream that is taken once.
#[derive(Clone)]
pub struct Streamed {
    status: u16,
    length: Option<u64>,
    headers: Vec<(String, String)>,
    bytes: Arc<Mutex<Option<BoxStream<'static, Result<Bytes>>>>>,
}

impl Streamed {
    /// An answer of these headers, the content type among them.
    pub fn new(headers: Vec<(String, String)>, bytes: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self::fallible(headers, bytes.map(Ok))
    }

    /// The same of bytes that may not all be to be had: an error cuts the connection, so that a part is not taken for the
    /// whole.
    pub fn fallible(headers: Vec<(String, String)>, bytes: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> Self {
        Self {
            status: 200,
            length: None,
            headers,
            bytes: Arc::new(Mutex::new(Some(bytes.boxed()))),
        }
    }

    /// The same with another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same, whose length is known; a stream that ends before it breaks the connection, so that nobody takes a piece
    /// for the whole.
    #[must_use]
    pub fn sized(mut self, length: u64) -> Self {
        self.length = Some(length);
        self
    }

    /// Its status.
    pub fn status_code(&self) -> u16 {
        self.status
    }

    /// Its length, where it is known.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Names and values.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The bytes; an empty stream for whoever comes second.
    pub fn take(&self) -> BoxStream<'static, Result<Bytes>> {
        let taken = self.bytes.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.unwrap_or_else(|| futures_util::stream::empty().boxed())
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streamed")
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
