//! `fondaco upgrade-watch`: what an upgrade starts beside the new version; nobody calls it by hand.

use super::Outcome;
use crate::upgrades::watch::Watch;
use clap::Args;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

pub(super) const EXAMPLES: &str = "\
An upgrade of `fondaco serve` starts this by itself.";

/// What is watched.
#[derive(Debug, Args)]
pub(super) struct UpgradeWatchArguments {
    /// The process that becomes the new version.
    #[arg(long)]
    pid: u32,
    /// Where it listens.
    #[arg(long)]
    address: SocketAddr,
    /// The program's file.
    #[arg(long)]
    program: PathBuf,
    /// The copy of the old one.
    #[arg(long)]
    previous: PathBuf,
    /// Where the progress is written.
    #[arg(long)]
    state: PathBuf,
    /// The database's file.
    #[arg(long, requires = "saved")]
    database: Option<PathBuf>,
    /// The copy of it.
    #[arg(long, requires = "database")]
    saved: Option<PathBuf>,
    /// What the server was started with.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

pub(super) async fn run(arguments: UpgradeWatchArguments) -> Outcome {
    let watch = Watch {
        pid: arguments.pid,
        address: arguments.address,
        program: arguments.program,
        previous: arguments.previous,
        state: arguments.state,
        database: arguments.database.zip(arguments.saved),
        arguments: arguments.arguments,
    };
    watch.run().await?;
    Ok(ExitCode::SUCCESS)
}
