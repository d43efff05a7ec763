//! The recorder behind `/metrics`.

use super::series;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// Bounds of the request histogram, in seconds: from a bare answer to the slowest that is still of use.
const REQUEST_BUCKETS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// Bounds of the delivery lag, in seconds: from at once to hours behind.
const LAG_BUCKETS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 60.0, 300.0, 3600.0];
/// Bounds of an attempt, in seconds: up to the longest deadline and a little over.
const ATTEMPT_BUCKETS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0];
/// Samples gathered for longer than this are folded into their buckets, scraped or not.
const FOLD_EVERY: Duration = Duration::from_secs(5);

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
static INSTALLING: Mutex<()> = Mutex::new(());

/// Handle to the recorder of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Installs the recorder with every series at 0, or hands out the one that stands: several servers may live in one
    /// process, and a process has one recorder.
    pub fn install() -> Result<Self, BuildError> {
        let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(standing) = RECORDER.get() {
            return Ok(Self(standing.clone()));
        }
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(series::HTTP_DURATION.to_owned()), REQUEST_BUCKETS)?
            .set_buckets_for_metric(Matcher::Full(series::DELIVERY_LAG.to_owned()), LAG_BUCKETS)?
            .set_buckets_for_metric(Matcher::Full(series::DELIVERY_DURATION.to_owned()), ATTEMPT_BUCKETS)?
            .install_recorder()?;
        series::describe_all();
        fold_samples(handle.clone());
        Ok(Self(RECORDER.get_or_init(|| handle).clone()))
    }

    /// The exposition text of Prometheus, version 0.0.4.
    pub fn render(&self) -> String {
        self.0.render()
    }
}

/// Keeps the samples of a server that nobody scrapes from growing without bound.
#[expect(clippy::disallowed_methods, reason = "a thread of its own that only ever waits")]
fn fold_samples(handle: PrometheusHandle) {
    let forever = move || {
        loop {
            std::thread::sleep(FOLD_EVERY);
            handle.run_upkeep();
        }
    };
    if let Err(error) = std::thread::Builder::new().name("metrics".to_owned()).spawn(forever) {
        tracing::warn!(%error, "samples are folded at scrapes only");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_is_there_from_the_start_and_two_servers_share_them() {
        let first = Metrics::install().unwrap();
        let second = Metrics::install().unwrap();
        let text = first.render();
        for line in [
            "fondaco_http_requests_total{class=\"5xx\"} 0",
            "fondaco_http_request_duration_seconds_count 0",
            "fondaco_http_request_duration_seconds_bucket{le=\"+Inf\"} 0",
            "fondaco_rate_limited_total 0",
            "fondaco_webhook_deliveries_total{outcome=\"failed\"} 0",
            "fondaco_webhook_delivery_lag_seconds_count 0",
            "fondaco_webhook_pending 0",
            "fondaco_actor_restarts_total{actor=\"tenant\"} 0",
            "fondaco_mailbox_full_total 0",
            "fondaco_tenants_active 0",
            "fondaco_sandbox_clock_offset_seconds 0",
        ] {
            assert!(text.contains(&format!("{line}\n")), "{line} is missing in\n{text}");
        }
        series::http_request(204, Duration::from_millis(3));
        assert!(second.render().contains("fondaco_http_requests_total{class=\"2xx\"} 1\n"));
    }

    #[test]
    fn boards_and_alerts_speak_of_series_that_there_are() {
        let text = Metrics::install().unwrap().render();
        for file in [
            include_str!("../../config/grafana.json"),
            include_str!("../../config/alerts.yml"),
        ] {
            let words = file.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            for name in words.filter(|word| word.starts_with("fondaco_")) {
                let line = match name.strip_suffix("_bucket") {
                    Some(histogram) => format!("# TYPE {histogram} histogram\n"),
                    None => format!("# TYPE {name} "),
                };
                assert!(text.contains(&line), "{name} is no series of ours, or not of that form");
            }
        }
    }
}
