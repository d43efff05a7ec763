//! `fondaco export`: everything a tenant owns, from a running server into one file.

use super::Outcome;
use super::operator::Target;
use super::print::say;
use crate::config::Config;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

/// Longest silence of the server.
const SILENCE_MAX: Duration = Duration::from_secs(120);

/// Fetch everything a tenant owns as a tar archive: rows as lines of JSON, and the uploads.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExportArguments {
    /// Live API key with full access, or the owner's session token.
    #[arg(long, env = "FONDACO_KEY", hide_env_values = true)]
    key: String,
    /// File to write; an existing one is not replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    target: Target,
}

const EXAMPLES: &str = "\
Examples:
  fondaco export --key fo_live_… --out my-shop.tar
  FONDACO_KEY=fo_live_… fondaco export --out my-shop.tar && tar -tf my-shop.tar";

pub(super) async fn run(arguments: &ExportArguments, config: &Config) -> Outcome {
    let http = reqwest::Client::builder().no_proxy().read_timeout(SILENCE_MAX).build()?;
    let base = arguments.target.base(config);
    let url = format!("{}/api/v1/export", base.trim_end_matches('/'));
    let request = match arguments.key.starts_with("cgls_") {
        true => http.get(&url).header("X-API-Key", &arguments.key),
        false => http.get(&url).bearer_auth(&arguments.key),
    };
    let mut response = request.send().await?;
    if !response.status().is_success() {
        let status = response.status().as_u16();
        let said = response.text().await.unwrap_or_default();
        return Err(format!("the server answered {status}: {said}").into());
    }
    // Under another name first: a file of that name is a whole archive.
    let part = arguments.out.with_extension("part");
    if arguments.out.exists() {
        return Err(format!("{} exists already", arguments.out.display()).into());
    }
    let mut file = tokio::fs::File::create(&part).await?;
    let mut size = 0;
    while let Some(piece) = response.chunk().await? {
        size += piece.len();
        file.write_all(&piece).await?;
    }
    file.sync_all().await?;
    tokio::fs::rename(&part, &arguments.out).await?;
    say(format!("{size} bytes written to {}", arguments.out.display()));
    Ok(ExitCode::SUCCESS)
}
