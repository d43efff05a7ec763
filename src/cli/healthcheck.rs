//! `fondaco healthcheck`: for containers and supervisors.

use super::Outcome;
use super::client::{Call, Client};
use super::operator::{Target, local_url};
use super::print::say;
use crate::config::Config;
use clap::Args;
use reqwest::Method;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct HealthcheckArguments {
    #[command(flatten)]
    target: Target,
}

const EXAMPLES: &str = "\
Examples:
  fondaco healthcheck && echo ready
  fondaco healthcheck --url http://10.0.0.5:8080
  HEALTHCHECK CMD [\"fondaco\", \"healthcheck\"]      in a Dockerfile

Exit code 0 means that the database, the migrations and the actors are ready.";

/// Asks the address that was bound, not the public URL: a proxy in between has a health of its own.
pub(super) async fn run(arguments: &HealthcheckArguments, config: &Config) -> Outcome {
    let base = arguments.target.url.clone().unwrap_or_else(|| local_url(config));
    let call = Call {
        method: Method::GET,
        path: "/readyz",
        bearer: None,
        body: None,
    };
    let answer = Client::new(&base)?.send(call).await?;
    match answer.status {
        200 => {
            say(format!("ready: {base}"));
            Ok(ExitCode::SUCCESS)
        }
        status => Err(format!("{base}/readyz was answered with {status}: {}", answer.trouble()).into()),
    }
}
