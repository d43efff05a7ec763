//! `fondaco serve`: the server itself.

use super::Outcome;
use super::greeting::{Fresh, greeting};
use super::print::say;
use crate::app::{App, Parts};
use crate::clock::{Clock, Ids};
use crate::config::{Config, clock_offset};
use crate::telemetry;

pub(super) const EXAMPLES: &str = "\
Examples:
  fondaco serve
  fondaco serve --bind 0.0.0.0:8080 --data /srv/fondaco
  FONDACO_DATABASE_URL=postgres://fondaco@localhost/fondaco fondaco serve
  fondaco serve --set sandbox_clock=true --set webhooks_allow_http=true --log fondaco=debug";

pub(super) async fn serve(config: Config) -> Outcome {
    telemetry::start_logging(&config.log);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let offset_ms = clock_offset::read(&config.data)?;
    if offset_ms > 0 && !config.sandbox.clock {
        // Going back would put rows into the future.
        tracing::warn!(
            offset_ms,
            "the sandbox clock was moved once; the server's time stays ahead of the real one"
        );
    }
    let ids = Ids::default();
    let parts = Parts {
        config: config.clone(),
        clock: Clock::system(offset_ms),
        ids: ids.clone(),
        ticks: true,
    };
    let app = App::build(parts).await?;
    let text = greeting(&config, &app.url(), &Fresh::draw(&ids));
    // A task of its own gets its turn when `run` first waits, which is for signals: whoever reads the greeting may send
    // one at once and has it heard.
    actix_rt::spawn(async move { say(text) });
    Ok(app.run().await)
}
