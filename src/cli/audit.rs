//! `fondaco audit`: the audit log as it lies in the database.

use super::Outcome;
use super::print::say;
use crate::config::Config;
use crate::offline::{self, Chain, Finding};
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Check that no entry was changed, removed or put in; the exit code is 1 where one was.
    #[command(after_help = VERIFY)]
    Verify,
}

const VERIFY: &str = "\
The database is opened for reading alone: a server may run meanwhile.

Examples:
  fondaco audit verify
  fondaco audit verify --data /srv/fondaco
  fondaco audit verify --database-url postgres://fondaco@db.example/fondaco";

pub(super) async fn run(command: &AuditCommand, config: &Config) -> Outcome {
    match command {
        AuditCommand::Verify => verify(config).await,
    }
}

async fn verify(config: &Config) -> Outcome {
    let chains = offline::verify_audit(config).await?;
    for chain in &chains {
        say(told(chain));
    }
    let broken = chains
        .iter()
        .filter(|chain| matches!(chain.finding, Finding::Broken { .. }))
        .count();
    say(format!("chains checked: {}, broken: {broken}", chains.len()));
    Ok(ExitCode::from(u8::from(broken > 0)))
}

fn told(chain: &Chain) -> String {
    let name = match (&chain.slug, chain.tenant) {
        (Some(slug), _) => slug.clone(),
        (None, Some(tenant)) => format!("{tenant} (no such tenant any more)"),
        (None, None) => "entries whose tenant cannot be read".to_owned(),
    };
    match &chain.finding {
        Finding::Whole { entries: 1 } => format!("whole   {name}: 1 entry"),
        Finding::Whole { entries } => format!("whole   {name}: {entries} entries"),
        Finding::Broken { seq, id } => {
            let id = id.map_or_else(|| "whose id cannot be read".to_owned(), |id| format!("with the id {id}"));
            format!("BROKEN  {name}: the first entry that does not fit is at {seq}, {id}")
        }
    }
}
