//! The command line: what each command is called and takes, and which function does it.
//!
//! `serve` and `demo` build a server here; all others are clients of a running one. Nothing below knows this layer.

mod audit;
mod client;
mod demo;
mod export;
mod greeting;
mod healthcheck;
mod key;
mod listen;
mod operator;
mod print;
mod serve;
mod settings;
mod tenant;
mod upgrade_watch;
mod webhooks;

use crate::app::StartError;
use crate::config::{Config, Problems};
use clap::{Parser, Subcommand};
use settings::SettingFlags;
use std::error::Error;
use std::process::ExitCode;

/// What a command comes to; an error is printed and makes the exit code 1.
type Outcome = Result<ExitCode, Box<dyn Error>>;

/// Fondaco, a self-hosted commerce API for many sellers, spoken to in several dialects.
///
/// Without a command it serves: no variable has to be set and nothing else has to run.
#[derive(Debug, Parser)]
#[command(name = "fondaco", version, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    settings: SettingFlags,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  fondaco                                       serve on 127.0.0.1:8080, data in ./data
  fondaco demo --dialect sellf                  show one signed delivery and how it is verified
  fondaco --bind 0.0.0.0:80 --data /srv/fondaco serve elsewhere
  fondaco tenant create --name 'My shop' --slug my-shop --owner-email me@example.com
  fondaco key create --tenant my-shop --name ci --scope products:read

Every setting is explained in config/fondaco.toml; the order is flag, environment, file, default.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until SIGTERM or SIGINT, then finish what is in flight.
    #[command(after_help = serve::EXAMPLES)]
    Serve,
    /// Show one signed delivery and how it is verified, on a server made for it and thrown away.
    Demo(demo::DemoArguments),
    /// Create or list tenants on a running server.
    #[command(subcommand)]
    Tenant(tenant::TenantCommand),
    /// Create, list or revoke a tenant's API keys on a running server.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Check the audit log in the database.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Follow a tenant's events and forward them to a program on this machine.
    Listen(listen::ListenArguments),
    /// Look into webhooks: what is wrong with a signature.
    #[command(subcommand)]
    Webhooks(webhooks::WebhooksCommand),
    /// Fetch everything a tenant owns from a running server.
    Export(export::ExportArguments),
    /// Ask a running server whether it is ready; the exit code is the answer.
    Healthcheck(healthcheck::HealthcheckArguments),
    /// Watch over a new version; an upgrade starts this by itself.
    #[command(hide = true, after_help = upgrade_watch::EXAMPLES)]
    UpgradeWatch(upgrade_watch::UpgradeWatchArguments),
}

/// Settings that cannot be used have an exit code of their own, so that a supervisor need not try again.
const UNUSABLE: u8 = 2;

/// Does what the arguments say and returns the exit code of the process.
pub fn run(arguments: Arguments) -> ExitCode {
    let config = match Config::load(&arguments.settings.sources()) {
        Ok(config) => config,
        Err(problems) => return refuse(&problems),
    };
    let outcome = actix_rt::System::new().block_on(async move {
        match arguments.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::serve(config).await,
            Command::Demo(arguments) => demo::demo(&arguments, &config).await,
            Command::Tenant(command) => tenant::run(&command, &config).await,
            Command::Key(command) => key::run(&command, &config).await,
            Command::Audit(command) => audit::run(&command, &config).await,
            Command::Listen(arguments) => listen::run(&arguments, &config).await,
            Command::Webhooks(command) => webhooks::run(&command, &config),
            Command::Export(arguments) => export::run(&arguments, &config).await,
            Command::Healthcheck(arguments) => healthcheck::run(&arguments, &config).await,
            Command::UpgradeWatch(arguments) => upgrade_watch::run(arguments).await,
        }
    });
    outcome.unwrap_or_else(|error| {
        print::complain(&*error);
        match error.downcast_ref::<StartError>() {
            Some(start) if start.is_final() => ExitCode::from(UNUSABLE),
            _ => ExitCode::FAILURE,
        }
    })
}

fn refuse(problems: &Problems) -> ExitCode {
    print::complain(problems);
    ExitCode::from(UNUSABLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_command_means_serve_and_flags_stand_before_or_after_it() {
        let bare = Arguments::parse_from(["fondaco", "--bind", "127.0.0.1:0"]);
        assert!(bare.command.is_none());
        let named = Arguments::parse_from(["fondaco", "serve", "--bind", "127.0.0.1:0"]);
        assert!(matches!(named.command, Some(Command::Serve)));
    }

    #[test]
    fn every_command_shows_examples() {
        let mut command = Arguments::command();
        command.build();
        let named = command.get_subcommands().filter(|sub| sub.get_name() != "help");
        let leaves = named.flat_map(|sub| match sub.has_subcommands() {
            true => sub
                .get_subcommands()
                .filter(|leaf| leaf.get_name() != "help")
                .collect::<Vec<_>>(),
            false => vec![sub],
        });
        for leaf in leaves {
            let shown = leaf.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(shown.contains("fondaco"), "{} has no example", leaf.get_name());
        }
    }
}
