//! Sorting the client's errors into the few classes that logs, retries and lanes go by.

use super::guard::Blocked;
use crate::domain::delivery::NetworkClass;
use crate::domain::network::UrlRefusal;
use std::error::Error;
use std::io;

/// Longest text of a failure, in characters: it lands in a column of every attempt.
const TEXT_MAX: usize = 200;

/// Why an attempt brought no whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The class.
    pub class: NetworkClass,
    /// For the endpoint's owner; names no address.
    pub text: String,
}

impl Failure {
    pub(super) fn new(class: NetworkClass, text: impl Into<String>) -> Self {
        Self {
            class,
            text: text.into().chars().take(TEXT_MAX).collect(),
        }
    }

    pub(super) fn timeout() -> Self {
        Self::new(NetworkClass::Timeout, "the deadline passed before the whole answer was there")
    }

    pub(super) fn forbidden(kind: &str) -> Self {
        Self::new(NetworkClass::Forbidden, format!("the target is a {kind} address"))
    }

    /// Sorts a refused URL: one that cannot be read is no crime.
    pub(super) fn of_refusal(refusal: UrlRefusal) -> Self {
        let class = match refusal {
            UrlRefusal::TooLong | UrlRefusal::Unreadable => NetworkClass::Unsendable,
            UrlRefusal::Scheme | UrlRefusal::Credentials | UrlRefusal::Port | UrlRefusal::LocalName | UrlRefusal::Address(_) => {
                NetworkClass::Forbidden
            }
        };
        Self::new(class, format!("the URL {refusal}"))
    }

    /// Sorts an error of the client by what lies at the root of it.
    pub(super) fn of_error(error: &reqwest::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(current) = cause {
            if let Some(found) = known(current) {
                return found;
            }
            cause = current.source();
        }
        match error {
            _ if error.is_timeout() => Self::timeout(),
            _ if error.is_dns() => Self::new(NetworkClass::Dns, "the name does not resolve"),
            _ if error.is_builder() => Self::new(NetworkClass::Unsendable, "the request cannot be formed"),
            _ => Self::new(NetworkClass::Other, "the request failed"),
        }
    }
}

fn known(error: &(dyn Error + 'static)) -> Option<Failure> {
    if let Some(blocked) = error.downcast_ref::<Blocked>() {
        return Some(match blocked {
            Blocked::Forbidden(kind) => Failure::new(NetworkClass::Forbidden, format!("the name resolves to a {kind} address")),
            Blocked::Unresolved => Failure::new(NetworkClass::Dns, "the name does not resolve"),
        });
    }
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(Failure::new(NetworkClass::Tls, format!("TLS failed: {tls}")));
    }
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return of_io(io);
    }
    error.downcast_ref::<hyper::Error>().and_then(of_hyper)
}

fn of_io(error: &io::Error) -> Option<Failure> {
    // A wrapped error's `source` skips the wrapped one itself, so it is looked at here.
    if let Some(found) = error.get_ref().and_then(|inner| known(inner)) {
        return Some(found);
    }
    let (class, text) = match error.kind() {
        io::ErrorKind::ConnectionRefused => (NetworkClass::Refused, "the connection was refused"),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            (NetworkClass::Reset, "the connection was reset")
        }
        io::ErrorKind::UnexpectedEof => (NetworkClass::Reset, "the connection was closed before the answer was whole"),
        io::ErrorKind::TimedOut => (NetworkClass::Timeout, "the connection timed out"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable => {
            (NetworkClass::Unreachable, "the host cannot be reached")
        }
        _ => return None,
    };
    Some(Failure::new(class, text))
}

fn of_hyper(error: &hyper::Error) -> Option<Failure> {
    let (class, text) = match error {
        _ if error.is_parse() => (NetworkClass::Protocol, "the answer's head is not HTTP or is too large"),
        _ if error.is_incomplete_message() => (NetworkClass::Reset, "the connection was closed before the answer was whole"),
        _ if error.is_timeout() => (NetworkClass::Timeout, "the connection timed out"),
        _ => return None,
    };
    Some(Failure::new(class, text))
}
