//! Logs and metrics.
//!
//! Owns the subscriber with its redaction, the recorder and the names of all series. Both are installed once per
//! process and shared by every server in it. Read `series` for what is counted.

mod log;
pub mod metrics;
mod redact;
pub mod series;

pub use log::start_logging;
pub use metrics::Metrics;
