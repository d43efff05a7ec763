//! What an attempt brought back, cut to bounds.

use super::failure::Failure;
use crate::domain::Timestamp;
use crate::domain::delivery::{NetworkClass, Outcome};
use crate::domain::retry::retry_after_s;
use bytes::BytesMut;
use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER, SET_COOKIE};

/// Bytes of an answer's body that are kept: enough to recognise an error page.
pub const BODY_MAX: usize = 16 * 1024;
/// Bytes of an answer's headers that are kept, names and values together.
pub const HEADERS_MAX: usize = 8 * 1024;

/// What came of one attempt.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// The answer's status; `None` where no head came in time.
    pub status: Option<u16>,
    /// The answer's headers, in order, at most `HEADERS_MAX` bytes; never cookies.
    pub headers: Vec<(String, String)>,
    /// The start of the answer's body, at most `BODY_MAX` bytes.
    pub body: BytesMut,
    /// Whether more of the body would have come.
    pub is_cut: bool,
    /// Milliseconds spent on resolving, connecting and TLS; `None` on a connection that was open already.
    pub connect_ms: Option<u32>,
    /// Milliseconds until the answer's head was there.
    pub first_byte_ms: Option<u32>,
    /// Milliseconds in all.
    pub total_ms: u32,
    /// What went wrong, if anything; may stand beside a status when the body broke off.
    pub failure: Option<Failure>,
}

impl Sent {
    /// Sorts the attempt; `now` turns a `Retry-After` date into seconds.
    ///
    /// The deadline counts for the whole answer, so a status whose body drips past it is a time-out. A body that merely
    /// breaks off changes nothing: the receiver has said what it had to say.
    pub fn outcome(&self, now: Timestamp) -> Outcome {
        match (&self.failure, self.status) {
            (Some(failure), _) if failure.class == NetworkClass::Timeout => Outcome::Network(NetworkClass::Timeout),
            (_, Some(status)) => Outcome::of_status(status, self.retry_after_s(now)),
            (Some(failure), None) => Outcome::Network(failure.class),
            (None, None) => Outcome::Network(NetworkClass::Other),
        }
    }

    /// The kept body as text that any column takes: invalid UTF-8 and NUL, which PostgreSQL refuses, are replaced.
    pub fn body_text(&self) -> String {
        String::from_utf8_lossy(&self.body).replace('\0', "\u{fffd}")
    }

    /// Takes in an answer, as much of it as is kept. Dropping the rest unread closes the connection.
    pub(super) async fn read(&mut self, mut response: Response) -> Result<(), Failure> {
        self.status = Some(response.status().as_u16());
        self.keep_headers(response.headers());
        loop {
            let chunk = response.chunk().await.map_err(|error| Failure::of_error(&error))?;
            let Some(chunk) = chunk else { return Ok(()) };
            let room = BODY_MAX - self.body.len();
            self.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                self.is_cut = true;
                return Ok(());
            }
        }
    }

    fn keep_headers(&mut self, headers: &HeaderMap) {
        let mut room = HEADERS_MAX;
        for (name, value) in headers.iter().filter(|(name, _)| **name != SET_COOKIE) {
            let value = String::from_utf8_lossy(value.as_bytes());
            let Some(left) = room.checked_sub(name.as_str().len() + value.len()) else {
                continue;
            };
            room = left;
            self.headers.push((name.as_str().to_owned(), value.into_owned()));
        }
    }

    fn retry_after_s(&self, now: Timestamp) -> Option<u64> {
        let (_, value) = self.headers.iter().find(|(name, _)| name == RETRY_AFTER.as_str())?;
        retry_after_s(value, now)
    }
}
