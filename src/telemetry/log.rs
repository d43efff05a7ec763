//! The subscriber: text for people, one JSON object per line for machines, secrets redacted in both.

use super::redact::Redacting;
use crate::config::Log;
use std::io::stderr;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging to standard error; a second call in one process changes nothing.
pub fn start_logging(log: &Log) {
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer().with_writer(|| Redacting::new(stderr()));
    let registry = tracing_subscriber::registry().with(filter);
    let started = match log.json {
        true => registry.with(lines.json().flatten_event(true)).try_init(),
        false => registry.with(lines.with_ansi(false)).try_init(),
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging runs already");
    }
}
