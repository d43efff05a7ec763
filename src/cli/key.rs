//! `fondaco key`: the API keys of one tenant of a running server.

use super::Outcome;
use super::operator::{Operator, Target};
use super::print::{cell, say, table};
use crate::config::Config;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Create a key; it is shown this once.
    #[command(after_help = CREATE)]
    Create(Create),
    /// List a tenant's keys; never the keys themselves.
    #[command(after_help = LIST)]
    List(List),
    /// Revoke a key for good; it stops working before the command returns.
    #[command(after_help = REVOKE)]
    Revoke(Revoke),
}

const CREATE: &str = "\
Examples:
  fondaco key create --tenant my-shop --name ci
  fondaco key create --tenant my-shop --name reader --scope products:read --scope analytics:read
  fondaco key create --tenant my-shop --name rehearsal --mode test
  fondaco key create --tenant my-shop --name old-client --dialect sellf";

const LIST: &str = "\
Examples:
  fondaco key list --tenant my-shop
  fondaco key list --tenant my-shop --json";

const REVOKE: &str = "\
Examples:
  fondaco key revoke --tenant my-shop 0190b2a4-3c5d-7e8f-9a0b-1c2d3e4f5a6b";

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Slug or id of the tenant.
    #[arg(long)]
    tenant: String,
    /// Name for people.
    #[arg(long)]
    name: String,
    /// Dialect of the key: its prefix, its scope names, how its calls are answered [default: the tenant's].
    #[arg(long)]
    dialect: Option<String>,
    /// live or test [default: live].
    #[arg(long)]
    mode: Option<String>,
    /// What the key may do, in the dialect's own words; may be repeated [default: everything].
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Slug or id of the tenant.
    #[arg(long)]
    tenant: String,
    /// Print JSON, one object per line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// Slug or id of the tenant.
    #[arg(long)]
    tenant: String,
    /// Id of the key, as `fondaco key list` shows it.
    id: String,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(command: &KeyCommand, config: &Config) -> Outcome {
    match command {
        KeyCommand::Create(create) => make(create, config).await,
        KeyCommand::List(list) => show(list, config).await,
        KeyCommand::Revoke(revoke) => end(revoke, config).await,
    }
}

async fn make(create: &Create, config: &Config) -> Outcome {
    let operator = Operator::of(&create.target, config)?;
    let tenant = operator.tenant(&create.tenant).await?;
    let mut body = Map::from_iter([("name".to_owned(), json!(create.name))]);
    // What is not said is left out: each dialect has its own rule for absent scopes.
    let said = [("dialect", &create.dialect), ("mode", &create.mode)];
    body.extend(
        said.into_iter()
            .filter_map(|(member, value)| Some((member.to_owned(), json!(value.as_ref()?)))),
    );
    if !create.scopes.is_empty() {
        body.insert("scopes".to_owned(), json!(create.scopes));
    }
    let key = operator
        .post(&format!("/tenants/{tenant}/api-keys"), &Value::Object(body))
        .await?;
    say(format!("key  {}  (shown this once)", cell(&key, "key")));
    say(format!("id   {}", cell(&key, "id")));
    Ok(ExitCode::SUCCESS)
}

async fn show(list: &List, config: &Config) -> Outcome {
    let operator = Operator::of(&list.target, config)?;
    let tenant = operator.tenant(&list.tenant).await?;
    let keys = operator.list(&format!("/tenants/{tenant}/api-keys")).await?;
    if list.json {
        keys.iter().for_each(|key| say(key.to_string()));
        return Ok(ExitCode::SUCCESS);
    }
    let columns = [
        "id",
        "name",
        "key_prefix",
        "dialect",
        "mode",
        "scopes",
        "is_active",
        "last_used_at",
    ];
    let rows: Vec<Vec<_>> = keys
        .iter()
        .map(|key| columns.iter().map(|column| cell(key, column)).collect())
        .collect();
    table(&columns, &rows);
    Ok(ExitCode::SUCCESS)
}

async fn end(revoke: &Revoke, config: &Config) -> Outcome {
    let operator = Operator::of(&revoke.target, config)?;
    let tenant = operator.tenant(&revoke.tenant).await?;
    operator.delete(&format!("/tenants/{tenant}/api-keys/{}", revoke.id)).await?;
    say(format!("revoked {}", revoke.id));
    Ok(ExitCode::SUCCESS)
}
