//! `fondaco tenant`: the shops of a running server.

use super::Outcome;
use super::operator::{Operator, Target};
use super::print::{cell, say, table};
use crate::clock::Ids;
use crate::config::Config;
use clap::{Args, Subcommand};
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// Create a tenant and its owner.
    #[command(after_help = CREATE)]
    Create(Create),
    /// List all tenants.
    #[command(after_help = LIST)]
    List(List),
}

const CREATE: &str = "\
Examples:
  fondaco tenant create --name 'My shop' --slug my-shop --owner-email me@example.com
  fondaco tenant create --name Academy --slug academy --dialect bigclass --owner-email me@example.com
  fondaco tenant create --url https://api.example.com --name X --slug x --owner-email x@example.com

The password is taken from --owner-password, else from FONDACO_OWNER_PASSWORD, else made and printed once.";

const LIST: &str = "\
Examples:
  fondaco tenant list
  fondaco tenant list --json";

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Name for people.
    #[arg(long)]
    name: String,
    /// Short name in URLs and commands, unique on the server.
    #[arg(long)]
    slug: String,
    /// Wire conventions its answers and webhooks follow [default: the server's].
    #[arg(long)]
    dialect: Option<String>,
    /// The owner signs in with this.
    #[arg(long, value_name = "EMAIL")]
    owner_email: String,
    /// And with this.
    #[arg(long, value_name = "PASSWORD", env = "FONDACO_OWNER_PASSWORD", hide_env_values = true)]
    owner_password: Option<String>,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Print JSON, one object per line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(command: &TenantCommand, config: &Config) -> Outcome {
    match command {
        TenantCommand::Create(create) => make(create, config).await,
        TenantCommand::List(list) => show(list, config).await,
    }
}

async fn make(create: &Create, config: &Config) -> Outcome {
    let operator = Operator::of(&create.target, config)?;
    let made = || hex::encode(Ids::default().bytes::<12>());
    let password = create.owner_password.clone().unwrap_or_else(made);
    let tenant = operator
        .post(
            "/tenants",
            &json!({
                "name": create.name,
                "slug": create.slug,
                "dialect": create.dialect.as_ref().unwrap_or(&config.dialects.default),
                "owner": { "email": create.owner_email, "password": password },
            }),
        )
        .await?;
    say(format!("tenant    {} ({})", cell(&tenant, "slug"), cell(&tenant, "id")));
    say(format!("dialect   {}", cell(&tenant, "dialect")));
    say(format!("owner     {}", create.owner_email));
    if create.owner_password.is_none() {
        say(format!("password  {password}  (shown this once)"));
    }
    say(format!("next      fondaco key create --tenant {} --name first", create.slug));
    Ok(ExitCode::SUCCESS)
}

async fn show(list: &List, config: &Config) -> Outcome {
    let tenants = Operator::of(&list.target, config)?.list("/tenants").await?;
    if list.json {
        tenants.iter().for_each(|tenant| say(tenant.to_string()));
        return Ok(ExitCode::SUCCESS);
    }
    let columns = ["slug", "name", "dialect", "created_at", "id"];
    let rows: Vec<Vec<_>> = tenants
        .iter()
        .map(|tenant| columns.iter().map(|column| cell(tenant, column)).collect())
        .collect();
    table(&columns, &rows);
    Ok(ExitCode::SUCCESS)
}
